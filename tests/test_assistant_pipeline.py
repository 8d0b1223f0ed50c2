"""The flow from question to cited answer, on the shipped document with the shipped encoder."""

import json
import re
from typing import Any

import pytest
from support import (
    B_PERMIT,
    SHIPPED_ID,
    assistant_of,
    check_contract,
    dev_questions,
    shipped_assistant,
    two_document_assistant,
)

from assistant.answer import Answer, Outcome, Reason, Refusal
from assistant.api.schemas import AskResponse
from assistant.citations import verify
from assistant.errors import BadQuestion
from assistant.pipeline import Assistant
from assistant.question import Turn
from assistant.quotes import MAX_ANSWER
from corpus.errors import UnknownDocument
from corpus.model import Document


@pytest.fixture
def assistant() -> Assistant:
    return shipped_assistant()


def wire(outcome: Outcome) -> dict[str, Any]:
    return AskResponse.from_domain(outcome).model_dump(mode="json")


def answered(assistant: Assistant, text: str, *history: str) -> Answer:
    outcome = assistant.ask(text, [Turn("user", earlier) for earlier in history])
    assert isinstance(outcome, Answer), outcome
    return outcome


def refused(assistant: Assistant, text: str) -> Refusal:
    outcome = assistant.ask(text)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def labels(outcome: Answer) -> list[str]:
    return [citation.address.label for citation in outcome.citations]


def test_the_first_question(assistant: Assistant) -> None:
    outcome = answered(assistant, B_PERMIT)
    assert "10年" in outcome.text
    assert labels(outcome) == ["（八）"]
    assert outcome.citations[0].address.path[0] == "三、建设创新创业人才高地"


def test_a_clause_by_its_number(assistant: Assistant) -> None:
    outcome = answered(assistant, "第八条讲什么")
    assert set(labels(outcome)) == {"（八）"}
    assert "外籍高层次人才" in outcome.text
    assert outcome.confidence == 1


@pytest.mark.parametrize("question", ["第8条讲什么", "（八）讲什么", "(8)说了什么", "第八點講什麼"])
def test_a_number_may_be_written_in_many_ways(assistant: Assistant, question: str) -> None:
    assert set(labels(answered(assistant, question))) == {"（八）"}


def test_a_subject_within_a_clause(assistant: Assistant) -> None:
    outcome = answered(assistant, "（十二）里关于股权激励怎么说")
    assert set(labels(outcome)) == {"（十二）"}
    assert "股权激励" in outcome.text


def test_the_clauses_of_a_part(assistant: Assistant) -> None:
    outcome = answered(assistant, "第三部分有哪些条款")
    assert labels(outcome) == ["（八）", "（九）", "（十）", "（十一）", "（十二）", "（十三）"]


def test_a_number_that_is_not_there(assistant: Assistant) -> None:
    outcome = refused(assistant, "第三十条")
    assert outcome.reason is Reason.NOT_IN_DOCUMENT
    assert "第三十条" in outcome.message
    assert "22" in outcome.message


@pytest.mark.parametrize(
    ("question", "reasons"),
    [
        ("今天天气怎么样？", {Reason.OFF_TOPIC}),
        ("明天会下雨吗", {Reason.OFF_TOPIC, Reason.NOT_IN_DOCUMENT}),
        ("用Python写一个快速排序", {Reason.OFF_TOPIC, Reason.NOT_IN_DOCUMENT}),
        ("讲个笑话听听", {Reason.OFF_TOPIC}),
        ("你好", {Reason.GREETING}),
        ("谢谢！", {Reason.GREETING}),
        ("怎么样", {Reason.TOO_VAGUE}),
        ("what is it?", {Reason.TOO_VAGUE}),
        ("Hello!", {Reason.GREETING}),
    ],
)
def test_what_is_no_question_of_the_document_is_refused_with_the_reason(
    assistant: Assistant, question: str, reasons: set[Reason]
) -> None:
    outcome = refused(assistant, question)
    assert outcome.reason in reasons
    assert outcome.message


