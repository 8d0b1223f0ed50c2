"""Writing the shipped model: a sentence-transformers folder that model2vec reads as well."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from index.training.tokenizer import save_tokenizer

WEIGHTS = "model.safetensors"
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}
]
CONFIG: dict[str, object] = {
    "model_type": "SentenceTransformer",
    "prompts": {},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
    # model2vec reads its own two keys from the same file. No Normalize module and no
    # "normalize": in float16 torch divides an empty text's zeros by zero.
    "normalize": False,
    # Long texts must not be cut.
    "max_length": None,
}


def export(folder: Path, tokenizer: Tokenizer, table: npt.NDArray[np.float32]) -> str:
    """Write tokenizer, weights and configuration into ``folder``.

    Args:
        folder: Made if need be; other files in it are left alone.
        tokenizer: Its id 0 is the unknown piece.
        table: (vocabulary, dimension) float32.

    Returns:
        The SHA-256 of the weights file.

    Raises:
        ValueError: The table has not one row per piece.
    """
    if len(table) != tokenizer.get_vocab_size():
        raise ValueError(f"{len(table)} vectors for {tokenizer.get_vocab_size()} pieces")
    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(tokenizer, folder / "tokenizer.json")
    save_file({"embedding.weight": rounded(table)}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    write_json(folder / "modules.json", MODULES)
    write_json(folder / "config_sentence_transformers.json", CONFIG)
    return hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def rounded(table: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    """Return the table as float16 with a mean row length of 1 and a zero first row.

    The unknown piece is zero because sentence-transformers pools it and model2vec leaves it out:
    only the zero vector makes both point the same way.
    """
    scaled = table / np.linalg.norm(table[1:], axis=1).mean()
    scaled[0] = 0.0
    half: npt.NDArray[np.float16] = scaled.astype(np.float16)
    return half


def write_json(path: Path, content: object) -> None:
    """Write indented JSON with a newline at the end."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
