"""Long sentences are cut at their own breaks, and never changed."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.shorten import parts, shorten
from corpus.model import Span

LONG = "对符合条件的企业，经认定（含复审，下同）的，给予补贴；补贴标准为每年十万元。"
WANTED = {"标准": 2.0, "补贴": 1.0}


def cut(limit: int, text: str = LONG) -> str:
    span = shorten(text, Span(100, 100 + len(text)), limit, WANTED)
    return text[span.start - 100 : span.end - 100]


def test_a_short_sentence_stays() -> None:
    assert cut(len(LONG)) == LONG


def test_the_stretch_that_holds_most_is_kept() -> None:
    assert cut(14) == "补贴标准为每年十万元。"
    assert cut(18) == "给予补贴；补贴标准为每年十万元。"


def test_no_break_within_brackets() -> None:
    assert [span.of(LONG) for span in parts(LONG)][1] == "经认定（含复审，下同）的，"


def test_an_enumeration_is_cut_at_its_own_signs_if_need_be() -> None:
    assert cut(5, "甲甲、补贴标准、乙乙乙乙乙。") == "补贴标准"
    assert cut(3, "没有任何停顿的句子") == "没有任"


@given(st.text("甲乙，；、（）。", min_size=1, max_size=40), st.integers(1, 40))
def test_what_is_left_is_short_enough_and_stands_in_the_text(text: str, limit: int) -> None:
    span = shorten(text, Span(0, len(text)), limit, WANTED)
    assert 0 < len(span) <= max(limit, 1)
    assert span.end <= len(text)
