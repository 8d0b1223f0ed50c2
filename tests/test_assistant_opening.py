"""Settings → an assistant: when the default index is built, and when it is left alone."""

from pathlib import Path

import pytest
from support import SHIPPED_ID

from assistant.opening import load_assistant
from assistant.settings import Settings
from corpus.model import Document
from index.build import build
from index.encode import HashEncoder
from index.errors import DamagedIndex, MissingIndex, StaleIndex

HASH = Settings(encoder="hash")
OTHER = Document("other", "办法", "第一条 别的内容。\n")


@pytest.fixture
def default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "tiaowen" / "index"


def ids(settings: Settings) -> list[str]:
    return [document.id for document in load_assistant(settings).documents]


def test_the_default_index_is_built_once(default: Path) -> None:
    assert ids(HASH) == [SHIPPED_ID]
    built = (default / "manifest.json").stat().st_mtime_ns
    assert ids(HASH) == [SHIPPED_ID]
    assert (default / "manifest.json").stat().st_mtime_ns == built


def test_it_is_built_again_for_other_documents_or_another_encoder(default: Path) -> None:
    build([OTHER], HashEncoder(), default)  # as an earlier version would have
    assert ids(HASH) == [SHIPPED_ID]
    assert ids(Settings(encoder="hash-64")) == [SHIPPED_ID]


def test_what_a_person_built_is_left_alone(default: Path) -> None:
    build([OTHER], HashEncoder(), default, sources=["/home/me/办法.txt"])
    assert ids(HASH) == ["other"]


def test_a_damaged_default_index_is_reported(default: Path) -> None:
    ids(HASH)
    (default / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DamagedIndex, match=r"manifest\.json.*tiaowen build"):
        load_assistant(HASH)


def test_a_named_index_is_never_built(tmp_path: Path) -> None:
    with pytest.raises(MissingIndex):
        load_assistant(Settings(index=tmp_path / "none", encoder="hash"))
    build([OTHER], HashEncoder(), tmp_path / "i")
    with pytest.raises(StaleIndex):
        load_assistant(Settings(index=tmp_path / "i", encoder="hash-64"))
    assert not (tmp_path / "none").exists()
