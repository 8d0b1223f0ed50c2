"""Characters typed for others that sound alike."""

import pytest

from index.spelling import Spelling

PAIRS = {"孵化": 5, "化器": 5, "提供": 9, "服务": 9, "企业": 9, "办公": 3, "居住": 4, "住证": 4}
WORDS = frozenset({"孵化", "提供", "服务", "企业", "居住", "办公室", "福利"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("企业浮化器提共什么福务", "企业孵化器提供什么服务"),
        ("局住证", "居住证"),
        ("企业福利", "企业福利"),  # a word of the language, though no document has it
        ("办公室", "办公室"),
        ("孵化器", "孵化器"),
        ("incubator B证", "incubator B证"),
        ("浮", "浮"),
        ("", ""),
    ],
)
def test_correct(typed: str, meant: str) -> None:
    assert Spelling(PAIRS, WORDS).correct(typed) == meant


def test_what_makes_no_word_is_left_alone() -> None:
    assert Spelling({"孵化": 5}, frozenset()).correct("付画") == "付画"


def test_without_documents_nothing_changes() -> None:
    assert Spelling({}, WORDS).correct("浮化器") == "浮化器"
