"""Encoders: text → unit vectors. The only file that knows sentence-transformers and model2vec."""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderUnavailable
from index.tokens import terms

Vectors = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "model"
_STATIC = ("StaticEmbedding",), ("StaticEmbedding", "Normalize")
_PATHS = ("/", "./", "../", "~")  # what begins so is no name of a hub
_HASH = re.compile(r"hash-([1-9][0-9]{0,5})")


class Encoder(Protocol):
    """Turns text into vectors whose inner product is their cosine.

    Attributes:
        id: A name for people and manifests.
        digest: Changes when the vectors would (SHA-256 hex, or the name of a hub model).
        dimension: Length d of a vector.
    """

    id: str
    digest: str
    dimension: int

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Encode questions.

        Returns:
            (n, d) float32, rows L2-normalised; a row of zeros for a text without known tokens.
        """
        ...

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Encode passages; shape and dtype as ``encode_query``."""
        ...


class StaticEncoder:
    """A sentence-transformers static model run by model2vec: numpy only, no torch."""

    def __init__(self, folder: Path) -> None:
        """Load the folder.

        Raises:
            EncoderUnavailable: It holds no static model.
        """
        from model2vec import StaticModel  # noqa: PLC0415 (a quarter second; not for --help)

        try:
            self._model = StaticModel.from_pretrained(
                folder, quantize_to="float32", max_length=None, force_download=False
            )
        except Exception as error:
            raise EncoderUnavailable(str(folder), str(error)) from error
        self.id = _name(folder)
        self.digest = folder_digest(folder)
        self.dimension = int(self._model.dim)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """See ``Encoder``."""
        return self._encode(texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """See ``Encoder``."""
        return self._encode(texts)

    def pieces(self) -> tuple[list[str], Vectors]:
        """Return the pieces of text that have a vector, and the vectors: (n, d), L2-normalised."""
        return list(self._model.tokens), _unit_rows(self._model.embedding)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return _unit_rows(self._model.encode(list(texts), use_multiprocessing=False))


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by folder or hub name."""

    def __init__(self, name: str) -> None:
        """Load the model; importing the library takes seconds, so only here.

        Raises:
            EncoderUnavailable: There is no such folder, or the hub cannot be reached.
        """
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415

            self._model = SentenceTransformer(name, device="cpu")
        except Exception as error:
            raise EncoderUnavailable(name, str(error).partition("\n")[0]) from error
        path = Path(name)
        self.id = _name(path) if path.is_dir() else name
        self.digest = folder_digest(path) if path.is_dir() else f"hub:{name}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """See ``Encoder``; the model's own query prompt is used where it has one."""
        return self._unit(self._model.encode_query, texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """See ``Encoder``; the model's own passage prompt is used where it has one."""
        return self._unit(self._model.encode_document, texts)

    def _unit(self, encode: Callable[..., NDArray[np.float32]], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return _unit_rows(encode(list(texts), convert_to_numpy=True))


class HashEncoder:
    """Bag of hashed terms: no weights, computable by hand; for tests and for comparison.

    Source: feature hashing, Weinberger et al., ICML 2009 (without the sign).
    """

    def __init__(self, dimension: int = 256) -> None:
        self.id = f"hash-{dimension}"
        self.digest = self.id
        self.dimension = dimension

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """See ``Encoder``."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """See ``Encoder``."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for term in terms(text):
                row[zlib.crc32(term.encode()) % self.dimension] += 1
        return _unit_rows(vectors)


def load_encoder(name: str | Path | None = None) -> Encoder:
    """Load an encoder.

    Args:
        name: A sentence-transformers folder or hub name; ``hash`` or ``hash-DIM`` for the
            ``HashEncoder``; the shipped model unless given.

    Raises:
        EncoderUnavailable: It cannot be loaded.
    """
    if name is None:
        return StaticEncoder(SHIPPED)
    if str(name) == "hash":
        return HashEncoder()
    hashed = _HASH.fullmatch(str(name))
    if hashed:
        return HashEncoder(int(hashed[1]))
    if is_static(Path(name)):
        return StaticEncoder(Path(name))
    if str(name).startswith(_PATHS) and not Path(name).is_dir():
        raise EncoderUnavailable(str(name), "没有这个文件夹，请核对 TIAOWEN_ENCODER")
    return SentenceTransformerEncoder(str(name))


def is_static(folder: Path) -> bool:
    """Say whether a folder holds a sentence-transformers model of one static embedding.

    One with further layers or with prompts is not: model2vec would leave them out.
    """
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = tuple(module["type"].rpartition(".")[2] for module in modules)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False
    return kinds in _STATIC and not _has_prompts(folder)


def _has_prompts(folder: Path) -> bool:
    path = folder / "config_sentence_transformers.json"
    if not path.exists():
        return False
    return any(json.loads(path.read_text(encoding="utf-8")).get("prompts", {}).values())


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 (hex) over the files that decide the vectors: weights and JSON."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".bin", ".txt", ".model"):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _unit_rows(vectors: Vectors) -> Vectors:
    """Scale rows to length 1; a row of zeros, or what a model made of one (NaN), is all zeros."""
    rows = np.nan_to_num(np.asarray(vectors, np.float32))
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.where(norms > 0, norms, 1), np.float32)


def _name(folder: Path) -> str:
    return "tiaowen-static" if folder == SHIPPED else folder.resolve().name
