"""Documents on disk: metadata, ids, folders, and one sentence for every fault."""

from dataclasses import asdict
from pathlib import Path

import pytest

from corpus.errors import BadMetadata, DocumentError, UnknownDocument, UnreadableDocument
from corpus.model import Document
from corpus.store import SHIPPED, Library, collect, read_document, shipped_documents

TEXT = "某市办法\n第一条 为了规范，制定本办法。\n"


def write(folder: Path, name: str, text: str = TEXT, metadata: str | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if metadata is not None:
        path.with_suffix(".toml").write_text(metadata, encoding="utf-8")
    return path


def ids(*paths: Path) -> list[str]:
    return [document.id for document in collect(paths).documents]


def test_the_first_document_is_shipped_unchanged() -> None:
    first = next(d for d in shipped_documents() if d.id == "shanghai-innovation-centre-2015")
    assert first.name == "科创22条"
    assert first.year == 2015
    assert first.text.encode() == (SHIPPED / f"{first.id}.txt").read_bytes()


def test_without_metadata_name_and_first_line_serve(tmp_path: Path) -> None:
    document = read_document(write(tmp_path, "某市 办法#1.txt"))
    assert (document.id, document.title, document.text) == ("某市-办法-1", "某市办法", TEXT)
    assert document.name == "某市办法"
    untitled = read_document(write(tmp_path, "无题.txt", "第一条 为了规范，制定本办法。"))
    assert untitled.title == "无题"
    assert read_document(write(tmp_path, "##.txt")).id == "document"


def test_metadata_stand_beside_the_text(tmp_path: Path) -> None:
    metadata = '\ufeffid = "a"\ntitle = "题"\nnumber = "沪委发〔2015〕7号"\nyear = 2015\n'
    document = read_document(write(tmp_path, "x.md", metadata=metadata))
    assert document == Document("a", "题", TEXT, number="沪委发〔2015〕7号", year=2015)


def test_examples_stand_in_the_metadata_and_in_the_digest(tmp_path: Path) -> None:
    with_them = read_document(write(tmp_path, "x.md", metadata='examples = ["甲？", "乙？"]'))
    without = read_document(write(tmp_path, "y.md", metadata='id = "x"'))
    assert with_them.examples == ("甲？", "乙？")
    assert without.examples == ()
    assert with_them.digest != without.digest
    assert hash(Document(**asdict(with_them) | {"examples": ["甲？", "乙？"]})) == hash(with_them)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("id = ", "TOML"),
        ('titel = "题"', "'titel'"),
        ('text = "别的正文"', "'text'"),
        ('year = "2015"', "year 应为整数"),
        ("year = true", "year 应为整数"),
        ("title = 3", "title 应为字符串"),
        ('examples = "问？"', "examples 应为问题（字符串）的列表"),
        ("examples = [1]", "examples 应为问题（字符串）的列表"),
        ('examples = [" "]', "examples 应为问题（字符串）的列表"),
        ('id = ""', "id 不能为空"),
        ('id = "a/b"', "不能含 /"),
        ("[section]\nid = 1", "'section'"),
    ],
)
def test_bad_metadata_are_named(tmp_path: Path, metadata: str, reason: str) -> None:
    path = write(tmp_path, "x.txt", metadata=metadata)
    with pytest.raises(BadMetadata) as caught:
        read_document(path)
    assert caught.value.path == path.with_suffix(".toml")
    assert str(caught.value.path) in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_metadata_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "x.txt")
    toml = path.with_suffix(".toml")
    toml.write_bytes("title = '题'".encode("gb18030"))
    with pytest.raises(BadMetadata, match="TOML"):
        read_document(path)
    toml.unlink()
    toml.mkdir()
    with pytest.raises(BadMetadata) as caught:
        collect([path])
    assert str(toml) in str(caught.value)


def test_text_of_markdown_signs_only_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="没有文字"):
        read_document(write(tmp_path, "x.md", "---\n<!-- 空 -->\n***\n"))


def test_folders_are_searched_and_what_holds_no_text_is_told(tmp_path: Path) -> None:
    write(tmp_path, "b.md")
    write(tmp_path, "sub/a.txt")
    empty = write(tmp_path, "empty.txt", "")
    foreign = write(tmp_path, "other.pdf")
    (tmp_path / "folder.md").mkdir()
    found = collect([tmp_path])
    assert [document.id for document in found.documents] == ["b", "a"]
    assert found.skipped == (empty,)
    assert found.foreign == (foreign,)


def test_paths_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "没有", tmp_path / "empty"):
        with pytest.raises(UnreadableDocument) as caught:
            collect([path])
        assert str(path) in str(caught.value)
    with pytest.raises(UnreadableDocument):
        collect([])


def test_a_named_file_must_be_usable(tmp_path: Path) -> None:
    write(tmp_path, "good.txt")
    with pytest.raises(UnreadableDocument):
        collect([tmp_path / "good.txt", write(tmp_path, "bad.pdf")])


def test_the_same_file_twice_is_one_document(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", metadata='id = "x"')
    assert ids(path, tmp_path, path) == ["x"]


def test_files_of_one_name_get_ids_of_their_own(tmp_path: Path) -> None:
    first, second = write(tmp_path, "1/a.txt"), write(tmp_path, "2/a.txt", "另一份。\n第二行。")
    third = write(tmp_path, "3/a.txt", "第三份。\n第二行。")
    copy = write(tmp_path, "4/a.txt", "另一份。\n第二行。")
    assert ids(first, second, third) == ["a", "a-2", "a-3"]
    assert ids(first, second, second, copy) == ["a", "a-2"]


def test_ids_that_metadata_share_are_refused_with_both_files(tmp_path: Path) -> None:
    first = write(tmp_path, "a.txt", metadata='id = "x"')
    second = write(tmp_path, "b.txt", "另一份。\n第二行。", metadata='id = "x"')
    third = write(tmp_path, "x.txt", "第三份。\n第二行。")
    for paths in ((first, second), (first, third), (third, first)):
        with pytest.raises(DocumentError) as caught:
            collect(paths)
        assert all(str(path) in str(caught.value) for path in paths)
        assert "'x'" in str(caught.value)


def test_a_library_finds_documents_by_id() -> None:
    document = Document("a", "题", TEXT)
    library = Library([document, Document("b", "题", "别的。")])
    assert library.get("a") is document
    assert [d.id for d in library] == ["a", "b"]
    assert len(library) == 2
    assert "a" in library
    assert "c" not in library
    assert library.outline("a").labels() == {"第一条"}
    with pytest.raises(UnknownDocument, match=r"'c'.*a、b"):
        library.get("c")
    with pytest.raises(UnknownDocument, match="现有：无"):
        Library([]).outline("c")


def test_a_library_refuses_a_second_document_of_an_id() -> None:
    with pytest.raises(DocumentError, match="'a'"):
        Library([Document("a", "题", TEXT), Document("a", "题", "别的。")])


def test_digests_follow_text_and_metadata_not_order() -> None:
    first, second = Document("a", "题", "甲"), Document("b", "题", "乙")
    assert Library([first, second]).digest == Library([second, first]).digest
    others = [
        Document("a", "题", "甲 "),
        Document("a", "题", "甲", year=1),
        Document("c", "题", "甲"),
    ]
    assert len({document.digest for document in (first, *others)}) == 4
