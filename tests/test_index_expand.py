"""Everyday and English words → the words of the documents."""

from pathlib import Path

import pytest
from support import shipped_assistant, shipped_encoder

from index.encode import HashEncoder, StaticEncoder
from index.expand import Glossary, Thesaurus


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    encoder = shipped_encoder()
    assert isinstance(encoder, StaticEncoder)
    return Glossary(encoder)


def test_an_expression_leads_to_its_term(tmp_path: Path) -> None:
    lines = "生育津贴\t坐月子的钱|产假工资\tmaternity pay\n住房\t房子\tflat\n"
    (tmp_path / "terms-a.tsv").write_text(lines, encoding="utf-8")
    thesaurus = Thesaurus(HashEncoder(512), tmp_path)
    found = thesaurus.expand(HashEncoder(512).encode_query(["坐月子的钱"])[0])
    assert [(e.term, round(e.weight, 3)) for e in found] == [("生育津贴", 1.0)]


def test_english_words_are_read_as_chinese_ones(glossary: Glossary) -> None:
    found = [e.term for e in glossary.gloss("How much is the blood donation?", lambda _: True)]
    assert {"献血", "捐献"} & set(found)


def test_only_what_the_documents_hold_is_taken(glossary: Glossary) -> None:
    parking = glossary.gloss("parking", lambda piece: piece == "停车场")
    assert [e.term for e in parking] == ["停车场"]
    assert glossary.gloss("parking", lambda _: False) == ()


@pytest.mark.parametrize("question", ["", "the of is", "停车吗"])
def test_without_english_words_there_is_nothing_to_gloss(glossary: Glossary, question: str) -> None:
    assert glossary.gloss(question, lambda _: True) == ()


def test_a_chinese_question_is_not_glossed() -> None:
    searcher = shipped_assistant().searcher
    assert searcher.glosses("居住证的有效期") == ()
