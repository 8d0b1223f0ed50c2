"""可以 or 不可以, only where the wording decides it."""

import pytest

from assistant.candidates import Candidate
from assistant.question import understand
from assistant.verdict import verdict
from corpus.model import ClauseAddress, Passage, Span
from index.search import Hit, Sentence


def said(question: str, text: str, overlap: float = 0.8) -> str:
    passage = Passage("d", Span(0, 99), ClauseAddress("第一条", ("第一条",)), text)
    sentence = Sentence(Hit(passage, 1, 1.0, 0.5, 1.0, 0), Span(0, len(text)), text, 0.5)
    return verdict(understand(question), Candidate(sentence, 1.0, 1.0, overlap, False))


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("科研人员可以到企业兼职吗？", "允许科研人员到企业兼职。", "可以。"),
        ("公办养老院能不能收会员费？", "公办养老院不得收取会员费。", "不可以。"),
        ("企业能参与垃圾清运吗？", "鼓励企业参与垃圾清运。", "文件支持。"),
    ],
)
def test_the_wording_decides(question: str, text: str, expected: str) -> None:
    assert said(question, text) == expected


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("兼职的期限多久？", "允许科研人员兼职。"),  # no such question
        ("科研人员不能兼职吗？", "允许科研人员兼职。"),  # yes to what?
        ("科研人员可以兼职吗？", "科研人员兼职的，应当报告。"),  # says neither
        ("科研人员可以兼职吗？", "科研人员可以兼职，但是不得影响工作。"),  # on a condition
        ("大学生可以到高校兼职吗？", "允许企业家到高校兼职。"),  # of whom else
        ("科研人员可以到高校兼职吗？", "允许企业科研人员到高校兼职。"),  # of some of them
        ("能不能离岗创业？", "鼓励科研人员离岗创业。"),  # who?
        ("Can researchers 兼职?", "允许科研人员兼职。"),
        ("科研人员可以兼职吗？收入归谁？", "允许科研人员兼职。"),  # asks more
    ],
)
def test_otherwise_the_quote_speaks_for_itself(question: str, text: str) -> None:
    assert said(question, text) == ""


def test_a_sentence_about_something_else_decides_nothing() -> None:
    assert said("科研人员可以兼职吗？", "企业可以参与清运。", overlap=0.1) == ""