@pytest.mark.parametrize("text", ["谢谢！", "多谢", "好的，謝謝你", "非常感谢"])
def test_thanks_are_returned(assistant: Assistant, text: str) -> None:
    outcome = refused(assistant, text)
    assert outcome.reason is Reason.GREETING
    assert outcome.message == "不客气，还有问题请直接问。"


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("再见", "再见，"),
        ("谢谢，再见！", "再见，"),
        ("拜拜", "再见，"),
        ("Thanks!", "You're welcome."),
        ("thank you very much", "You're welcome."),
        ("Bye", "Goodbye."),
        ("你好", "你好，我按条款回答"),
        ("你是谁", "你好，我按条款回答"),
        ("Hello", "Hello. Ask me about"),
        ("Hi", "Hello. Ask me about"),
    ],
)
def test_a_courtesy_gets_a_fitting_sentence(assistant: Assistant, text: str, begin: str) -> None:
    outcome = refused(assistant, text)
    assert outcome.reason is Reason.GREETING
    assert outcome.message.startswith(begin)


def test_a_refusal_in_english_speaks_english(assistant: Assistant) -> None:
    assert refused(assistant, "Hello!").message.startswith("Hello")
    assert "no clause" in refused(assistant, "What does article 30 say?").message


@pytest.mark.parametrize("values", dev_questions()[::25], ids=lambda v: v["id"])
def test_a_stream_ends_with_what_ask_returns(assistant: Assistant, values: dict[str, Any]) -> None:
    events = list(assistant.stream(values["question"]))
    done = wire(events[-1].data)
    asked = wire(assistant.ask(values["question"]))
    kinds = [event.kind for event in events]
    assert kinds[0] == "retrieved"
    assert kinds[-1] == "done"
    assert events[0].data == events[-1].data.evidence
    assert "".join(e.data for e in events if e.kind == "delta") == done["answer"]
    for name in ("id", "timings_ms"):
        done.pop(name)
        asked.pop(name)
    assert done == asked


def test_every_development_question_has_exact_citations(assistant: Assistant) -> None:
    texts = {document.id: document.text for document in assistant.documents}
    for values in dev_questions():
        history = [Turn("user", earlier) for earlier in values.get("history", [])]
        outcome = assistant.ask(values["question"], history)
        check_contract(wire(outcome), texts)
        json.dumps(wire(outcome), allow_nan=False)
        if isinstance(outcome, Answer):
            verify(outcome.text, outcome.citations, assistant.library)


def test_the_same_question_has_the_same_answer(assistant: Assistant) -> None:
    first, second = wire(assistant.ask(B_PERMIT)), wire(assistant.ask(B_PERMIT))
    assert first["id"] != second["id"]
    assert first["answer"] == second["answer"]
    assert first["evidence"] == second["evidence"]


def test_a_followup_is_answered_with_the_history(assistant: Assistant) -> None:
    outcome = answered(assistant, "那最长几年呢？", "海外人才居住证（B证）有什么规定？")
    assert "（八）" in labels(outcome)


def test_nothing_of_a_conversation_is_kept(assistant: Assistant) -> None:
    before = wire(assistant.ask("那最长几年呢？"))
    answered(assistant, "那最长几年呢？", "海外人才居住证（B证）有什么规定？")
    after = wire(assistant.ask("那最长几年呢？"))
    assert (before["answer"], before["evidence"]) == (after["answer"], after["evidence"])


@pytest.mark.parametrize("top_k", [1, 3, 20])
def test_top_k_is_the_number_of_hits_listed(assistant: Assistant, top_k: int) -> None:
    assert len(assistant.ask(B_PERMIT, top_k=top_k).evidence) == top_k
    assert len(assistant.retrieve(B_PERMIT, top_k=top_k)) == top_k


def test_eight_hits_unless_told(assistant: Assistant) -> None:
    assert len(assistant.ask(B_PERMIT).evidence) == 8


