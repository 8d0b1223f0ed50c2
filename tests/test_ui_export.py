"""A conversation as a Word document, opened again."""

import io
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from pages import small_turn, turn_of
from support import (
    B_PERMIT,
    ONERROR,
    SCRIPT,
    SHIPPED_ID,
    assistant_of,
    hostile_document,
    shipped_assistant,
)

from assistant.pipeline import Assistant
from ui.conversation import Turn, Writer
from ui.export import to_docx
from ui.texts import ZH

NO_ANSWER = "申请海外人才居住证要交多少钱工本费？"


def exported(*turns: Turn, assistant: Assistant | None = None) -> Any:
    documents = (assistant or shipped_assistant()).documents
    writer = Writer(ZH, {document.id: document.name for document in documents})
    return docx.Document(io.BytesIO(to_docx(turns, writer, "由条问回答")))


def paragraphs(file: Any) -> list[tuple[str, str]]:
    return [(paragraph.style.name, paragraph.text) for paragraph in file.paragraphs]


def test_an_answer_with_its_citation() -> None:
    turn = turn_of(shipped_assistant(), B_PERMIT)
    (citation,) = turn.response.citations
    said = [("Normal", line) for line in turn.response.answer.split("\n")]
    assert paragraphs(exported(turn)) == [
        ("Heading 2", B_PERMIT),
        *said,
        (
            "Quote",
            f"[1] “{citation.cited_text}”\n"
            "《科创22条》三、建设创新创业人才高地 › （八）进一步引进海外高层次人才",
        ),
        ("Normal", "由条问回答"),
    ]


@pytest.mark.parametrize("base", ["https://here.example/policy/", ""])
def test_a_clause_is_a_link_to_its_quote(base: str) -> None:
    turn = turn_of(shipped_assistant(), B_PERMIT)
    (citation,) = turn.response.citations
    writer = Writer(ZH, {SHIPPED_ID: "科创22条"})
    file = docx.Document(io.BytesIO(to_docx([turn], writer, "完", base)))
    links = [link for paragraph in file.paragraphs for link in paragraph.hyperlinks]
    span = f"{citation.start_char_index}-{citation.end_char_index}"
    anchor = citation.url.partition("#")[2]
    expected = f"{base}documents/{SHIPPED_ID}?quote={span}#{anchor}"
    assert [link.url for link in links] == ([expected] if base else [])
    assert all("（八）" in link.text for link in links)


def test_a_refusal_is_exported_as_its_reason() -> None:
    turn = turn_of(shipped_assistant(), NO_ANSWER)
    refusal = turn.response.refusal
    assert refusal
    found = paragraphs(exported(turn))
    assert found[0] == ("Heading 2", NO_ANSWER)
    assert "".join(text for _, text in found[1:-1]) == refusal.message.replace("\n", "")
    assert "Quote" not in [style for style, _ in found]


def test_turns_stand_in_their_order() -> None:
    found = paragraphs(exported(small_turn("甲"), small_turn("乙")))
    assert [text for style, text in found if style == "Heading 2"] == ["甲", "乙"]


def test_nothing_exported_is_still_a_document() -> None:
    assert paragraphs(exported()) == [("Normal", "由条问回答")]


def test_chinese_is_set_in_a_chinese_font() -> None:
    file = exported(turn_of(shipped_assistant(), B_PERMIT))
    for name in ("Normal", "Heading 2", "Quote"):
        fonts = file.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Noto Sans CJK SC"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("甲\x00乙", "甲乙"),
        ("甲\x0b\x1b[31m乙", "甲[31m乙"),
        ("甲\ufffe\uffff乙", "甲乙"),
        ("坏\ud83d字", "坏字"),
        ("𠮷\U0010ffff", "𠮷\U0010ffff"),
        ("甲\t乙\n丙", "甲\t乙\n丙"),
        (f"{SCRIPT}&amp;", f"{SCRIPT}&amp;"),
    ],
)
def test_what_xml_cannot_hold_is_left_out(said: str, kept: str) -> None:
    turn = Turn.model_construct(question=said, response=small_turn("问").response)
    assert exported(turn).paragraphs[0].text == kept


def test_a_hostile_document_is_text() -> None:
    assistant = assistant_of(hostile_document())
    turn = turn_of(assistant, "第一条讲什么")
    assert turn.response.answerable
    text = "\n".join(text for _, text in paragraphs(exported(turn, assistant=assistant)))
    assert SCRIPT in text
    assert f"《短{ONERROR}》" in text
