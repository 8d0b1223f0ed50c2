"""Short forms spelt out in the documents' words."""

import pytest

from index.short_forms import short_forms, spell_out


def spelt(question: str, *texts: str) -> str:
    return spell_out(question, lambda: texts)


@pytest.mark.parametrize(
    ("question", "text", "meant"),
    [
        ("国企怎么考核", "完善国有企业考核办法", "国有企业怎么考核"),
        ("研发投入占gdp多少", "占全市生产总值的比重", "研发投入占生产总值多少"),
        ("外企有补贴吗", "外商投资企业享受补贴", "外商投资企业有补贴吗"),
    ],
)
def test_a_short_form_that_no_document_holds(question: str, text: str, meant: str) -> None:
    assert spelt(question, "别的文件", text) == meant


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("国企怎么考核", "国企与国有企业"),  # the document says it itself
        ("国企怎么考核", "民营企业"),  # nothing it stands for
        ("外国企业怎么考核", "国有企业"),  # the long word of another thing
        ("what is the ai policy", "人工智能"),  # a word of English
        ("email发到哪里", "人工智能"),  # ai within a word
    ],
)
def test_what_is_left_alone(question: str, text: str) -> None:
    assert spelt(question, text) == question


def test_a_document_that_holds_the_letters_by_chance_is_no_use_of_it() -> None:
    assert spelt("国企怎么考核", "跨国企业", "国有企业") == "国有企业怎么考核"


def test_the_table_is_sound() -> None:
    forms = short_forms()
    assert len(forms) > 50
    assert len({short for short, _, _ in forms}) == len(forms)
    assert all(full and short not in full for short, _, full in forms)
