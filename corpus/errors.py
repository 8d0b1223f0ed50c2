"""What can go wrong with a document.

TiaowenError                 base of every error this project raises on purpose
└── DocumentError            a document cannot be used
    ├── UnreadableDocument   the file is missing, binary, empty or of an unknown kind
    ├── BadMetadata          its .toml is not what it should be
    └── UnknownDocument      no document has that id
"""

from collections.abc import Iterable
from pathlib import Path


class TiaowenError(Exception):
    """Base of all errors raised on purpose; the message is one sentence for a person."""


class DocumentError(TiaowenError):
    """A document cannot be used."""


class UnreadableDocument(DocumentError):
    """The file is missing, binary, empty or of an unknown kind."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"无法读取文件 {path}：{reason}")
        self.path = path


class BadMetadata(DocumentError):
    """A metadata file lacks a key or holds a value of the wrong kind."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"元数据文件 {path} 有误：{reason}")
        self.path = path


class UnknownDocument(DocumentError):
    """No document has that id."""

    def __init__(self, document_id: str, known: Iterable[str]) -> None:
        super().__init__(f"没有编号为 {document_id!r} 的文件；现有：{'、'.join(known) or '无'}")
        self.document_id = document_id
