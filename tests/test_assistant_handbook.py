"""A company's rules, whose values are written in Chinese numerals, asked in everyday words."""

from functools import lru_cache

import pytest
from support import assistant_of, shipped_encoder

from assistant.answer import Answer
from assistant.pipeline import Assistant
from corpus.model import Document

RULES = """考勤与差旅管理规定
第一条 员工出差应当填写申请单，由部门负责人批准。
第二条 出差住宿费每天不超过五百元。
第三条 出差补助每天一百元。
第四条 累计工作已满一年不满十年的，年休假五天；已满十年不满二十年的，年休假十天。
第五条 女职工生育享受九十八天产假，其中产前可以休假十五天。
第六条 报销应当在出差结束后二十日内提交，逾期不予报销。
第七条 二〇二六年起，出差补助每天一百二十元。
第八条 本规定自二〇二四年三月一日起施行。
"""


@lru_cache(maxsize=1)
def assistant() -> Assistant:
    return assistant_of(Document("rules", "考勤与差旅管理规定", RULES), encoder=shipped_encoder())


def quoted(question: str, one: Assistant | None = None) -> str:
    outcome = (one or assistant()).ask(question)
    assert isinstance(outcome, Answer), outcome
    return outcome.citations[0].cited_text


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("出差住酒店能报多少", "五百元"),
        ("出差住宾馆一晚最多报多少", "五百元"),
        ("产假多少天", "九十八天产假"),
        ("年假多少天", "年休假五天"),
        ("多久内要报销", "二十日内"),
        ("2026年起出差补助是多少钱", "二〇二六年"),
        ("什么时候开始实行", "二〇二四年三月一日"),
        ("从哪天开始实行", "二〇二四年三月一日"),
    ],
)
def test_values_in_chinese_numerals_answer(question: str, value: str) -> None:
    assert value in quoted(question)


def test_one_sentence_alone_answers() -> None:
    alone = Document("alone", "差旅", "出差住宿费每天不超过五百元。")
    one = assistant_of(alone, encoder=shipped_encoder())
    assert quoted("出差住酒店能报多少", one) == alone.text


def test_a_year_that_is_not_named_is_refused() -> None:
    assert not isinstance(assistant().ask("2027年起出差补助是多少钱"), Answer)
