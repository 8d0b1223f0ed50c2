"""A turn as HTML, plain text and Markdown: everything escaped, every chip leads to its quote."""

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from pages import Html, assert_harmless, small_turn, turn_of
from support import (
    B_PERMIT,
    ONERROR,
    SCRIPT,
    SHIPPED_ID,
    assistant_of,
    dev_questions,
    hostile_document,
    shipped_assistant,
    squeeze,
    two_document_assistant,
)

from assistant.pipeline import Assistant
from corpus.model import ClauseAddress, Document
from ui.conversation import BASE, Turn, Writer, place, read_turns, signature
from ui.texts import EN, ZH, Texts

# Our own links, to the quote in its clause.
_OURS = re.compile(rf"\[((?:[^]\\]|\\.)*)\]\({BASE}documents/[^)\s]+\?quote=\d+-\d+#[^)\s]+\)")
_LINK = re.compile(r"(?<!\\)\[[^]]*(?<!\\)\][(:]")  # a link or a link's definition in Markdown
FAR = "今天天气怎么样？"
NO_ANSWER = "申请海外人才居住证要交多少钱工本费？"


def writer_of(assistant: Assistant, texts: Texts = ZH, root: str = "") -> Writer:
    return Writer(texts, {document.id: document.name for document in assistant.documents}, root)


def written(turn: Turn, assistant: Assistant | None = None) -> Html:
    return Html(writer_of(assistant or shipped_assistant()).turn(turn))


def answered(text: str, question: str) -> tuple[Turn, Writer]:
    assistant = assistant_of(Document("d", "某文件", text))
    turn = turn_of(assistant, question)
    assert turn.response.answerable
    return turn, writer_of(assistant)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (ClauseAddress("第三条", ("第一章 总则", "第三条")), "第一章 总则 › 第三条"),
        (ClauseAddress("第三条", ("第三条",), 2), "第三条 › 第2款"),
        (ClauseAddress("第三条", ("第三条",), 1, "（二）"), "第三条 › （二）"),
        (ClauseAddress("第三条", ("第三条",), 2, "1."), "第三条 › 第2款 › 1."),
        (ClauseAddress("前言", ("前言",)), "前言"),
    ],
)
def test_an_address_as_people_write_it(address: ClauseAddress, expected: str) -> None:
    assert place(address) == expected


def test_a_turn_leaves_the_evidence_out() -> None:
    turn = turn_of(shipped_assistant(), B_PERMIT)
    assert turn.question == B_PERMIT
    assert turn.response.evidence == []
    assert turn.response.citations


def test_turns_come_back_from_a_browser_as_they_went() -> None:
    turns = [turn_of(shipped_assistant(), question) for question in (B_PERMIT, NO_ANSWER, "你好")]
    kept = json.loads(json.dumps([turn.model_dump(mode="json") for turn in turns]))
    assert read_turns(kept) == turns


@pytest.mark.parametrize(
    "garbage", [None, 7, "turns", {}, {"0": 1}, [], [None, 7, "x", [], {}], [{"question": "问"}]]
)
def test_garbage_from_a_browser_is_no_turn(garbage: Any) -> None:
    assert read_turns(garbage) == []


def test_what_can_be_read_is_kept_beside_garbage() -> None:
    turn = small_turn("问")
    assert read_turns([{"question": 7}, turn.model_dump(mode="json"), None]) == [turn]


@pytest.mark.parametrize(
    ("start", "end"), [(-5, 3), (5, 3), ("x", 3), (None, 3), (1.5, 3), (10**400, 3)]
)
def test_a_citation_of_no_span_makes_no_turn(start: Any, end: Any) -> None:
    kept = turn_of(shipped_assistant(), B_PERMIT).model_dump(mode="json")
    kept["response"]["citations"][0] |= {"start_char_index": start, "end_char_index": end}
    assert read_turns([kept]) == []


def test_an_answer_with_chips_and_sources() -> None:
    turn = turn_of(shipped_assistant(), B_PERMIT)
    page = written(turn)
    assert B_PERMIT in page.one("div", "tw-you").text
    said = page.one("div", "tw-answer").text
    assert squeeze(said) == squeeze(turn.response.answer.replace("[1]", "1"))
    (chip,) = page.all("a", "tw-chip")
    (citation,) = turn.response.citations
    assert chip.text == "1"
    assert chip.attributes["data-quote-text"] == citation.cited_text
    assert chip.attributes["aria-label"].startswith("出处 1：三、建设创新创业人才高地 › （八）")
    source = page.one("ol", "tw-sources")
    assert "（八）进一步引进海外高层次人才" in source.text
    assert "《" not in source.text  # there is only one document


