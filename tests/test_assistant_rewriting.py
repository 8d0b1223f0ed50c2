"""A model's help before the search, over real HTTP: it steers, it never answers, it may fail."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from llm_server import LLMServer, Script, serve
from support import SHIPPED_ID, check_contract, shipped_assistant, without_times

from assistant.answer import Outcome
from assistant.api.app import create_app
from assistant.api.schemas import AskResponse
from assistant.errors import BadSettings
from assistant.pipeline import Assistant
from assistant.question import Turn
from assistant.rewriting import Helper, clean, load_helper, parse
from assistant.settings import Settings
from corpus.store import shipped_documents

TEXTS = {document.id: document.text for document in shipped_documents()}
COLLOQUIAL = "公司自己搞研究砸进去的钱，报税的时候能多抵一点不"
WORDING = "企业研发费用税前加计扣除优惠"
HISTORY = [Turn("user", "知识产权被侵犯了怎么办？"), Turn("assistant", "…")]
FOLLOW_UP = "那企业在国外碰上呢？"
COMPLETE = "企业在国外碰上知识产权被侵犯怎么办？"
TWO = "政府花钱买东西，公车优先买哪种，对第一次上市的创新产品又怎么买？"
PARTS = ["政府公务用车优先采购哪种车辆？", "首次投放市场的创新产品如何实施政府采购？"]
LIMIT = 0.7  # seconds


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with serve() as running:
        yield running


_OPENED: list[Helper] = []


@pytest.fixture(autouse=True)
def close_models() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().model.close()  # type: ignore[attr-defined]


def helped(server: LLMServer, *helps: str) -> Assistant:
    """Answers are quotes; only the search is helped."""
    helper = load_helper(
        Settings(
            llm_base_url=server.url,
            llm_model="scripted",
            llm_help=helps,
            llm_help_timeout=LIMIT,
        )
    )
    assert helper
    _OPENED.append(helper)
    return Assistant(shipped_assistant().searcher, Settings(), None, helper)


def says(server: LLMServer, *, before: float = 0.0, **values: Any) -> None:
    server.script = Script(lambda _: json.dumps(values, ensure_ascii=False), before=before)


def wire(outcome: Outcome) -> dict[str, Any]:
    values = AskResponse.from_domain(outcome).model_dump(mode="json")
    check_contract(values, TEXTS)
    return values


def as_typed(question: str, history: Sequence[Turn] = ()) -> dict[str, Any]:
    values = without_times(wire(shipped_assistant().ask(question, history)))
    return {key: value for key, value in values.items() if key != "generation"}


def without_account(values: dict[str, Any]) -> dict[str, Any]:
    return {key: v for key, v in without_times(values).items() if key != "generation"}


def sent(server: LLMServer) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(server.requests[-1]["messages"][-1]["content"])
    return body


def test_policy_words_steer_the_search_and_the_response_says_so(server: LLMServer) -> None:
    says(server, wording=WORDING)
    values = wire(helped(server, "wording").ask(COLLOQUIAL))
    assert values["generation"]["searched"] == [WORDING]
    assert values["generation"]["note"] == ""
    assert values["generation"]["prompt"].startswith("rewrite@")
    assert values["evidence"][0]["clause"]["label"] == "（六）"
    assert "加计扣除" in values["answer"]
    assert values["mode"] == "extractive"
    assert sent(server) == {"question": COLLOQUIAL, "history": [], "keys": ["wording"]}


def test_a_follow_up_is_completed(server: LLMServer) -> None:
    says(server, complete=COMPLETE)
    values = wire(helped(server, "followup").ask(FOLLOW_UP, HISTORY))
    assert values["generation"]["searched"] == [COMPLETE]
    assert "海外维权援助" in values["answer"]
    assert sent(server)["history"] == ["知识产权被侵犯了怎么办？"]


def test_several_questions_are_taken_apart(server: LLMServer) -> None:
    says(server, parts=PARTS)
    values = wire(helped(server, "parts").ask(TWO))
    assert values["generation"]["searched"] == PARTS
    assert "新能源汽车" in values["answer"]
    assert "首购" in values["answer"]


def test_only_what_is_switched_on_is_used(server: LLMServer) -> None:
    says(server, complete=COMPLETE, wording=WORDING, parts=PARTS)
    values = wire(helped(server, "wording").ask(COLLOQUIAL, HISTORY))
    assert values["generation"]["searched"] == [WORDING]
    assert sent(server)["history"] == []


def test_without_history_there_is_nothing_to_complete(server: LLMServer) -> None:
    values = wire(helped(server, "followup").ask(COLLOQUIAL))
    assert server.requests == []
    assert values["generation"] is None
    assert without_account(values) == as_typed(COLLOQUIAL)


@pytest.mark.parametrize("question", ["你好", "第八条讲什么"])
def test_greetings_and_numbers_are_not_sent(server: LLMServer, question: str) -> None:
    helped(server, "wording", "parts").ask(question)
    assert server.requests == []


@pytest.mark.parametrize(
    "reply",
    [
        "我不知道",
        "{",
        "[1, 2]",
        '{"wording": 3}',
        '{"wording": ""}',
        "{}",
        '{"wording": "' + "长" * 400,
    ],
)
def test_garbage_leaves_the_question_as_typed(server: LLMServer, reply: str) -> None:
    server.script = Script(lambda _: reply)
    values = wire(helped(server, "wording").ask(COLLOQUIAL))
    assert values["generation"]["searched"] == []
    assert "按原来的问法检索" in values["generation"]["note"]
    assert without_account(values) == as_typed(COLLOQUIAL)


@pytest.mark.parametrize(
    "wording",
    [
        "红烧肉的烹饪方法",  # something else
        "企业研发费用按175%加计扣除",  # a number nobody typed
        "企业研发费用税前加计扣除" * 20,  # too long
    ],
)
def test_another_question_is_not_searched_for(server: LLMServer, wording: str) -> None:
    says(server, wording=wording)
    values = wire(helped(server, "wording").ask(COLLOQUIAL))
    assert values["generation"]["searched"] == []
    assert "与原来的不符" in values["generation"]["note"]
    assert without_account(values) == as_typed(COLLOQUIAL)


def test_a_slow_model_costs_no_more_than_its_limit(server: LLMServer) -> None:
    says(server, before=5.0, wording=WORDING)
    assistant = helped(server, "wording")
    shipped_assistant().ask(COLLOQUIAL)
    started = time.perf_counter()
    values = wire(assistant.ask(COLLOQUIAL))
    assert time.perf_counter() - started < LIMIT + 1.0
    assert "秒内没有答完，按原来的问法检索" in values["generation"]["note"]
    assert without_account(values) == as_typed(COLLOQUIAL)


@pytest.mark.parametrize("status", [401, 500])
def test_an_error_leaves_the_question_as_typed(server: LLMServer, status: int) -> None:
    server.script = Script(status=status)
    values = wire(helped(server, "wording").ask(COLLOQUIAL))
    assert values["generation"]["note"].endswith("按原来的问法检索")
    assert without_account(values) == as_typed(COLLOQUIAL)


def test_a_dead_model_is_soon_left_alone(server: LLMServer) -> None:
    server.script = Script(status=401)
    assistant = helped(server, "wording")
    notes = [wire(assistant.ask(COLLOQUIAL))["generation"]["note"] for _ in range(4)]
    assert "暂时停用" in notes[-1]
    assert len(server.requests) == 3


@pytest.mark.parametrize("question", ["红烧肉怎么烧才不腻", "居住证积分的标准分值是多少分？"])
def test_a_model_cannot_talk_past_a_refusal(server: LLMServer, question: str) -> None:
    """The reply is what the document says best, and near enough to the question to be used."""
    says(server, wording=f"{question}直接赋予居住证积分标准分值")
    values = wire(helped(server, "wording").ask(question))
    assert values["generation"]["searched"] != []
    assert not values["answerable"]
    assert values["confidence"] == as_typed(question)["confidence"]


def test_what_a_model_writes_is_verified_against_the_question_as_typed(server: LLMServer) -> None:
    """Both helps of one model: the rewriting is in neither the prompt nor the evidence."""
    says(server, wording=WORDING)
    helper = helped(server, "wording")._helper
    settings = Settings(
        llm_base_url=server.url, llm_model="scripted", llm_timeout=2.0, llm_structured="off"
    )
    writer = load_helper(settings_with_help(settings))
    assert writer
    _OPENED.append(writer)
    assistant = Assistant(shipped_assistant().searcher, settings, writer.model, helper)
    values = wire(assistant.ask(COLLOQUIAL))
    assert values["generation"]["searched"] == [WORDING]
    assert len(server.requests) == 2
    assert WORDING not in json.dumps(server.requests[1], ensure_ascii=False)
    events = list(assistant.stream(COLLOQUIAL))
    done = wire(events[-1].data)
    assert without_times(done) == without_times(values)


def settings_with_help(settings: Settings) -> Settings:
    return replace(settings, llm_help=("wording",))


def test_quoting_asks_no_model(server: LLMServer) -> None:
    helped(server, "wording").quote(COLLOQUIAL)
    assert server.requests == []


def test_the_api_carries_what_was_searched_for(server: LLMServer) -> None:
    says(server, wording=WORDING)
    client = TestClient(create_app(helped(server, "wording"), Settings(auth="off")))
    body = client.post("/v1/ask", json={"question": COLLOQUIAL}).json()
    assert body["generation"]["searched"] == [WORDING]
    assert body["citations"][0]["document_id"] == SHIPPED_ID
    schema = client.get("/openapi.json").json()["components"]["schemas"]["GenerationOut"]
    assert "searched" in schema["properties"]


def test_no_help_unless_switched_on() -> None:
    assert load_helper(Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="m")) is None


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"TIAOWEN_LLM_HELP": "wording"}, "TIAOWEN_LLM_BASE_URL"),
        ({"TIAOWEN_LLM_HELP": "wordings"}, "followup、wording、parts"),
        ({"TIAOWEN_LLM_HELP_TIMEOUT": "0"}, "TIAOWEN_LLM_HELP_TIMEOUT"),
    ],
)
def test_bad_settings_are_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings, match=named):
        Settings.from_environ(environ)


def test_a_reply_is_read_whatever_stands_around_it() -> None:
    assert parse('<think>{"a": 2}</think>好的：\n```json\n{"a": 1}\n``` {以上}') == {"a": 1}
    assert parse("没有") is None


def test_cleaning() -> None:
    assert clean(" 一\u202e二\n三\x00 ") == "一 二 三"
    assert clean("长" * 151) == ""
    assert clean(["x"]) == ""
