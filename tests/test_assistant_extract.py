"""Evidence → quotes, from hand-made hits."""

import math
from dataclasses import replace

import pytest
from fakes import LAW_TEXT, POLICY_TEXT
from support import assistant_of

from assistant.candidates import Candidate
from assistant.choose import choose
from assistant.extract import behind, rerank, toward, weigh
from assistant.pipeline import Assistant
from assistant.question import understand
from assistant.quotes import MAX_ANSWER, Quote
from assistant.reader import Reader
from assistant.signals import NAMES
from corpus.model import ClauseAddress, Document, Passage, Span
from index.search import Hit, Sentence

PASSAGE = Passage("d", Span(0, 500), ClauseAddress("（一）", ("（一）标题",)), "")


def hit(number: int) -> Hit:
    return Hit(PASSAGE, number + 1, 1.0, 0.5, 1.0, number)


def candidate(
    start: int, end: int, score: float, number: int = 0, text: str = "句子。"
) -> Candidate:
    return Candidate(Sentence(hit(number), Span(start, end), text, 0.5), score, score, 0.5, False)


def test_a_value_in_the_same_statement_is_not_behind() -> None:
    offence = candidate(0, 10, 3.0, text="诱导点餐的，给予警告；")
    fine = replace(candidate(10, 20, 0.5, text="拒不改正的，处一千元罚款。"), holds_kind=True)
    apart = replace(fine, sentence=replace(fine.sentence, span=Span(30, 40)))
    assert behind([offence, fine]) == 0
    other = candidate(20, 30, 0.1, text="另一件事。")
    assert behind([offence, other, apart]) == 2.5


def led(item: Candidate, lead: Span) -> Candidate:
    return replace(item, sentence=replace(item.sentence, lead=lead))


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return assistant_of(Document("p", "意见", POLICY_TEXT), Document("l", "示范法", LAW_TEXT))


def test_nothing_to_choose_from() -> None:
    assert choose([[]]) == []
    assert choose([]) == []


def test_one_sentence_is_the_rule() -> None:
    assert choose([[candidate(0, 10, 5.0), candidate(10, 20, 0.1)]]) == [Quote("d", Span(0, 10))]


def test_sentences_of_a_passage_are_in_the_order_of_the_text() -> None:
    ranked = [[candidate(10, 20, 1.0), candidate(0, 10, 0.99)]]
    assert choose(ranked) == [Quote("d", Span(0, 10)), Quote("d", Span(10, 20))]


def test_passages_stay_best_first() -> None:
    ranked = [[candidate(50, 60, 1.0, 1), candidate(0, 10, 0.99, 0)]]
    spans = [quote.span for quote in choose(ranked)]
    assert spans == [Span(50, 60), Span(0, 10)]


def test_an_item_is_quoted_with_what_introduces_it() -> None:
    item = led(candidate(20, 30, 5.0), Span(0, 20))
    spans = [quote.span for quote in choose([[item]])]
    assert spans == [Span(0, 20), Span(20, 30)]


def test_what_introduces_a_list_is_quoted_once() -> None:
    first, second = (led(candidate(n, n + 10, 5.0), Span(0, 20)) for n in (20, 30))
    part = candidate(10, 20, 5.0)
    spans = [quote.span for quote in choose([[first, part, second]])]
    assert spans == [Span(0, 20), Span(20, 30), Span(30, 40)]


def test_what_introduces_a_list_is_left_out_if_there_is_no_room() -> None:
    item = led(candidate(310, 330, 5.0), Span(0, 300))
    assert [quote.span for quote in choose([[item]])] == [Span(310, 330)]


def test_a_line_that_introduces_a_list_brings_its_items() -> None:
    line = candidate(0, 20, 5.0)
    items = [led(candidate(n, n + 10, 0.0), line.sentence.span) for n in (20, 30)]
    whole = [Span(0, 20), Span(20, 30), Span(30, 40)]
    assert [quote.span for quote in choose([[line, *items]])] == whole
    chosen = [led(candidate(30, 40, 4.9), line.sentence.span), items[0]]
    assert [quote.span for quote in choose([[line, *chosen]])] == [Span(0, 20), Span(30, 40)]


def test_items_are_no_alternatives_unless_a_list_is_asked_for() -> None:
    text = "可乘商务舱；\n市内出租车凭票报销。可乘高铁；可乘动车。\n"
    passage = replace(PASSAGE, span=Span(0, len(text)), text=text)

    def of(piece: str, score: float) -> Candidate:
        made = candidate(text.index(piece), text.index(piece) + len(piece), score, text=piece)
        own = replace(made.sentence, hit=replace(made.sentence.hit, passage=passage))
        return replace(made, sentence=own)

    flight, taxi = of("可乘商务舱；", 5.0), of("市内出租车凭票报销。", 0.0)
    assert [q.span for q in choose([[flight, taxi]], listed=False)] == [flight.sentence.span]
    assert len(choose([[flight, taxi]])) == 2
    train, other = of("可乘高铁；", 5.0), of("可乘动车。", 0.0)
    assert len(choose([[train, other]], listed=False)) == 2


