"""Spans to be cited: what a clause number shows, and what is joined."""

import pytest
from fakes import LAW_TEXT, POLICY_TEXT
from support import assistant_of

from assistant.pipeline import Assistant
from assistant.quotes import MAX_ANSWER, Quote, join, of_places
from corpus.model import Document, Span


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return assistant_of(Document("p", "意见", POLICY_TEXT), Document("l", "示范法", LAW_TEXT))


def shown(question: str, document_id: str, assistant: Assistant) -> list[str]:
    lookup = assistant.searcher.look_up(question, [document_id])
    assert lookup
    found = of_places(lookup, assistant.library)
    return [quote.span.of(assistant.library.get(quote.document_id).text) for quote in found]


def quotes(document_id: str, assistant: Assistant, *words: str) -> list[Quote]:
    text = assistant.library.get(document_id).text
    return [Quote(document_id, Span(text.index(w), text.index(w) + len(w))) for w in words]


def test_the_contents_of_a_part_are_its_clauses_headings(assistant: Assistant) -> None:
    assert shown("第二部分有哪些条款", "p", assistant) == [
        "（三）推进政府管理创新。",
        "（四）改革财政科技资金管理。",
    ]


def test_a_paragraph_of_an_article(assistant: Assistant) -> None:
    assert shown("第二条第二款", "l", assistant) == ["示范活动应当公开。"]


def test_an_article_is_all_its_lines(assistant: Assistant) -> None:
    text = "".join(shown("第三条", "l", assistant))
    for part in ("应当具备下列条件", "有自己的名称", "有必要的经费", "可以申请补助"):
        assert part in text


def test_a_chapter_of_a_law_shows_its_articles(assistant: Assistant) -> None:
    text = "".join(shown("第二章有哪些条款", "l", assistant))
    assert "示范人应当具备下列条件" in text
    assert "示范人不得收费" in text


def test_the_whole_is_short_but_never_empty() -> None:
    found = assistant_of(
        Document("l", "长法", "第一条 " + "很长的一句话，" * 60 + "完。\n第二条 短。\n")
    )
    assert len("".join(shown("第一条", "l", found))) > MAX_ANSWER
    assert shown("第二条", "l", found) == ["短。"]


def test_every_clause_asked_for_has_its_share_of_the_answer() -> None:
    sentence = "本条说了一件十分要紧的事情。" * 20
    found = assistant_of(Document("l", "长法", f"第一条 {sentence}\n第二条 {sentence}\n"))
    first, second = shown("第一条和第二条分别讲什么", "l", found)
    assert len(first) > MAX_ANSWER / 3
    assert len(second) > MAX_ANSWER / 3


def test_quotes_that_follow_each_other_become_one(assistant: Assistant) -> None:
    following = quotes("l", assistant, "有自己的名称；", "有固定的场所；")
    (joined,) = join(following, assistant.library)
    assert joined.span == Span(following[0].span.start, following[1].span.end)


def test_quotes_apart_or_of_two_clauses_stay_two(assistant: Assistant) -> None:
    apart = quotes("l", assistant, "有自己的名称；", "有必要的经费。")
    assert join(apart, assistant.library) == apart
    of_two = quotes("l", assistant, "为了示范，制定本法。", "本法适用于一切示范活动。")
    assert join(of_two, assistant.library) == of_two
    backwards = quotes("l", assistant, "有固定的场所；", "有自己的名称；")
    assert join(backwards, assistant.library) == backwards
    assert join([], assistant.library) == []