@pytest.mark.parametrize("root", ["", "../"])
def test_a_chip_leads_to_the_quoted_characters(root: str) -> None:
    assistant = shipped_assistant()
    turn = turn_of(assistant, "第八条和第九条讲什么")
    page = Html(writer_of(assistant, root=root).turn(turn))
    chips, places = page.all("a", "tw-chip"), page.all("a", "tw-place")
    assert len(chips) == len(places) == len(turn.response.citations) > 1
    for chip, place_, citation in zip(chips, places, turn.response.citations, strict=True):
        quote = f"{citation.start_char_index}-{citation.end_char_index}"
        assert chip.attributes["data-quote"] == quote
        assert chip.attributes["data-document"] == SHIPPED_ID
        path, _, anchor = chip.attributes["href"].partition("#")
        assert path == f"{root}documents/{SHIPPED_ID}?quote={quote}"
        assert unquote(anchor) == citation.clause.label
        assert place_.attributes["href"] == chip.attributes["href"]


def test_sources_name_the_document_where_there_are_several() -> None:
    assistant = two_document_assistant()
    turn = turn_of(assistant, "第三条第二款是怎么规定的？")
    page = written(turn, assistant)
    assert "《中华人民共和国示范法》" in page.one("ol", "tw-sources").text


@pytest.mark.parametrize(
    ("question", "bold"),
    [(B_PERMIT, ["10年"]), ("海外人才居住证（B证）制度怎么完善？", [])],
)
def test_the_fact_that_is_asked_for_is_bold(question: str, bold: list[str]) -> None:
    turn = turn_of(shipped_assistant(), question)
    assert turn.response.answerable
    assert [strong.text for strong in written(turn).all("strong")] == bold


def test_brackets_of_the_source_are_no_chips() -> None:
    turn, writer = answered("（一）依据。奖励按照沪府[2015]9号文件执行[1]办法。\n", "第一条讲什么")
    page = Html(writer.turn(turn))
    assert [chip.text for chip in page.all("a", "tw-chip")] == ["1"]
    assert "沪府[2015]9号文件执行[1]办法。1" in page.one("div", "tw-answer").text


@pytest.mark.parametrize("values", dev_questions()[::12], ids=lambda v: v["id"])
def test_every_turn_keeps_itself_and_nests(values: dict[str, Any]) -> None:
    turn = turn_of(shipped_assistant(), values["question"], values["history"])
    page = written(turn)
    article = page.one("article", "tw-turn")
    assert read_turns([json.loads(article.attributes["data-turn"])]) == [turn]
    assert article.attributes["data-id"] == turn.response.id
    for citation in turn.response.citations:
        assert squeeze(citation.cited_text) in squeeze(article.attributes["data-plain"])
    assert article.attributes["data-markdown"].startswith("## ")
    assert_harmless(writer_of(shipped_assistant()).turn(turn))


def test_a_refusal_gives_reason_and_nearest_clauses() -> None:
    turn = turn_of(shipped_assistant(), NO_ANSWER)
    refusal = turn.response.refusal
    assert refusal
    page = written(turn)
    card = page.one("div", "tw-refusal")
    assert refusal.message in card.text
    assert page.one("h2").text == ZH.refused
    near = page.all("a", "tw-near")
    assert [link.text for link in near] == [place(n) for n in refusal.nearest]
    for link, clause in zip(near, refusal.nearest, strict=True):
        assert link.attributes["href"] == clause.url.removeprefix("/")
        assert link.attributes["data-anchor"] == clause.url.partition("#")[2]
        assert link.attributes["data-document"] == SHIPPED_ID
    assert not page.all("div", "tw-answer")


def test_a_greeting_is_no_failure() -> None:
    page = written(turn_of(shipped_assistant(), "你好"))
    assert not page.all("h2")
    assert not page.all("a", "tw-near")
    assert page.one("div", "tw-refusal").text


def test_a_refusal_with_nothing_near_says_what_can_be_asked() -> None:
    writer = Writer(ZH, {}, examples=[SCRIPT, "乙？", "丙？", "丁？"])
    far = turn_of(shipped_assistant(), FAR)
    assert far.response.refusal
    assert far.response.refusal.nearest == []
    html = writer.turn(far)
    assert_harmless(html)
    page = Html(html)
    assert [button.text for button in page.all("button", "tw-question")] == [SCRIPT, "乙？", "丙？"]
    assert page.one("div", "tw-instead").text.startswith(ZH.instead)
    assert "乙？" not in page.one("div", "tw-refusal").text  # the refusal says what it said
    assert "乙？" not in writer.plain(far) + writer.markdown(far)
    for question in (NO_ANSWER, B_PERMIT):  # has clauses near, or is answered
        assert not Html(writer.turn(turn_of(shipped_assistant(), question))).all(name="tw-instead")


