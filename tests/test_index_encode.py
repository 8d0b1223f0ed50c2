"""One contract for every encoder, and the fast path against the library."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from index.encode import (
    SHIPPED,
    Encoder,
    HashEncoder,
    SentenceTransformerEncoder,
    StaticEncoder,
    folder_digest,
    is_static,
    load_encoder,
)
from index.errors import EncoderUnavailable

TEXTS = [
    "海外人才居住证（B证）的有效期最长几年？",
    "第三条 示范人应当具备下列条件：",
    "坐月子的钱谁给发？",
    "The quick brown fox, 2015; Article 8",
    "一二三四五六七" * 300,
    "居住證申辦週期",
    "😀🎉 𠮷野家 한국어 русский é",
    "<unk> [PAD] </s>",
    "换行\n\t全角　空格",
    "１２３ ％ ㈨ ⅷ",
]


def sentence_transformer(name: str) -> SentenceTransformerEncoder:
    with warnings.catch_warnings():  # the import of torch and transformers is not ours to mend
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        return SentenceTransformerEncoder(name)


@pytest.fixture(scope="module")
def library() -> SentenceTransformerEncoder:
    return sentence_transformer(str(SHIPPED))


@pytest.fixture(scope="module")
def static() -> StaticEncoder:
    return StaticEncoder(SHIPPED)


@pytest.fixture(params=["hash", "static", "library"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "hash":
        return HashEncoder(64)
    found: Encoder = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("side", ["encode_query", "encode_document"])
class TestContract:
    def test_rows_are_float32_unit_vectors(self, encoder: Encoder, side: str) -> None:
        vectors = getattr(encoder, side)(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.dimension)
        assert vectors.dtype == np.float32
        assert vectors.flags.c_contiguous
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)

    @pytest.mark.parametrize("texts", [[""], [" \n"], ["", "人才", ""]])
    def test_no_tokens_are_zeros_never_nan(
        self, encoder: Encoder, side: str, texts: list[str]
    ) -> None:
        norms = np.linalg.norm(getattr(encoder, side)(texts), axis=1)
        assert norms == pytest.approx([float(bool(text.strip())) for text in texts], abs=1e-5)

    def test_no_texts_are_no_rows(self, encoder: Encoder, side: str) -> None:
        vectors = getattr(encoder, side)([])
        assert (vectors.shape, vectors.dtype) == ((0, encoder.dimension), np.float32)

    def test_rows_keep_the_order_and_do_not_depend_on_each_other(
        self, encoder: Encoder, side: str
    ) -> None:
        encode = getattr(encoder, side)
        alone = np.concatenate([encode([text]) for text in reversed(TEXTS)])
        assert np.allclose(encode(TEXTS)[::-1], alone, atol=1e-5)


def test_every_encoder_has_a_name_and_a_digest(encoder: Encoder) -> None:
    assert encoder.id
    assert encoder.digest


def test_the_fast_path_equals_sentence_transformers(
    static: StaticEncoder, library: SentenceTransformerEncoder
) -> None:
    assert np.abs(static.encode_query(TEXTS) - library.encode_query(TEXTS)).max() < 1e-3
    assert np.abs(static.encode_document(TEXTS) - library.encode_document(TEXTS)).max() < 1e-3
    assert (static.id, static.digest) == (library.id, library.digest)
    assert static.dimension == library.dimension


def test_the_fast_path_needs_no_torch_and_says_nothing() -> None:
    code = (
        "import sys, index\n"
        "from index.encode import load_encoder\n"
        "load_encoder().encode_query(['人才'])\n"
        "print([m for m in ('torch', 'sentence_transformers', 'transformers') if m in sys.modules])"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_hash_vectors_by_hand() -> None:
    one, two = HashEncoder(4096).encode_query(["创新", "新创"])
    # 创 新 创新 against 创 新 新创: two of three terms in common
    assert one @ two == pytest.approx(2 / 3)


def test_loading_by_name() -> None:
    assert load_encoder().id == "tiaowen-static"
    assert isinstance(load_encoder(SHIPPED), StaticEncoder)
    assert load_encoder("hash").dimension == 256
    assert load_encoder("hash-32").id == "hash-32"


@pytest.mark.parametrize("name", ["hash-0", "hash-²"])
def test_a_hash_encoder_without_dimension_is_none(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("index.encode.SentenceTransformerEncoder", asked.append)
    load_encoder(name)
    assert asked == [name]


def test_a_folder_without_a_static_model_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="无法加载编码器"):
        StaticEncoder(tmp_path)


def test_a_folder_without_any_model_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderUnavailable, match=str(tmp_path)):
        sentence_transformer(str(tmp_path))


def write_modules(folder: Path, *kinds: str) -> None:
    modules = [{"type": f"sentence_transformers.models.{kind}"} for kind in kinds]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")


def test_the_fast_path_takes_only_what_model2vec_computes(tmp_path: Path) -> None:
    assert is_static(SHIPPED)
    assert not is_static(tmp_path)
    write_modules(tmp_path, "StaticEmbedding")
    assert is_static(tmp_path)
    write_modules(tmp_path, "StaticEmbedding", "Normalize")
    assert is_static(tmp_path)
    write_modules(tmp_path, "StaticEmbedding", "Dense")
    assert not is_static(tmp_path)
    write_modules(tmp_path, "Transformer", "Pooling")
    assert not is_static(tmp_path)
    write_modules(tmp_path, "StaticEmbedding")
    prompts = {"prompts": {"query": "query: ", "document": ""}}
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    assert not is_static(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[]", "[1]", '{"a": 1}', "[{}]"])
def test_odd_modules_are_not_static(tmp_path: Path, text: str) -> None:
    (tmp_path / "modules.json").write_text(text)
    assert not is_static(tmp_path)


def test_the_digest_follows_weights_and_names_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = folder_digest(tmp_path)
    (tmp_path / "README.md").write_text("about")
    assert folder_digest(tmp_path) == first
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert folder_digest(tmp_path) != first
