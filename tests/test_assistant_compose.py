"""Quotes → an answer with markers and citations."""

from urllib.parse import unquote

import pytest
from fakes import LAW_TEXT, POLICY_TEXT

from assistant.citations import verify
from assistant.compose import compose, divisions, document_url, numbering, url
from assistant.quotes import Quote
from corpus.model import Document, Span
from corpus.store import Library

LIBRARY = Library(
    [
        Document("policy", "意见全称", POLICY_TEXT, short_title="创新九条"),
        Document("law", "示范法", LAW_TEXT),
        Document("裸 文?#", "没有条款的文", "只有一段话，没有编号。"),
    ]
)


def quote(document_id: str, words: str) -> Quote:
    start = LIBRARY.get(document_id).text.index(words)
    return Quote(document_id, Span(start, start + len(words)))


def test_one_quote() -> None:
    text, (citation,) = compose([quote("policy", "居住证（B证）有效期限最高延长到10年。")], LIBRARY)
    assert text == "居住证（B证）有效期限最高延长到10年。[1]"
    assert citation.answer_span.of(text) == citation.cited_text
    assert citation.address.label == "（五）"
    assert citation.document_title == "意见全称"
    assert unquote(citation.url) == "/documents/policy#（五）"


def test_several_quotes_stand_on_lines_of_their_own_with_their_markers() -> None:
    quotes = [quote("law", "示范人不得收费。"), quote("policy", "科研人员可以兼职。")]
    text, citations = compose(quotes, LIBRARY)
    assert text == "示范人不得收费。[1]\n科研人员可以兼职。[2]"
    assert [c.document_id for c in citations] == ["law", "policy"]
    assert citations[1].address.item == "1."
    verify(text, citations, LIBRARY)


def test_a_quote_over_lines_keeps_them() -> None:
    text, (citation,) = compose(
        [quote("law", "（一）有自己的名称；\n（二）有固定的场所；")], LIBRARY
    )
    assert text == "（一）有自己的名称；\n（二）有固定的场所；[1]"
    assert "\n" in citation.cited_text
    verify(text, (citation,), LIBRARY)


def test_an_english_answer_says_that_it_quotes() -> None:
    text, citations = compose([quote("law", "示范人不得收费。")], LIBRARY, english=True)
    assert "quoted in Chinese" in text
    assert citations[0].answer_span.of(text) == "示范人不得收费。"
    verify(text, citations, LIBRARY)


def test_no_quotes_no_answer() -> None:
    assert compose([], LIBRARY) == ("", ())


def test_an_address_holds_no_character_that_means_something_in_it() -> None:
    address = document_url("裸 文?#")
    assert not set(address) & set(" ?#")
    assert unquote(address) == "/documents/裸 文?#"


def test_the_second_paragraph_has_its_own_anchor() -> None:
    outline = LIBRARY.outline("law")
    address = outline.locate(quote("law", "示范活动应当公开。").span)
    assert unquote(url("law", outline, address)) == "/documents/law#第二条-2"


@pytest.mark.parametrize(
    ("document_id", "said"),
    [
        ("policy", "《创新九条》从（一）到（六），共 6 条"),
        ("law", "《示范法》从第一条到第四条，共 5 条"),
        ("裸 文?#", ""),
    ],
)
def test_numbering(document_id: str, said: str) -> None:
    assert numbering(LIBRARY.get(document_id), LIBRARY.outline(document_id)) == said


@pytest.mark.parametrize(
    ("document_id", "said"),
    [
        ("policy", "《创新九条》从一到三，共 3 个部分"),
        ("law", "《示范法》从第一编到第二编，共 2 编"),
        ("裸 文?#", ""),
    ],
)
def test_divisions(document_id: str, said: str) -> None:
    assert divisions(LIBRARY.get(document_id), LIBRARY.outline(document_id)) == said
