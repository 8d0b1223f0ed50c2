"""A word's meaning is answered by the sentence that lays it down."""

import pytest
from support import assistant_of

from assistant.answer import Answer
from assistant.definitions import defines, word_asked
from corpus.model import Document

LAW = """第一条　本条例所称农村生活垃圾，是指城镇以外其他区域的生活垃圾。
第二条　本条例所称生活垃圾，是指在日常生活中产生的固体废物。
第三条　生活垃圾由生活垃圾管理部门管理，生活垃圾应当分类。
"""


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("什么是生活垃圾？", "生活垃圾"),
        ("请问何谓“生活垃圾”", "生活垃圾"),
        ("生活垃圾指的是什么？", "生活垃圾"),
        ("生活垃圾是什么意思呢", "生活垃圾"),
        ("生活垃圾的定义是什么", "生活垃圾"),
        ("生活垃圾怎么分类", ""),
        ("什么时候收垃圾", ""),
    ],
)
def test_the_word_asked_about(question: str, word: str) -> None:
    assert word_asked(question) == word


def test_a_longer_word_is_another_word() -> None:
    assert defines("本条例所称生活垃圾，是指废物。", "生活垃圾")
    assert defines("本条例所称生活垃圾，是指废物。", "本条例所称生活垃圾")
    assert defines("“生活垃圾”，是指废物；", "生活垃圾")
    assert not defines("本条例所称农村生活垃圾，是指废物。", "生活垃圾")
    assert not defines("生活垃圾应当分类。", "生活垃圾")
    assert not defines("所称垃圾，是指废物。", "")


@pytest.mark.parametrize("question", ["本条例所称生活垃圾是指什么？", "生活垃圾是什么意思"])
def test_the_definition_answers(question: str) -> None:
    outcome = assistant_of(Document("d", "某省条例", LAW)).ask(question)
    assert isinstance(outcome, Answer)
    assert outcome.citations[0].address.label == "第二条"
