"""A published index on disk: its files, its manifest, how it is replaced and checked.

    DIR/manifest.json        what is here and how it was made, with a checksum of itself
    DIR/documents.jsonl      the documents, whole: an index needs no other file to quote from
    DIR/passages.jsonl       one passage a line: where it stands and how many vectors it owns
    DIR/vectors.faiss        the vectors, in the order of the passages
    DIR/lexical-*            BM25
    DIR/questions.jsonl      questions a model wrote about the clauses, and
    DIR/questions.faiss      their vectors; neither is there unless asked for
    DIR/sources.json         the paths it was built from, should the manifest be lost

A build writes a sibling directory and renames it into place. The old one is renamed away just
before, so a reader that comes between the two renames finds it there (``_locate``); one that was
reading during them sees that the directory is another one and starts again (``_steadily``).
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from index.errors import (
    BuildInProgress,
    DamagedIndex,
    IndexFault,
    MissingIndex,
    NotAnIndex,
    StaleIndex,
    Unwritable,
)

FORMAT = 1
MANIFEST = "manifest.json"
DOCUMENTS = "documents.jsonl"
PASSAGES = "passages.jsonl"
VECTORS = "vectors.faiss"
SOURCES = "sources.json"
QUESTIONS = "questions.jsonl"
QUESTION_VECTORS = "questions.faiss"
_LEXICAL = "lexical-"
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # left in any folder by file managers

T = TypeVar("T")


@dataclass(frozen=True)
class FileEntry:
    """Size in bytes and SHA-256 (hex) of one file."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a published index holds and how it was made.

    ``sources`` are the paths it was built from, empty for the shipped documents.
    """

    encoder: str
    encoder_digest: str
    dimension: int
    corpus_digest: str
    documents: int
    passages: int
    vectors: int
    sources: tuple[str, ...] = ()
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> str:
        """Write as JSON with a checksum over all other keys."""
        values = asdict(self)
        return json.dumps(values | {"checksum": _checksum(values)}, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read what ``to_json`` wrote.

        Raises:
            ValueError: It is no JSON object, lacks a key, or its checksum differs.
        """
        values = json.loads(text)
        if not isinstance(values, dict) or values.pop("checksum", None) != _checksum(values):
            raise ValueError("checksum differs")
        files = {name: FileEntry(**entry) for name, entry in values.pop("files").items()}
        return cls(**values | {"files": files, "sources": tuple(values["sources"])})


def _checksum(values: Mapping[str, object]) -> str:
    blob = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(blob.encode()).hexdigest()


