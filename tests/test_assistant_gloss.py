"""Labels and headings in English, word by word."""

import pytest

from assistant import gloss
from corpus.model import ClauseAddress


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("（八）", "clause 8"),
        ("第二十一条", "article 21"),
        ("第一章", "chapter 1"),
        ("三、", "part 3"),
        ("前言", "the preamble"),
        ("附件", "附件"),
    ],
)
def test_labels(label: str, written: str) -> None:
    assert gloss.label(ClauseAddress(label, (label,))) == written


def test_a_heading_is_glossed_in_the_order_of_its_words() -> None:
    address = ClauseAddress("（八）", ("三、建设", "（八）引进海外人才"))
    words = gloss.heading(address)
    assert words.index("overseas") < words.index("talent")
    assert "八" not in words


def test_an_article_without_a_heading_has_no_gloss() -> None:
    assert gloss.heading(ClauseAddress("第三条", ("第三条",))) == ""


def test_every_gloss_is_short() -> None:
    table = gloss.glosses()
    assert len(table) > 5_000
    assert all(1 <= len(english.split()) <= 5 for english in table.values())