def test_a_thread_in_its_order_with_the_last_marked() -> None:
    writer = writer_of(shipped_assistant())
    page = Html(writer.thread([small_turn("甲", "1"), small_turn("乙", "2")]))
    turns = page.all("article", "tw-turn")
    assert [turn.attributes["data-id"] for turn in turns] == ["1", "2"]
    assert ["data-last" in turn.attributes for turn in turns] == [False, True]
    assert Html(writer.thread([])).one("div", "tw-thread").text == ""


def test_a_question_that_is_worked_on() -> None:
    writer = writer_of(shipped_assistant())
    waiting = Html(writer.thread([small_turn("甲")], pending="乙"))
    assert waiting.one("div", "tw-pending").text == ZH.working
    assert waiting.one("div", "tw-pending").attributes["role"] == "status"
    said = Html(writer.thread([], pending="乙", said="延长"))
    assert not said.all("div", "tw-pending")
    assert said.one("div", "tw-answer").text == "延长"
    assert "乙" in said.one("div", "tw-you").text


@pytest.mark.parametrize("texts", [ZH, EN])
def test_every_action_has_its_button(texts: Texts) -> None:
    page = Html(writer_of(shipped_assistant(), texts).turn(small_turn("问")))
    actions = [(b.attributes["data-do"], b.text) for b in page.all("button")]
    assert actions == [
        ("copy", texts.copy),
        ("markdown", texts.copy_markdown),
        ("share", texts.share),
        ("up", texts.good),
        ("down", texts.bad),
    ]


def test_a_notice_is_escaped_and_announced() -> None:
    html = writer_of(shipped_assistant()).thread([], notice=SCRIPT + ONERROR)
    assert_harmless(html)
    notice = Html(html).one("p", "tw-notice")
    assert notice.text == SCRIPT + ONERROR
    assert notice.attributes["role"] == "alert"


@pytest.mark.parametrize("question", ["居住证的有效期最高几年？", "第一条讲什么", "（二）讲什么"])
def test_everything_of_a_document_is_escaped(question: str) -> None:
    assistant = assistant_of(hostile_document(), Document("z", SCRIPT, "第一条 甲。\n"))
    outcome = turn_of(assistant, question)
    writer = writer_of(assistant)
    html = writer.turn(outcome)
    assert_harmless(html)
    for shown in (writer.plain(outcome), writer.markdown(outcome)):
        assert shown in [*Html(html).one("article").attributes.values()]
    for citation in outcome.response.citations:
        if SCRIPT in citation.cited_text:
            assert SCRIPT in Html(html).one("div", "tw-answer").text


@pytest.mark.parametrize("question", [SCRIPT, f"居住证{ONERROR}有效期", f"第三十条{SCRIPT}"])
def test_a_hostile_question_comes_to_no_harm(question: str) -> None:
    assistant = assistant_of(hostile_document())
    turn = turn_of(assistant, question)
    writer = writer_of(assistant)
    html = writer.thread([turn], pending=question, said=question)
    assert_harmless(html)
    assert Html(html).text.count(question) >= 3
    assert "<" not in re.sub(r"\\<", "", writer.markdown(turn))


def test_addresses_that_a_browser_made_up_stay_on_the_server() -> None:
    refused = turn_of(shipped_assistant(), NO_ANSWER).model_dump(mode="json")
    for near in refused["response"]["refusal"]["nearest"]:
        near |= {"url": "javascript:alert(1)", "document_id": "//elsewhere.example"}
    cited = turn_of(shipped_assistant(), B_PERMIT).model_dump(mode="json")
    for citation in cited["response"]["citations"]:
        citation |= {"url": "javascript:alert(1)", "document_id": 'javascript:"alert(1)'}
    turns = read_turns([refused, cited])
    assert len(turns) == 2
    assert_harmless(writer_of(shipped_assistant()).thread(turns))