@contextmanager
def build_lock(directory: Path) -> Iterator[None]:
    """Hold the one lock that lets a process write this index; the system frees it on a kill.

    Raises:
        BuildInProgress: Another process holds it.
        NotAnIndex: The directory holds other files, which a build would overwrite.
        Unwritable: The system does not let us write there.
    """
    _check_target(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        _sibling(directory, "lock").touch()
    except OSError as error:
        raise Unwritable(directory, error.strerror or str(error)) from error
    try:
        with FileLock(_sibling(directory, "lock"), timeout=0):
            yield
    except Timeout:
        raise BuildInProgress(directory) from None


def publish(directory: Path, manifest: Manifest, write: Callable[[Path], None]) -> Manifest:
    """Write a new index beside the old one and put it in its place.

    Args:
        directory: Where readers look.
        manifest: All but ``files``.
        write: Writes every other file into the directory it is given.

    Returns:
        The manifest with sizes and digests.

    Raises:
        NotAnIndex: The directory holds other files.
    """
    _check_target(directory)
    fresh, previous = _sibling(directory, "building"), _sibling(directory, "previous")
    directory = directory.resolve()  # a link stays and goes on pointing here
    shutil.rmtree(fresh, ignore_errors=True)  # left by a build that was killed
    fresh.mkdir()
    write(fresh)
    sources = json.dumps(manifest.sources, ensure_ascii=False)
    (fresh / SOURCES).write_text(sources, encoding="utf-8")
    complete = replace(manifest, files={p.name: _entry(p) for p in sorted(fresh.iterdir())})
    (fresh / MANIFEST).write_text(complete.to_json(), encoding="utf-8")
    _sync(fresh)
    if directory.exists():
        shutil.rmtree(previous, ignore_errors=True)
        directory.rename(previous)
    fresh.rename(directory)
    _sync_directory(directory.parent)
    shutil.rmtree(previous, ignore_errors=True)
    return complete


def read(directory: Path, load: Callable[[Path, Manifest], T]) -> T:
    """Check every file of a published index against its manifest and load it.

    Args:
        directory: The published index.
        load: Reads the files; what it raises as ``ValueError`` counts as damage.

    Raises:
        MissingIndex: There is no such directory.
        DamagedIndex: A file is missing or differs.
        NotAnIndex: The directory holds something else.
        StaleIndex: Another format.
    """

    def attempt() -> T:
        place = _locate(directory)
        manifest = _manifest(directory, place)
        for name, entry in manifest.files.items():
            _check(directory, place, name, entry, manifest.sources)
        try:
            return load(place, manifest)
        except (OSError, ValueError) as error:
            reason = f"无法读取（{error}）"
            raise DamagedIndex(directory, VECTORS, reason, manifest.sources) from error

    return _steadily(directory, attempt)


def sources_of(directory: Path) -> tuple[str, ...]:
    """Return the paths an index was built from, from what is left of it; else none."""
    try:
        return read_manifest(directory).sources
    except IndexFault:
        return _sources_beside(directory)


def _sources_beside(directory: Path) -> tuple[str, ...]:
    try:
        return tuple(map(str, json.loads((directory / SOURCES).read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError):
        return ()


def cache_of(directory: Path) -> Path:
    """Return the file beside an index that keeps a model's questions from build to build."""
    return _sibling(directory, "questions.jsonl")


def read_manifest(directory: Path) -> Manifest:
    """Read what a published index says of itself.

    Raises:
        MissingIndex: There is no such directory.
        DamagedIndex: The manifest is missing or damaged.
        StaleIndex: Another format.
    """
    return _steadily(directory, lambda: _manifest(directory, _locate(directory)))


def _steadily(directory: Path, attempt: Callable[[], T]) -> T:
    """Repeat an attempt to read during which another index was published, failed or not."""
    while True:
        before = _stamps(directory)
        try:
            value = attempt()
        except IndexFault:
            if before == _stamps(directory):
                raise
        else:
            if before == _stamps(directory):
                return value


def _stamps(directory: Path) -> tuple[tuple[int, int] | None, ...]:
    """Tell one published directory from the next; ``None`` where there is none."""

    def stamp(path: Path) -> tuple[int, int] | None:
        try:
            status = path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    return stamp(directory), stamp(_sibling(directory, "previous"))


def _manifest(directory: Path, place: Path) -> Manifest:
    sources = _sources_beside(place)
    try:
        text = (place / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError:
        if not sources:
            _check_target(directory)
        raise DamagedIndex(directory, MANIFEST, "不见了", sources) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedIndex(directory, MANIFEST, f"无法读取（{error}）", sources) from error
    try:
        manifest = Manifest.from_json(text)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DamagedIndex(directory, MANIFEST, "已损坏", sources) from None
    if manifest.format != FORMAT:
        raise StaleIndex(directory, f"的格式是 {manifest.format}，需要 {FORMAT}", manifest.sources)
    return manifest


def _locate(directory: Path) -> Path:
    """Return the directory, or the old one if a build stopped between its two renames."""
    for place in (directory, _sibling(directory, "previous")):
        try:
            if any(place.iterdir()):
                return place
        except (FileNotFoundError, NotADirectoryError):
            continue
    raise MissingIndex(directory)


def _check(
    directory: Path, place: Path, name: str, entry: FileEntry, sources: Sequence[str]
) -> None:
    try:
        found = _entry(place / name)
    except FileNotFoundError:
        raise DamagedIndex(directory, name, "不见了", sources) from None
    except OSError as error:
        raise DamagedIndex(directory, name, f"无法读取（{error.strerror}）", sources) from error
    if found != entry:
        raise DamagedIndex(directory, name, "已损坏（与 manifest.json 记录的不符）", sources)


def _check_target(directory: Path) -> None:
    """Let nothing be replaced but an index, whole or damaged: all its files must be ours."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise NotAnIndex(directory)
    names = {path.name for path in directory.iterdir()} - set(_LITTER)
    ours = {n for n in names if n in (DOCUMENTS, PASSAGES, VECTORS) or n.startswith(_LEXICAL)}
    if names - ours - {MANIFEST, SOURCES, QUESTIONS, QUESTION_VECTORS} or (names and len(ours) < 2):
        raise NotAnIndex(directory)


def _sibling(directory: Path, role: str) -> Path:
    directory = directory.resolve()
    return directory.with_name(f".{directory.name}.{role}")


def _entry(path: Path) -> FileEntry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(path.stat().st_size, digest)


def _sync(directory: Path) -> None:
    for path in directory.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    if os.name == "nt":  # Windows cannot open a directory
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
