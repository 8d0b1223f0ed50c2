"""No answer with a wrong quote, span or marker passes."""

from dataclasses import replace

import pytest
from fakes import POLICY_TEXT
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.answer import Citation
from assistant.citations import verify
from assistant.compose import compose
from assistant.errors import BrokenCitation
from assistant.quotes import Quote
from corpus.model import Document, Span
from corpus.passages import cut
from corpus.store import Library

DOCUMENT = Document("policy", "意见", POLICY_TEXT)
LIBRARY = Library([DOCUMENT])
SPANS = [passage.span for passage in cut(DOCUMENT)]
QUOTES = [Quote("policy", span) for span in SPANS[:3]]
TEXT, CITATIONS = compose(QUOTES, LIBRARY)
WHICH = st.integers(0, len(CITATIONS) - 1)


def changed(number: int, **values: object) -> list[Citation]:
    citations = list(CITATIONS)
    citations[number] = replace(citations[number], **values)  # type: ignore[arg-type]
    return citations


def test_what_compose_writes_passes() -> None:
    verify(TEXT, CITATIONS, LIBRARY)


@given(st.lists(st.sampled_from(SPANS), min_size=1, max_size=6, unique=True))
def test_any_quotes_pass(spans: list[Span]) -> None:
    text, citations = compose([Quote("policy", span) for span in spans], LIBRARY)
    verify(text, citations, LIBRARY)


@given(WHICH, st.integers(0, len(POLICY_TEXT) + 9), st.integers(0, 80))
def test_another_span_is_caught(number: int, start: int, length: int) -> None:
    span = Span(start, start + length)
    assume(span.of(POLICY_TEXT) != CITATIONS[number].cited_text)
    with pytest.raises(BrokenCitation, match=str(number + 1)):
        verify(TEXT, changed(number, span=span), LIBRARY)


@given(WHICH, st.text(max_size=40))
def test_another_quote_is_caught(number: int, quote: str) -> None:
    assume(quote != CITATIONS[number].cited_text)
    with pytest.raises(BrokenCitation):
        verify(TEXT, changed(number, cited_text=quote), LIBRARY)


@given(WHICH, st.data())
def test_a_single_changed_character_of_the_quote_is_caught(
    number: int, data: st.DataObject
) -> None:
    quote = CITATIONS[number].cited_text
    at = data.draw(st.integers(0, len(quote) - 1))
    char = data.draw(st.characters().filter(lambda c: c != quote[at]))
    with pytest.raises(BrokenCitation):
        verify(TEXT, changed(number, cited_text=quote[:at] + char + quote[at + 1 :]), LIBRARY)


@given(WHICH, st.integers(0, len(TEXT) + 9), st.integers(0, 80))
def test_an_answer_span_that_does_not_end_at_its_marker_is_caught(
    number: int, start: int, length: int
) -> None:
    span = Span(start, start + length)
    assume(span.end != CITATIONS[number].answer_span.end or span.start == span.end)
    with pytest.raises(BrokenCitation):
        verify(TEXT, changed(number, answer_span=span), LIBRARY)


@given(WHICH, st.integers(-3, 9))
def test_another_index_is_caught(number: int, number_given: int) -> None:
    assume(number_given != number + 1)
    with pytest.raises(BrokenCitation):
        verify(TEXT, changed(number, index=number_given), LIBRARY)


@given(st.permutations(CITATIONS))
def test_another_order_is_caught(citations: list[Citation]) -> None:
    assume(citations != list(CITATIONS))
    with pytest.raises(BrokenCitation):
        verify(TEXT, citations, LIBRARY)


@given(WHICH)
def test_a_missing_citation_is_caught(number: int) -> None:
    rest = [c for c in CITATIONS if c.index != number + 1]
    with pytest.raises(BrokenCitation):
        verify(TEXT, rest, LIBRARY)


@given(WHICH, st.sampled_from(["", "[9]", "[0]", "【1】", "[1"]))
def test_a_changed_marker_is_caught(number: int, marker: str) -> None:
    with pytest.raises(BrokenCitation):
        verify(TEXT.replace(f"[{number + 1}]", marker), CITATIONS, LIBRARY)


def test_a_marker_without_a_citation_is_caught() -> None:
    with pytest.raises(BrokenCitation):
        verify(TEXT + "[4]", CITATIONS, LIBRARY)
    with pytest.raises(BrokenCitation):
        verify("有效期十年。[1]", (), LIBRARY)


def test_brackets_of_the_source_are_no_markers() -> None:
    source = "（一）依据。按照沪府[2015]9号文件[3]执行，有效期10年。\n"
    library = Library([Document("d", "办法", source)])
    start = source.index("按照")
    text, citations = compose([Quote("d", Span(start, len(source) - 1))], library)
    assert "[2015]" in text
    verify(text, citations, library)


def test_a_quote_of_another_document_is_caught() -> None:
    other = Library([DOCUMENT, Document("other", "办法", "一、别的。\n别的内容。")])
    with pytest.raises(BrokenCitation):
        verify(TEXT, changed(0, document_id="other"), other)
