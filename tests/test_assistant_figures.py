"""Figures in one form, however they are written."""

import pytest

from assistant.figures import figures


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("五百元", "500元"),
        ("三万元以下", "3万元以下"),
        ("三万五千元", "35000元"),
        ("一亿二千万元", "1.2亿元"),
        ("一点五万元", "1.5万元"),
        ("三万亿元", "3万亿元"),
        ("百分之三十", "30%"),
        ("百分之零点五", "0.5%"),
        ("二十日", "20日"),
        ("三至五年", "3至5年"),
        ("三万五千元至五万元", "35000元至5万元"),
        ("二〇二四年三月一日", "2024年3月1日"),
        ("二○二四年", "2024年"),
        ("九点", "9点"),
    ],
)
def test_chinese_numerals_and_digits_are_the_same(written: str, digits: str) -> None:
    assert figures(written)
    assert figures(written) == figures(digits)


@pytest.mark.parametrize("text", ["万众创新", "一点意见", "第三万条", "统一", ""])
def test_words_are_no_figures(text: str) -> None:
    assert figures(text) == []
