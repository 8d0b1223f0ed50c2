"""Chinese numerals: known values, and there and back for every number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import numerals


@given(st.integers(min_value=0, max_value=99_999_999))
def test_what_is_written_is_read_back(number: int) -> None:
    assert numerals.parse(numerals.to_chinese(number)) == number


@given(st.integers(min_value=0, max_value=10**9))
def test_digits_of_both_widths_are_read(number: int) -> None:
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    assert numerals.parse(str(number)) == numerals.parse(full_width) == number


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "零"),
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (22, "二十二"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (111, "一百一十一"),
        (120, "一百二十"),
        (505, "五百零五"),
        (1000, "一千"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1260, "一千二百六十"),
        (10_000, "一万"),
        (10_010, "一万零一十"),
        (12_000, "一万二千"),
        (100_000, "十万"),
        (1_000_001, "一百万零一"),
    ],
)
def test_numbers_are_written_as_article_numbers_are(number: int, written: str) -> None:
    assert numerals.to_chinese(number) == written
    assert numerals.parse(written) == number


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("两千零三", 2003),
        ("二〇一五", 2015),
        ("一〇三", 103),
        ("〇", 0),
        ("万", 10_000),
        ("百", 100),
        ("１２０", 120),
        ("007", 7),
        ("九千九百九十九万九千九百九十九", 99_999_999),
    ],
)
def test_other_spellings_are_read(numeral: str, number: int) -> None:
    assert numerals.parse(numeral) == number


@pytest.mark.parametrize("numeral", ["", " ", "条", "1百", "万万", "一二x", "-1", "1.5", "三 十"])
def test_what_is_no_numeral_is_named(numeral: str) -> None:
    with pytest.raises(ValueError, match="not a numeral"):
        numerals.parse(numeral)


@pytest.mark.parametrize("number", [-1, 100_000_000])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"out of range: {number}"):
        numerals.to_chinese(number)
