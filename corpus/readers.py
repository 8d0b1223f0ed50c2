"""Suffix → reader: how a file becomes text, unchanged but for its encoding."""

import codecs
from collections.abc import Callable
from pathlib import Path

from corpus.errors import UnreadableDocument

_ENCODINGS = ("utf-8", "gb18030")


def read_plain(path: Path) -> str:
    """Read a text file as UTF-8 (with or without BOM) or GB18030; line ends stay as they are.

    Raises:
        UnreadableDocument: It cannot be opened, is binary, holds no text or is in another encoding.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(path, error.strerror or str(error)) from error
    if b"\0" in data:
        raise UnreadableDocument(path, "这是二进制文件，请另存为 UTF-8 文本")
    text = _decode(data.removeprefix(codecs.BOM_UTF8), path)
    if not text.strip():
        raise UnreadableDocument(path, "文件里没有文字")
    return text


def _decode(data: bytes, path: Path) -> str:
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableDocument(path, "编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8")


READERS: dict[str, Callable[[Path], str]] = {".txt": read_plain, ".md": read_plain}
"""A reader for each suffix (lower case) that can be indexed."""


def read_text(path: Path) -> str:
    """Read a document's text with the reader of its suffix.

    Raises:
        UnreadableDocument: No reader is known for the suffix, or the reader failed.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableDocument(path, f"只支持 {'、'.join(READERS)} 文件")
    return reader(path)
