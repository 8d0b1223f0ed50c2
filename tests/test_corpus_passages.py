"""Passages: spans that reproduce the text, cover it, and never cross a clause."""

from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.model import Document, Passage, Span
from corpus.parse import parse_outline
from corpus.passages import MAX_PASSAGE, cut, sentences
from corpus.store import shipped_documents

NUMBERS = [
    *(
        "一、",
        "二、",
        "三、",
        "（一）",
        "（二）",
        "(三)",
        "1.",
        "2.",
        "３．",
        "（1）",
        "(2)",
        "①",
        "②",
    ),
    *(
        "第一条 ",
        "第二条",
        "第三条　",
        "第二条之一 ",
        "第十条规定的",
        "第一章 ",
        "第二节 ",
        "第一编 ",
    ),
    *("附件1\n", "# ", "## ", "- ", "目录\n", "", "", "", "　　"),
]
WORDS = "支持企业创新。！？；：，、“”（）1a \u3000*_【】"
WORD = st.text(alphabet=WORDS, max_size=60)
LONG = st.builds(lambda word, times: word * times, WORD, st.integers(1, 40))
LINES = st.builds(lambda number, text: number + text, st.sampled_from(NUMBERS), WORD | LONG)
TEXTS = st.builds(
    lambda lines, end: end.join(lines),
    st.lists(LINES, max_size=12),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
)


def passages_of(text: str) -> tuple[Passage, ...]:
    return cut(Document("d", "题", text))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
@example("# 甲\n乙。\n## 丙\n丁。\n## 丙\n戊。")
@example("第一条 " + "甲" * 1000)
@example("一、甲\n" + "乙丙。" * 300 + "\n1." + "丁，" * 500)
@example("一、" + "甲。 " * 300)
def test_passages_of_any_document(text: str) -> None:
    passages = passages_of(text)
    outline = parse_outline(text)
    assert all(passage.span.of(text) == passage.text for passage in passages)
    assert all(passage.text == passage.text.strip() != "" for passage in passages)
    assert all(len(passage.span) <= MAX_PASSAGE for passage in passages)
    assert all(a.span.end <= b.span.start for a, b in pairwise(passages))
    covered = {at for passage in passages for at in range(passage.span.start, passage.span.end)}
    for line in outline.lines:
        for at in range(line.span.start, line.span.end):
            assert at in covered or text[at].isspace()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
@example("## 丙\n丁。\n## 丙\n戊。")
@example("第一条 甲。\n第一条 乙。")
@example("# 题\n一、甲\n乙。\n附件\n一、甲\n乙。")
def test_no_passage_crosses_a_clause(text: str) -> None:
    outline = parse_outline(text)
    for passage in passages_of(text):
        inside = [line for line in outline.lines if _meet(line.span, passage.span)]
        assert len({(line.clause, line.address.paragraph) for line in inside}) == 1
        assert passage.address.label == inside[0].address.label
        assert passage.address.path == inside[0].address.path
        assert passage.address.paragraph == inside[0].address.paragraph


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_lines_and_places_are_in_order_and_apart(text: str) -> None:
    outline = parse_outline(text)
    for spans in ([line.span for line in outline.lines], [p.span for p in outline.places]):
        assert all(a.end <= b.start for a, b in pairwise(spans))
    assert set(outline.lines) <= set(outline.places)
    for path in outline.walk():
        assert all(above.span.covers(below.span) for above, below in pairwise(path))


@given(st.text(alphabet=WORDS + "\n\r", max_size=200))
def test_sentences_lose_nothing_but_punctuation(text: str) -> None:
    spans = sentences(text, Span(0, len(text)))
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert all(at in covered for at, char in enumerate(text) if char in "支持企业创新a")


def test_sentences_leave_out_the_numbers_of_items_at_the_start_of_a_line() -> None:
    text = "有下列情形的：\n（一）甲；\n　　2. 乙（一）丙。"
    found = [span.of(text) for span in sentences(text, Span(0, len(text)))]
    assert found == ["有下列情形的：", "甲；", "乙（一）丙。"]


def test_sentences_keep_their_closing_quotes() -> None:
    text = "甲说：“乙。”丙；丁！（戊。）\n　　己"
    found = [span.of(text) for span in sentences(text, Span(0, len(text)))]
    assert found == ["甲说：“乙。”", "丙；", "丁！", "（戊。）", "己"]
    assert [s.of(text) for s in sentences(text, Span(7, 11))] == ["丙；", "丁！"]
    assert sentences("。。 ”", Span(0, 4)) == ()


def test_a_paragraph_and_its_items_are_one_passage() -> None:
    text = "第一条 有下列情形的：\n（一）甲；\n（二）乙。\n　　丙。\n第二条 丁。"
    assert [(p.text, p.address.paragraph, p.address.item) for p in passages_of(text)] == [
        ("有下列情形的：\n（一）甲；\n（二）乙。", 1, None),
        ("丙。", 2, None),
        ("丁。", 1, None),
    ]


def test_items_of_an_overlong_paragraph_stand_apart() -> None:
    item = "甲" * 110 + "；"
    text = f"第一条 有下列情形的：\n（一）{item}\n（二）{item}\n（三）{item}\n（四）{item}"
    passages = passages_of(text)
    assert [passage.address.item for passage in passages] == [
        None,
        "（一）",
        "（二）",
        "（三）",
        "（四）",
    ]
    short = f"第一条 有下列情形的：\n（一）{'甲' * 300}；\n（二）乙；\n（三）{'丙' * 100}。"
    assert [p.address.item for p in passages_of(short)] == [None, "（一）", None]


def test_the_overlong_are_split_at_sentence_ends() -> None:
    text = "一、甲\n" + ("乙" * 149 + "。") * 5
    assert [len(passage.text) for passage in passages_of(text)] == [300, 300, 150]
    assert all(passage.text.endswith("。") for passage in passages_of(text))
    assert {passage.address.label for passage in passages_of(text)} == {"一、"}


def test_the_first_document_is_covered() -> None:
    for document in shipped_documents():
        passages = cut(document)
        labels = {passage.address.label for passage in passages}
        assert labels == parse_outline(document.text).labels()
        assert {passage.document_id for passage in passages} == {document.id}


def test_no_text_no_passages() -> None:
    assert passages_of("") == ()
    assert passages_of("\n　\n---") == ()