def test_an_answer_as_plain_text() -> None:
    turn = turn_of(shipped_assistant(), B_PERMIT)
    (citation,) = turn.response.citations
    lines = writer_of(shipped_assistant()).plain(turn).split("\n")
    assert lines[0] == B_PERMIT
    assert lines[2 : 2 + turn.response.answer.count("\n") + 1] == turn.response.answer.split("\n")
    assert lines[-1] == (
        "[1] 《科创22条》三、建设创新创业人才高地 › （八）进一步引进海外高层次人才："
        f"“{citation.cited_text.strip()}”"
    )


def test_a_refusal_as_text_is_its_reason() -> None:
    turn = turn_of(shipped_assistant(), NO_ANSWER)
    refusal = turn.response.refusal
    assert refusal
    writer = writer_of(shipped_assistant())
    assert writer.plain(turn) == f"{NO_ANSWER}\n\n{refusal.message}"
    assert writer.markdown(turn).startswith(f"## {NO_ANSWER}\n\n")
    assert "> " not in writer.markdown(turn)


def test_an_answer_as_markdown() -> None:
    turn = turn_of(shipped_assistant(), B_PERMIT)
    (citation,) = turn.response.citations
    markdown = writer_of(shipped_assistant()).markdown(turn)
    assert markdown.startswith(f"## {B_PERMIT}\n\n")
    assert "10年" in markdown
    assert "\n> [1] 完善上海市海外人才居住证（B证）制度" in markdown
    span = f"{citation.start_char_index}-{citation.end_char_index}"
    anchor = citation.url.partition("#")[2]
    assert markdown.endswith(
        "  \n> [《科创22条》三、建设创新创业人才高地 › （八）进一步引进海外高层次人才]"
        f"({BASE}documents/{SHIPPED_ID}?quote={span}#{anchor})\n"
    )
    assert markdown.replace(BASE, "https://here/policy/") == writer_of(
        shipped_assistant()
    ).markdown(turn, "https://here/policy/")


def test_what_is_said_holds_no_place_for_an_address() -> None:
    markdown = writer_of(shipped_assistant()).markdown(small_turn(f"甲{BASE}乙"))
    assert BASE not in markdown


@pytest.mark.parametrize("name", ["a](javascript:alert(1))[b", "[1](x:y)", "a\\](x:y)", "[b]"])
def test_what_a_document_is_called_makes_no_link_of_its_own(name: str) -> None:
    assistant = assistant_of(Document("d", "长", "（一）奖励。按照规定奖励。\n", short_title=name))
    markdown = writer_of(assistant).markdown(turn_of(assistant, "第一条讲什么"))
    assert len(_OURS.findall(markdown)) == 1
    assert not _LINK.search(_OURS.sub(r"\1", markdown).replace("\\\\", "")), markdown


@pytest.mark.parametrize(
    "hostile",
    [
        "[x](javascript:alert(1))",
        "[1](javascript:alert(1))",
        "第1[x](javascript:alert(1))",
        "![x](https://elsewhere.example/x.png)",
        "![1](https://elsewhere.example/x.png)",
        "[1]: javascript:alert(1)",
        "[x]: javascript:alert(1)",
        "[a [1] b](javascript:alert(1))",
        "[1[1](javascript:alert(1))",
        "\\[x](javascript:alert(1))",
    ],
)
def test_no_link_of_a_document_works_in_markdown(hostile: str) -> None:
    turn, writer = answered(f"（一）奖励。{hostile}按照规定奖励。\n", "第一条讲什么")
    asked = turn.model_copy(update={"question": f"{hostile}？"})
    markdown = _OURS.sub(r"\1", writer.markdown(asked))
    assert not _LINK.search(markdown.replace("\\\\", "")), markdown
    assert squeeze(hostile) in squeeze(re.sub(r"\\([^\w\s])", r"\1", markdown))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("**粗**", r"\*\*粗\*\*"),
        ("a_b_c", r"a\_b\_c"),
        ("`x`", r"\`x\`"),
        ("<b>", r"\<b\>"),
        ("# 题", r"\# 题"),
        ("|表|", r"\|表\|"),
        ("~~x~~", r"\~\~x\~\~"),
        ("&lt;b&gt; R&D", r"\&lt;b\&gt; R&D"),
        ("见[1]", "见[1]"),
        ("甲\n乙", "甲 乙"),
    ],
)
def test_what_markdown_would_read_stands_as_it_is(said: str, expected: str) -> None:
    markdown = writer_of(shipped_assistant()).markdown(small_turn(said))
    assert markdown.split("\n\n")[0] == f"## {expected}"


@pytest.mark.parametrize("texts", [ZH, EN])
def test_the_signature_names_the_version(texts: Texts) -> None:
    assert re.search(r"\d", signature(texts))
    assert "{" not in signature(texts)
