"""Documents on disk: a text file each, with an optional metadata file (TOML) beside it."""

import hashlib
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from corpus.errors import BadMetadata, DocumentError, UnknownDocument, UnreadableDocument
from corpus.model import Document
from corpus.outline import Outline
from corpus.parse import parse_outline
from corpus.readers import READERS, read_text

SHIPPED = Path(__file__).parent / "documents"
FURTHER = SHIPPED / "further"
_FOREIGN = frozenset(
    f".{name}"
    for name in "doc docx pdf wps odt rtf html htm xls xlsx ppt pptx".split()  # noqa: SIM905
) - set(READERS)
_METADATA = {field.name: field.type for field in fields(Document) if field.name != "text"}


class Library:
    """The documents of one index, by id, with their outlines."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents: dict[str, Document] = {}
        for document in documents:
            if document.id in self._documents:
                raise DocumentError(f"两份文件的编号相同：{document.id!r}，请在元数据里改一个 id")
            self._documents[document.id] = document

    def __iter__(self) -> Iterator[Document]:
        return iter(self._documents.values())

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._documents

    def get(self, document_id: str) -> Document:
        """Return a document.

        Raises:
            UnknownDocument: There is none of that id.
        """
        try:
            return self._documents[document_id]
        except KeyError:
            raise UnknownDocument(document_id, self._documents) from None

    def outline(self, document_id: str) -> Outline:
        """Return a document's clause tree (parsed on first use).

        Raises:
            UnknownDocument: There is none of that id.
        """
        return parse_outline(self.get(document_id).text)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all documents; their order does not matter."""
        digests = sorted(document.digest for document in self)
        return hashlib.sha256("".join(digests).encode()).hexdigest()


@dataclass(frozen=True)
class Collection:
    """Documents read from paths, and the files of folders that were left out.

    Attributes:
        documents: In the order given.
        skipped: Files that hold no text.
        foreign: Documents in a format that cannot be read.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Path, ...] = ()
    foreign: tuple[Path, ...] = ()


def shipped_paths() -> list[Path]:
    """Return the files of the documents that are answered from unless others are named."""
    return sorted(path for path in SHIPPED.iterdir() if path.suffix in READERS)


def shipped_documents() -> tuple[Document, ...]:
    """Return the documents that are answered from unless others are named."""
    return collect(shipped_paths()).documents


def further_documents() -> tuple[Document, ...]:
    """Return the documents that come with the package to be measured on."""
    return collect([FURTHER]).documents


def collect(paths: Sequence[Path]) -> Collection:
    """Read files, and folders with all they hold.

    Args:
        paths: Files with a known suffix, or folders searched for such files.

    Returns:
        The documents in the order given (a folder's by name) and, of folders, the files left out
        because they hold no text, or because they are documents of another format.

    Raises:
        UnreadableDocument: A named file cannot be used, a path does not exist, or nothing is found.
        BadMetadata: A metadata file is wrong.
        DocumentError: Two documents have the same id, given in a metadata file.
    """
    documents: list[tuple[Path, Document]] = []
    skipped: list[Path] = []
    foreign: list[Path] = []
    for path in paths:
        if path.is_dir():
            found, empty = _folder(path)
            foreign += sorted(p for p in path.rglob("*") if p.suffix.lower() in _FOREIGN)
            documents += found
            skipped += empty
        elif path.exists():
            documents.append((path, read_document(path)))
        else:
            raise UnreadableDocument(path, "没有这个文件或文件夹")
    if not documents:
        raise UnreadableDocument(Path(*paths[:1]), f"里面没有可用的 {'、'.join(READERS)} 文件")
    return Collection(tuple(_distinct(documents)), tuple(skipped), tuple(foreign))


def _folder(folder: Path) -> tuple[list[tuple[Path, Document]], list[Path]]:
    documents: list[tuple[Path, Document]] = []
    empty: list[Path] = []
    files = (p for p in folder.rglob("*") if p.suffix.lower() in READERS and not p.is_dir())
    for path in sorted(files):
        try:
            documents.append((path, read_document(path)))
        except UnreadableDocument:
            empty.append(path)
    return documents, empty


def read_document(path: Path) -> Document:
    """Read one text file and the ``.toml`` of the same name beside it, if there is one.

    Without metadata the id is the file's name and the title the text's first line, if it is one.

    Raises:
        UnreadableDocument: The text cannot be used.
        BadMetadata: The metadata file is wrong.
    """
    text = read_text(path)
    outline = parse_outline(text)
    if not outline.lines:
        raise UnreadableDocument(path, "文件里没有文字")
    metadata = _metadata(path.with_suffix(".toml"))
    defaults = {"id": _slug(path.stem), "title": outline.title or path.stem}
    return Document(text=text, **{**defaults, **metadata})


def _metadata(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadMetadata(path, error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMetadata(path, f"不是合法的 TOML（{error}）") from error
    for key, value in values.items():
        if key not in _METADATA:
            raise BadMetadata(path, f"不认识的键 {key!r}；可用：{'、'.join(_METADATA)}")
        kind = _kind_missed(key, value)
        if kind:
            raise BadMetadata(path, f"{key} 应为{kind}，得到 {value!r}")
    if not values.get("id", "x") or "/" in values.get("id", ""):
        raise BadMetadata(path, "id 不能为空，也不能含 /")
    return values


def _kind_missed(key: str, value: Any) -> str:
    """Return what a value should be and is not; empty if it is."""
    if key == "examples":
        questions = isinstance(value, list) and all(isinstance(q, str) and q.strip() for q in value)
        return "" if questions else "问题（字符串）的列表"
    if key == "year":
        return "" if isinstance(value, int) and not isinstance(value, bool) else "整数"
    return "" if isinstance(value, str) else "字符串"


def _slug(stem: str) -> str:
    return re.sub(r"[\s/\\#?%&]+", "-", stem).strip("-") or "document"


def _distinct(documents: Sequence[tuple[Path, Document]]) -> list[Document]:
    """Give files of the same name in different folders ids of their own; drop exact repeats."""
    taken: dict[str, tuple[Path, Document]] = {}
    for path, document in documents:
        for candidate in _candidates(document.id):
            renamed = replace(document, id=candidate)
            if candidate not in taken:
                _refuse_shared_id(path, document, taken)
                taken[candidate] = (path, renamed)
                break
            if taken[candidate][1] == renamed:
                break
    return [document for _, document in taken.values()]


def _candidates(document_id: str) -> Iterator[str]:
    yield document_id
    yield from (f"{document_id}-{count}" for count in itertools.count(2))


def _refuse_shared_id(
    path: Path, document: Document, taken: Mapping[str, tuple[Path, Document]]
) -> None:
    """An id that metadata give is a promise: it is not changed behind the reader's back."""
    if document.id not in taken:
        return
    other, _ = taken[document.id]
    if any("id" in _metadata(file.with_suffix(".toml")) for file in (path, other)):
        raise DocumentError(f"{other} 和 {path} 的编号相同：{document.id!r}，请在元数据里改一个 id")
