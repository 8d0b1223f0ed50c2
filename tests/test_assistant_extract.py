"""Evidence → quotes, from hand-made hits."""

import pytest
from fakes import LAW_TEXT, POLICY_TEXT
from support import assistant_of

from assistant.asked import Asked
from assistant.extract import Candidate, Weights, choose, weigh
from assistant.pipeline import Assistant
from assistant.question import Query, understand
from assistant.quotes import MAX_ANSWER, Quote
from corpus.model import ClauseAddress, Document, Passage, Span
from index.search import Hit, Sentence

PASSAGE = Passage("d", Span(0, 500), ClauseAddress("（一）", ("（一）标题",)), "")


def hit(number: int) -> Hit:
    return Hit(PASSAGE, number + 1, 1.0, 0.5, 1.0, number)


def candidate(start: int, end: int, score: float, number: int = 0, text: str = "句子") -> Candidate:
    return Candidate(Sentence(hit(number), Span(start, end), text, 0.5), score, 0.5, False)


def query(asked: Asked = Asked.OTHER) -> Query:
    return Query("问", "问", asked, ("问",))


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return assistant_of(Document("p", "意见", POLICY_TEXT), Document("l", "示范法", LAW_TEXT))


def test_nothing_to_choose_from() -> None:
    assert choose(query(), [[]]) == []
    assert choose(query(), []) == []


def test_one_sentence_is_the_rule() -> None:
    assert choose(query(), [[candidate(0, 10, 1.0), candidate(10, 20, 0.1)]]) == [
        Quote("d", Span(0, 10))
    ]


def test_sentences_of_a_passage_are_in_the_order_of_the_text() -> None:
    ranked = [[candidate(10, 20, 1.0), candidate(0, 10, 0.99)]]
    assert choose(query(Asked.LIST), ranked) == [Quote("d", Span(0, 10)), Quote("d", Span(10, 20))]


def test_passages_stay_best_first() -> None:
    ranked = [[candidate(50, 60, 1.0, 1), candidate(0, 10, 0.99, 0)]]
    spans = [quote.span for quote in choose(query(Asked.LIST), ranked)]
    assert spans == [Span(50, 60), Span(0, 10)]


def test_an_item_is_quoted_with_what_introduces_it() -> None:
    ranked = [
        [candidate(20, 30, 1.0, text="（一）名称；"), candidate(0, 20, 0.1, text="条件如下：")]
    ]
    spans = [quote.span for quote in choose(query(), ranked)]
    assert spans == [Span(0, 20), Span(20, 30)]


def test_sentences_apart_stay_apart() -> None:
    ranked = [[candidate(30, 40, 1.0), candidate(0, 10, 0.99)]]
    assert choose(query(Asked.LIST), ranked) == [Quote("d", Span(0, 10)), Quote("d", Span(30, 40))]


def test_the_best_of_each_part_is_chosen_once() -> None:
    first = [candidate(0, 10, 1.0, 0)]
    second = [candidate(0, 10, 1.0, 0), candidate(50, 60, 0.9, 1)]
    spans = [quote.span for quote in choose(query(), [first, second])]
    assert spans == [Span(0, 10), Span(50, 60)]


def test_an_answer_stays_short_but_never_empty() -> None:
    long = [candidate(0, MAX_ANSWER + 50, 1.0), candidate(400, 410, 0.999)]
    assert choose(query(Asked.LIST), [long]) == [Quote("d", Span(0, MAX_ANSWER + 50))]
    fits_not = [candidate(0, 200, 1.0), candidate(200, 400, 0.999)]
    assert choose(query(Asked.LIST), [fits_not]) == [Quote("d", Span(0, 200))]


@pytest.mark.parametrize("asked", list(Asked))
def test_never_more_than_three_sentences(asked: Asked) -> None:
    many = [candidate(20 * n, 20 * n + 10, 1.0, n) for n in range(9)]
    assert 1 <= len(choose(query(asked), [many])) <= 3


def test_the_weights_say_what_counts(assistant: Assistant) -> None:
    asked = understand("居住证有效期限最长几年？")
    hits = assistant.searcher.search(asked.text)
    ranked = weigh(asked, hits, assistant.searcher)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)
    assert all(0 <= c.overlap <= 1.000001 for c in ranked)
    assert "10年" in ranked[0].sentence.text
    assert ranked[0].holds_kind
    nothing = weigh(asked, hits, assistant.searcher, Weights(0, 0, 0, 0, 0))
    assert {c.score for c in nothing} == {0}


def test_without_hits_there_is_nothing_to_weigh(assistant: Assistant) -> None:
    assert weigh(understand("居住证"), [], assistant.searcher) == []