def test_sentences_apart_stay_apart() -> None:
    ranked = [[candidate(30, 40, 1.0), candidate(0, 10, 0.99)]]
    assert choose(ranked) == [Quote("d", Span(0, 10)), Quote("d", Span(30, 40))]


def test_the_best_of_each_part_is_chosen_once() -> None:
    first = [candidate(0, 10, 1.0, 0)]
    second = [candidate(0, 10, 1.0, 0), candidate(50, 60, 0.9, 1)]
    spans = [quote.span for quote in choose([first, second])]
    assert spans == [Span(0, 10), Span(50, 60)]


def test_an_answer_stays_short_but_never_empty() -> None:
    long = [candidate(0, MAX_ANSWER + 50, 1.0), candidate(400, 410, 0.999)]
    assert choose([long]) == [Quote("d", Span(0, MAX_ANSWER + 50))]
    exactly = [candidate(0, 150, 1.0), candidate(200, 345, 0.999), candidate(400, 401, 0.99)]
    assert len(choose([exactly])) == 2  # with a line break and a number between them
    fits_not = [candidate(0, 150, 1.0), candidate(200, 346, 0.999)]
    assert len(choose([fits_not])) == 1
    fits_not = [candidate(0, 200, 1.0), candidate(200, 400, 0.999)]
    assert choose([fits_not]) == [Quote("d", Span(0, 200))]


def test_of_another_clause_only_a_statement_joins() -> None:
    best, statement = (candidate(100 * n, 100 * n + 9, 1.0 - n / 9, n) for n in (0, 2))
    there = replace(hit(1).passage, address=ClauseAddress("前言", ("前言",)))
    title = candidate(100, 109, 0.9, 1, text="某市人民政府办公厅")
    title = replace(title, sentence=replace(title.sentence, hit=replace(hit(1), passage=there)))
    assert choose([[best, title, statement]]) == [
        Quote("d", best.sentence.span),
        Quote("d", statement.sentence.span),
    ]


def test_never_more_than_four_sentences() -> None:
    many = [candidate(20 * n, 20 * n + 10, 1.0, n) for n in range(9)]
    assert len(choose([many])) == 4


def test_the_weights_say_what_counts(assistant: Assistant) -> None:
    asked = understand("居住证有效期限最长几年？")
    hits = assistant.searcher.search(asked.text)
    ranked = weigh(asked, hits, assistant.searcher)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)
    assert all(0 <= c.overlap <= 1.000001 for c in ranked)
    assert "10年" in ranked[0].sentence.text
    assert ranked[0].holds_kind
    nothing = weigh(asked, hits, assistant.searcher, Reader((0.0,) * len(NAMES)))
    assert {c.score for c in nothing} == {0}


def test_the_clause_talked_about_is_preferred_unless_another_is_best_even_so() -> None:
    def of(label: str, score: float, start: int) -> Candidate:
        made = candidate(start, start + 10, score)
        passage = replace(PASSAGE, address=ClauseAddress(label, (label,)))
        return replace(
            made, sentence=replace(made.sentence, hit=replace(made.sentence.hit, passage=passage))
        )

    before = [of("（一）", 1.0, 0)]
    close = [of("（二）", 2.0, 20), of("（一）", 0.0, 0)]
    assert [c.sentence.span.start for c in toward(close, before)] == [0, 20]
    far = [of("（二）", 9.0, 20), of("（一）", 0.0, 0)]
    assert toward(far, before) == far  # the talk has moved on
    assert toward([], before) == []


def test_hits_are_put_in_the_order_of_their_best_sentences() -> None:
    weighed = [candidate(0, 9, 1.0, 0), candidate(20, 29, 3.0, 1), candidate(40, 49, 2.0, 0)]
    found = rerank([hit(0), hit(1), hit(2)], weighed, 5)
    assert [(h.number, h.rank, h.score) for h in found] == [(1, 1, 3.0), (0, 2, 2.0)]
    assert rerank([hit(0), hit(1)], weighed, 1) == found[:1]


def test_how_far_a_value_stands_behind() -> None:
    plain, valued = candidate(0, 9, 3.0), replace(candidate(9, 18, 1.5), holds_kind=True)
    assert behind([plain, valued]) == 1.5
    assert behind([plain]) == math.inf


def test_without_hits_there_is_nothing_to_weigh(assistant: Assistant) -> None:
    assert weigh(understand("居住证"), [], assistant.searcher) == []
