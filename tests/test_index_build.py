"""Documents → index: what is encoded, what is kept, what is reported."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import CountingEncoder

from corpus.errors import DocumentError
from corpus.model import Document
from corpus.passages import cut, sentences
from index.build import build
from index.encode import HashEncoder
from index.published import load


def texts_encoded(documents: list[Document], target: Path) -> list[str]:
    """Build and return the passages' texts (each passage's first) that had to be encoded."""
    encoder = CountingEncoder()
    report = build(documents, encoder, target)
    assert report.reused + report.encoded == report.manifest.passages
    assert bool(encoder.encoded) == bool(report.encoded)
    return encoder.encoded


def assert_as_if_new(documents: list[Document], target: Path, tmp_path: Path) -> None:
    """What was built upon an older index equals what is built from nothing."""
    build(documents, HashEncoder(64), tmp_path / "new")
    kept, fresh = (load(path, HashEncoder(64)) for path in (target, tmp_path / "new"))
    assert kept.manifest == fresh.manifest
    assert kept.passages == fresh.passages
    for number in range(len(fresh.passages)):
        assert np.array_equal(kept.dense.rows(number), fresh.dense.rows(number))


def test_every_passage_has_its_vectors(target: Path, policy: Document, law: Document) -> None:
    encoder = CountingEncoder()
    report = build([policy, law], encoder, target)
    published = load(target, encoder)
    assert list(published.library) == [policy, law]
    assert list(published.passages) == [*cut(policy), *cut(law)]
    for number, passage in enumerate(published.passages):
        text = published.library.get(passage.document_id).text
        spans = sentences(text, passage.span)
        rows = published.dense.rows(number)
        assert len(rows) == 1 + len(spans)
        assert np.array_equal(rows[1:], encoder.encode_query([s.of(text) for s in spans]))
    manifest = report.manifest
    assert (manifest.documents, manifest.passages) == (2, len(published.passages))
    assert manifest.vectors == len(encoder.encoded)
    assert (report.encoded, report.reused) == (manifest.passages, 0)
    assert published.manifest == manifest


def test_a_passage_is_encoded_under_its_headings_without_their_numbers(
    target: Path, policy: Document, law: Document
) -> None:
    encoded = texts_encoded([policy, law], target)
    assert " 为加快建设创新中心，提出如下意见。" in encoded
    assert (
        "改革体制机制 推进政府管理创新 推进政府管理创新。政府部门不再直接管理具体项目。" in encoded
    )
    assert "通则 总则  为了示范，制定本法。" in encoded


def test_headings_without_numbers_are_kept_whole(target: Path) -> None:
    text = "# 指南\n\n## 申请条件\n\n须年满十八岁。\n\n"
    text += "## 第三方机构\n\n须登记。\n\n1.材料、证件\n须齐全。\n"
    encoded = texts_encoded([Document("guide", "指南", text)], target)
    assert any(text.startswith("申请条件 须年满") for text in encoded)
    assert any("第三方机构 " in text and "须登记" in text for text in encoded)
    assert any("材料、证件 " in text and "须齐全" in text for text in encoded)


def test_unchanged_documents_are_not_encoded_again(
    target: Path, policy: Document, law: Document, tmp_path: Path
) -> None:
    texts_encoded([policy, law], target)
    assert texts_encoded([policy, law], target) == []
    assert_as_if_new([policy, law], target, tmp_path)


def test_an_amended_clause_alone_is_encoded_again(
    target: Path, policy: Document, tmp_path: Path
) -> None:
    texts_encoded([policy], target)
    amended = replace(policy, text=policy.text.replace("最高延长到10年", "一律为5年"))
    assert texts_encoded([amended], target) == [
        "建设人才高地 引进海外人才 引进海外人才。居住证（B证）有效期限一律为5年。",
        "引进海外人才。",
        "居住证（B证）有效期限一律为5年。",
    ]
    assert_as_if_new([amended], target, tmp_path)


def test_text_that_shifts_all_spans_is_the_only_text_encoded(
    target: Path, policy: Document, tmp_path: Path
) -> None:
    texts_encoded([policy], target)
    longer = replace(
        policy, text=policy.text.replace("如下意见。\n", "如下意见。\n另加一段。\n", 1)
    )
    assert texts_encoded([longer], target) == [" 另加一段。", "另加一段。"]
    assert_as_if_new([longer], target, tmp_path)


def test_texts_that_change_places_keep_to_their_clauses(target: Path, tmp_path: Path) -> None:
    """Identity is place and content together: what moves is encoded anew, nothing is mixed up."""
    one = Document("d", "题", "第一条 甲文。\n第二条 乙文。\n")
    two = replace(one, text="第一条 新文。\n第二条 甲文。\n")
    texts_encoded([one], target)
    assert len(texts_encoded([two], target)) == 4
    assert_as_if_new([two], target, tmp_path)


def test_another_documents_same_text_is_its_own(target: Path, policy: Document) -> None:
    texts_encoded([policy], target)
    twin = replace(policy, id="twin")
    assert len(texts_encoded([policy, twin], target)) == len(
        texts_encoded([policy], target.with_name("alone"))
    )


def test_a_removed_document_is_gone_and_costs_nothing(
    target: Path, policy: Document, law: Document, tmp_path: Path
) -> None:
    texts_encoded([policy, law], target)
    assert texts_encoded([law], target) == []
    assert_as_if_new([law], target, tmp_path)


@pytest.mark.parametrize("dimension", [32, 128])
def test_another_encoder_keeps_nothing(target: Path, policy: Document, dimension: int) -> None:
    build([policy], HashEncoder(64), target)
    report = build([policy], HashEncoder(dimension), target)
    assert report.reused == 0
    assert load(target, HashEncoder(dimension)).dense.dimension == dimension


def test_a_damaged_index_keeps_nothing(target: Path, policy: Document) -> None:
    build([policy], HashEncoder(64), target)
    (target / "passages.jsonl").write_text("")
    assert build([policy], HashEncoder(64), target).reused == 0


def test_progress_is_told_in_passages(
    target: Path, policy: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["index.build"], "_BATCH", 4)  # index.build is the function
    told: list[tuple[int, int]] = []
    build([policy], HashEncoder(), target, progress=lambda done, of: told.append((done, of)))
    count = len(cut(policy))
    assert told == [(min(done, count), count) for done in range(4, count + 4, 4)]
    told.clear()
    build([policy], HashEncoder(), target, progress=lambda done, of: told.append((done, of)))
    assert told == []


def test_line_ends_and_separators_within_a_text_survive(target: Path) -> None:
    text = "题目\r\n第一条 甲\u2028乙。\r\n第二条 丙\x85丁\x0b戊。\r\n"
    build([Document("d", "题目", text)], HashEncoder(), target)
    published = load(target, HashEncoder())
    assert published.library.get("d").text == text
    for passage in published.passages:
        assert passage.span.of(text) == passage.text


def test_documents_of_the_same_id_are_refused(target: Path, policy: Document) -> None:
    with pytest.raises(DocumentError, match="policy"):
        build([policy, policy], HashEncoder(), target)
    assert not target.exists()


@pytest.mark.parametrize("documents", [[], [Document("d", "题", " \n")]])
def test_nothing_to_index_is_refused(target: Path, documents: list[Document]) -> None:
    with pytest.raises(ValueError, match="no documents with text"):
        build(documents, HashEncoder(), target)
    assert not target.exists()
