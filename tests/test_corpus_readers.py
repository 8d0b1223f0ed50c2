"""Files become text: encodings, and one sentence for every file that cannot be read."""

import codecs
from pathlib import Path

import pytest

from corpus.errors import UnreadableDocument
from corpus.readers import READERS, read_text

TEXT = "一、总则\r\n　　为了“互联网＋”，制定本办法。\n"


@pytest.mark.parametrize("suffix", [".txt", ".md", ".TXT"])
@pytest.mark.parametrize(
    "data",
    [TEXT.encode(), codecs.BOM_UTF8 + TEXT.encode(), TEXT.encode("gb18030")],
    ids=["utf-8", "bom", "gb18030"],
)
def test_text_comes_unchanged_line_ends_too(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"办法{suffix}"
    path.write_bytes(data)
    assert read_text(path) == TEXT


def test_rare_characters_of_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("㐀镕𠮷第一条".encode("gb18030"))
    assert read_text(path) == "㐀镕𠮷第一条"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("空.txt", b"", "没有文字"),
        ("空白.md", " \r\n　\t".encode(), "没有文字"),
        ("只有BOM.txt", codecs.BOM_UTF8, "没有文字"),
        ("图.txt", b"\x89PNG\r\n\0\0", "二进制"),
        ("十六位.txt", "第一条".encode("utf-16") + b"\0a", "二进制"),
        ("乱码.txt", b"\xff\xfe\xff", "UTF-8"),
        ("截断.txt", "第一条".encode()[:-1] + b"\xff", "UTF-8"),
        ("文件.pdf", b"%PDF", ".txt"),
        ("没有后缀", b"text", ".txt"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableDocument) as caught:
        read_text(path)
    assert caught.value.path == path
    assert_one_sentence(str(caught.value), path, reason)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "folder.md"
    folder.mkdir()
    for path in (tmp_path / "没有.txt", folder):
        with pytest.raises(UnreadableDocument) as caught:
            read_text(path)
        assert_one_sentence(str(caught.value), path, "")


def test_every_reader_has_a_lower_case_suffix() -> None:
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in READERS)


def assert_one_sentence(message: str, path: Path, reason: str) -> None:
    assert str(path) in message
    assert reason in message
    assert "\n" not in message
    assert "Traceback" not in message