@pytest.mark.parametrize("bad", ["", "  ", "问" * 10_000, "有效\x00期"])
def test_a_question_that_cannot_be_used(assistant: Assistant, bad: str) -> None:
    with pytest.raises(BadQuestion):
        assistant.ask(bad)
    with pytest.raises(BadQuestion):  # before the first event is asked for
        assistant.stream(bad)


def test_an_unknown_document(assistant: Assistant) -> None:
    with pytest.raises(UnknownDocument, match="nowhere"):
        assistant.ask(B_PERMIT, documents=["nowhere"])
    with pytest.raises(UnknownDocument, match="nowhere"):
        assistant.stream(B_PERMIT, documents=[SHIPPED_ID, "nowhere"])
    with pytest.raises(UnknownDocument, match="nowhere"):
        assistant.retrieve(B_PERMIT, ["nowhere"])


@pytest.mark.parametrize("chosen", ["policy", "law"])
def test_only_the_chosen_documents_are_searched(chosen: str) -> None:
    outcome = two_document_assistant().ask("居住证的有效期限最高几年？", documents=[chosen])
    assert {evidence.document_id for evidence in outcome.evidence} == {chosen}


def test_without_a_choice_all_documents_are_searched() -> None:
    outcome = two_document_assistant().ask("居住证的有效期限最高几年？", documents=[])
    assert {evidence.document_id for evidence in outcome.evidence} == {"policy", "law"}


def test_a_number_is_looked_up_in_the_chosen_document() -> None:
    both = two_document_assistant()
    outcome = both.ask("第二条第二款是怎么规定的？", documents=["law"])
    assert isinstance(outcome, Answer)
    assert outcome.text == "示范活动应当公开。[1]"
    assert (outcome.citations[0].address.label, outcome.citations[0].address.paragraph) == (
        "第二条",
        2,
    )


def test_near_clauses_of_a_refusal_are_distinct_and_point_into_the_document(
    assistant: Assistant,
) -> None:
    outcome = refused(assistant, "申请海外人才居住证要交多少钱工本费？")
    assert outcome.reason is Reason.NOT_IN_DOCUMENT
    assert 1 <= len(outcome.nearest) <= 3
    assert len({near.url for near in outcome.nearest}) == len(outcome.nearest)
    assert all(near.url.startswith(f"/documents/{SHIPPED_ID}#") for near in outcome.nearest)


@pytest.mark.parametrize(
    ("question", "said", "nearest"),
    [
        ("第八条第二款", "第八条只有 1 款", ["（八）"]),
        ("第七条第九款", "第七条只有 2 款", ["（七）"]),
        ("第八条第零款", "第八条只有 1 款", ["（八）"]),
        ("第八条第三项", "第八条没有分项", ["（八）"]),
        ("第八条第二款和第三十条", "第八条只有 1 款", ["（八）", "（二十二）"]),
        ("第三十条", "共 22 条", ["（二十二）"]),
        ("第零条", "共 22 条", ["（一）"]),
    ],
)
def test_the_clause_nearest_to_a_number_that_is_not_there(
    assistant: Assistant, question: str, said: str, nearest: list[str]
) -> None:
    outcome = refused(assistant, question)
    assert said in outcome.message
    assert [(near.address.label, near.address.paragraph) for near in outcome.nearest] == [
        (label, 1) for label in nearest
    ]


def test_a_paragraph_that_is_not_there_in_one_of_two_documents() -> None:
    outcome = refused(two_document_assistant(), "第三条第五款")
    assert "《创新九条》第三条只有 1 款；《中华人民共和国示范法》第三条只有 2 款" in outcome.message
    assert [near.document_id for near in outcome.nearest] == ["policy", "law"]
    items = refused(two_document_assistant(), "示范法第三条第七项")
    assert "第三条只有 3 项" in items.message
    assert [near.address.label for near in items.nearest] == ["第三条"]


def test_timings_are_milliseconds_by_stage(assistant: Assistant) -> None:
    outcome = answered(assistant, B_PERMIT)
    assert set(outcome.timings_ms) == {"retrieve", "answer"}
    assert all(0 <= ms < 5_000 for ms in outcome.timings_ms.values())


