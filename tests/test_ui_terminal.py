"""Outcome → text for a terminal."""

from support import B_PERMIT, shipped_assistant, squeeze, two_document_assistant

from assistant.answer import Answer, Refusal
from ui.terminal import to_terminal


def test_an_answer_on_a_terminal() -> None:
    assistant = shipped_assistant()
    outcome = assistant.ask(B_PERMIT)
    assert isinstance(outcome, Answer)
    text = to_terminal(outcome, assistant.library)
    assert text.startswith(outcome.text)
    assert "[1] 《科创22条》 三、建设创新创业人才高地 › （八）进一步引进海外高层次人才" in text
    assert f"“{squeeze(outcome.citations[0].cited_text)}”" in squeeze(text)


def test_every_citation_has_a_line_for_its_clause_and_one_for_its_quote() -> None:
    assistant = two_document_assistant()
    outcome = assistant.ask("第三条第二款")
    assert isinstance(outcome, Answer)
    lines = to_terminal(outcome, assistant.library).removeprefix(outcome.text).splitlines()
    assert lines[0] == lines[1] == ""
    assert len(lines) == 2 + 2 * len(outcome.citations)
    assert lines[2] == "[1] 《中华人民共和国示范法》 第一编 通则 › 第二章 示范 › 第三条 › 第2款"
    assert lines[3] == "    “经费不足的，可以申请补助。”"


def test_a_quote_of_several_lines_is_shown_in_one() -> None:
    assistant = shipped_assistant()
    outcome = assistant.ask("第八条和第九条讲什么")
    assert isinstance(outcome, Answer)
    lines = to_terminal(outcome, assistant.library).splitlines()
    quotes = [line for line in lines if line.startswith("    “")]
    assert len(quotes) == len(outcome.citations)
    assert all(line.endswith("”") for line in quotes)


def test_a_refusal_on_a_terminal_names_the_nearest_clauses() -> None:
    assistant = shipped_assistant()
    outcome = assistant.ask("申请海外人才居住证要交多少钱工本费？")
    assert isinstance(outcome, Refusal)
    lines = to_terminal(outcome, assistant.library).splitlines()
    assert lines[0] == outcome.message
    assert len(lines) == 1 + len(outcome.nearest) > 1
    assert all("《科创22条》" in line for line in lines[1:])


def test_a_greeting_on_a_terminal_is_one_line() -> None:
    assistant = shipped_assistant()
    outcome = assistant.ask("你好")
    assert isinstance(outcome, Refusal)
    assert to_terminal(outcome, assistant.library) == outcome.message
