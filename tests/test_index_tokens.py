"""Text → terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.tokens import fold, terms


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("第８條", "第8条"),
        ("（九）", "(九)"),
        ("㈨", "(九)"),
        ("Ｂ證", "b证"),
        ("", ""),
        ("a\x00條", "a\x00条"),
        ("\ud800條", "?条"),  # half a surrogate pair, as a terminal may hand over
    ],
)
def test_width_case_and_script_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("创新", ["创", "新", "创新"]),
        ("居住證", ["居", "住", "证", "居住", "住证"]),
        ("B证70%", ["b", "证", "70%"]),
        ("3.5 GB", ["3.5", "gb"]),
        ("PM2.5、Wi-Fi", ["pm2.5", "wi-fi"]),
        ("创新，创新", ["创", "新", "创新", "创", "新", "创新"]),
        ("，。!? \n", []),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_has_terms_without_white_space(text: str) -> None:
    for term in terms(text):
        assert term == term.strip() != ""