def test_a_list_is_answered_by_the_sentences_that_head_its_paragraphs() -> None:
    outcome = shipped_assistant().ask("“五个坚持”分别是哪五个？")
    assert isinstance(outcome, Answer)
    assert len(outcome.citations) == 6
    assert {citation.address.label for citation in outcome.citations} == {"（二）"}
    assert outcome.citations[1].cited_text == "坚持需求导向和产业化方向。"
    assert outcome.citations[5].address.paragraph == 6


def test_a_question_off_the_topic_is_told_what_the_document_is_about() -> None:
    refused = shipped_assistant().ask("今天天气怎么样？")
    assert isinstance(refused, Refusal)
    assert refused.nearest == ()
    assert "没有找到与这个问题有关的内容" in refused.message
    for heading in ("建设创新创业人才高地", "优化重大科技创新布局"):
        assert heading in refused.message
    several = two_document_assistant().ask("今天天气怎么样？")
    assert isinstance(several, Refusal)
    assert "它写的是" not in several.message


@pytest.mark.parametrize("question", ["上海房价多少", "上海市的平均年薪是多少？", "张江有多少"])
def test_a_value_that_is_not_there_is_not_answered_by_a_sentence_without_one(
    assistant: Assistant, question: str
) -> None:
    refused(assistant, question)


def test_a_value_of_any_kind_is_found(assistant: Assistant) -> None:
    assert "15%" in answered(assistant, "科技服务企业的企业所得税减按多少？").text


def test_a_table_may_hold_the_value_that_is_asked_for() -> None:
    table = "| 职级 | 补贴（元/月） |\n|---|---|\n| 初级 | 1000 |\n| 中级 | 2000 |\n"
    text = f"第一条　按职级发放补贴：\n{table}第二条　每年三月提出申请。\n"
    outcome = assistant_of(Document("t", "补贴办法", text)).ask("中级补贴多少钱？")
    assert isinstance(outcome, Refusal)
    assert outcome.message.startswith("不能确定文件是否规定了具体金额")


def test_no_answer_is_longer_than_is_allowed(assistant: Assistant) -> None:
    for case in dev_questions():
        outcome = assistant.ask(case["question"])
        if isinstance(outcome, Answer) and len(outcome.citations) > 1:
            shown = re.sub(r"\[\d+\]", "", outcome.text)  # what opens it and line breaks count, too
            assert len(shown) <= MAX_ANSWER, case["question"]


def test_the_next_clause_after_an_answer_by_meaning() -> None:
    asked = "科研人员可以保留人事关系离岗创业吗？"
    outcome = shipped_assistant().ask("下一条呢", [Turn("user", asked)])
    assert isinstance(outcome, Answer)
    assert {citation.address.label for citation in outcome.citations} == {"（十二）"}


def test_a_summary_is_not_written_but_the_chapters_are_told() -> None:
    outcome = shipped_assistant().ask("全文总结一下")
    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.TOO_VAGUE
    assert "不写摘要" in outcome.message
    assert "建设创新创业人才高地" in outcome.message


def test_a_group_that_no_document_mentions_is_no_subject_of_an_answer() -> None:
    outcome = shipped_assistant().ask("博士后有什么支持")
    assert isinstance(outcome, Refusal)
    assert outcome.message.startswith("文件没有提到博士后。")
    assert outcome.nearest


def test_a_refused_question_is_read_as_going_on_unless_it_is_about_nothing_in_it() -> None:
    assistant = shipped_assistant()
    before = [Turn("user", "科研人员离岗创业可以保留人事关系吗？")]
    assert isinstance(assistant.ask("回来以后工龄断不断", before), Answer)
    assert isinstance(assistant.ask("红烧肉怎么做才不腻", before), Refusal)


def test_the_next_clause_is_that_of_the_document_that_answered() -> None:
    before = [Turn("user", "海外人才居住证的有效期最长几年？"), Turn("user", "谢谢")]
    outcome = two_document_assistant().ask("下一条呢", before)
    assert isinstance(outcome, Answer)
    assert {citation.document_id for citation in outcome.citations} == {"policy"}
