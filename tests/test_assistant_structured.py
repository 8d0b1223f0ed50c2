"""Structured replies over real HTTP: JSON where the server offers it, held to the same checks."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llm_server import LLMServer, Script, number_of, serve
from support import B_PERMIT, ROOT, check_contract, shipped_assistant

from assistant.answer import Answer, Outcome
from assistant.api.schemas import AskResponse
from assistant.citations import verify
from assistant.errors import MalformedReply, ModelUnavailable
from assistant.llm import OpenAIModel, install_command
from assistant.pipeline import Assistant
from assistant.reply import sentences
from assistant.settings import Settings
from corpus.store import shipped_documents

TEXTS = {document.id: document.text for document in shipped_documents()}
LIMIT = 1.5  # seconds
WORDS = "延长有效期限最高到10年"
GOOD = "海外人才居住证（B证）的有效期限最高可以延长到10年。"
ALSO = "同时，科技创新人才的申请条件有所降低。"
B = "B"  # stands for the number of the clause on the B permit


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with serve() as running:
        yield running


@pytest.fixture(params=["auto"])
def assistant(request: pytest.FixtureRequest, server: LLMServer) -> Iterator[Assistant]:
    settings = Settings(
        llm_base_url=server.url,
        llm_model="scripted",
        llm_timeout=LIMIT,
        llm_structured=request.param,
    )
    model = OpenAIModel(settings)
    yield Assistant(shipped_assistant().searcher, settings, model)
    model.close()


def in_mode(mode: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("assistant", [mode], indirect=True)


def reply_of(*items: Any) -> str:
    return json.dumps({"sentences": list(items)}, ensure_ascii=False)


def item(text: str, *citations: Any) -> dict[str, Any]:
    return {"text": text, "citations": list(citations)}


def script(structured: str, plain: str = "没有规定", **more: Any) -> Script:
    def filled(text: str, prompt: str) -> str:
        number = number_of(prompt, WORDS)
        return text.replace(f'"{B}"', str(number)).replace("[B]", f"[{number}]")

    return Script(
        lambda prompt: filled(plain, prompt),
        structured=lambda prompt: filled(structured, prompt),
        **more,
    )


def wire(outcome: Outcome) -> dict[str, Any]:
    values = AskResponse.from_domain(outcome).model_dump(mode="json")
    check_contract(values, TEXTS)
    return values


def written(assistant: Assistant) -> dict[str, Any]:
    started = time.monotonic()
    outcome = assistant.ask(B_PERMIT)
    assert time.monotonic() - started < LIMIT + 1.5
    assert isinstance(outcome, Answer)
    verify(outcome.text, outcome.citations, assistant.library)
    return wire(outcome)


def assert_quoted(values: dict[str, Any], why: str) -> None:
    plain = wire(shipped_assistant().ask(B_PERMIT))
    assert (values["mode"], values["answer"]) == ("extractive", plain["answer"])
    assert values["citations"] == plain["citations"]
    assert why in values["generation"]["note"]


def test_a_good_reply_is_shown_with_exact_citations(
    assistant: Assistant, server: LLMServer
) -> None:
    server.script = script(reply_of(item(GOOD, B), item(ALSO, B)))
    values = written(assistant)
    assert values["mode"] == "generative"
    assert values["answer"].startswith(f"{GOOD}[1]同时")
    assert WORDS in values["citations"][0]["cited_text"]
    generation = values["generation"]
    assert (generation["sentences"], generation["dropped"], generation["note"]) == (2, 0, "")
    assert generation["prompt"].startswith("answer-zh+structure-zh@")


def test_what_is_sent(assistant: Assistant, server: LLMServer) -> None:
    server.script = script(reply_of(item(GOOD, B)))
    written(assistant)
    (request,) = server.requests
    wanted = request["response_format"]
    assert (wanted["type"], wanted["json_schema"]["strict"]) == ("json_schema", True)
    assert wanted["json_schema"]["schema"]["required"] == ["sentences"]
    assert '{"sentences": []}' in request["messages"][0]["content"]
    assert request["messages"] == assistant.prompt(B_PERMIT)


@pytest.mark.parametrize(
    "lie",
    [
        item(GOOD.replace("10", "15"), B),
        item(GOOD.replace("可以", "不得"), B),
        item("文件规定“持证人可以享受免费医疗”。", B),
        item(GOOD),
        item(GOOD, 29),
        item(GOOD, B, 100),
        item(GOOD, B, -1),
        item(GOOD, True),
        item(GOOD, B, None),
        {"text": GOOD},
        {"text": GOOD, "citations": "1"},
        item("有效期限最高可以延长到99年。", B),
    ],
)
def test_what_a_model_makes_up_is_dropped_and_counted(
    assistant: Assistant, server: LLMServer, lie: dict[str, Any]
) -> None:
    server.script = script(reply_of(lie, item(ALSO, B)))
    values = written(assistant)
    assert "申请条件" in values["answer"]
    assert not any(word in values["answer"] for word in ("15", "99", "免费", "不得"))
    assert (values["generation"]["sentences"], values["generation"]["dropped"]) == (2, 1)
    server.script = script(reply_of(lie))
    assert_quoted(written(assistant), "没有通过核对")


def test_a_false_sentence_beside_a_true_one_in_one_text(
    assistant: Assistant, server: LLMServer
) -> None:
    server.script = script(reply_of(item(GOOD + "申请一律免费。", B)))
    values = written(assistant)
    assert values["answer"] == f"{GOOD}[1]"
    assert (values["generation"]["sentences"], values["generation"]["dropped"]) == (2, 1)


@pytest.mark.parametrize("empty", [reply_of(), reply_of(item("没有规定"))])
def test_the_model_may_refuse(assistant: Assistant, server: LLMServer, empty: str) -> None:
    server.script = script(empty)
    values = wire(assistant.ask(B_PERMIT))
    assert values["refusal"]["reason"] == "not_in_document"
    assert values["mode"] == "generative"


GARBAGE = [
    '{"answer": "最长30年。"}',
    '{"sentences": "最长30年。"}',
    '{"sentences": ["最长30年。[1]"]}',
    '{"sentences": [{"text": 30, "citations": [1]}]}',
    '{"sentences": [{"text": "最长"30"年。", "citations": [1]}]}',
    '{"sentences": [{"text": "最长30年。", "citations": [1]}',
    "{" * 5000,
    '{"sentences": ' + "[" * 5000,
    "{\ufffd\x00",
]


@pytest.mark.parametrize("reply", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_leaves_the_quoted_answer_and_plain_markers_from_then_on(
    assistant: Assistant, server: LLMServer, reply: str
) -> None:
    server.script = script(reply, f"{GOOD}[B]")
    assert_quoted(written(assistant), "不是约定的格式")
    values = written(assistant)
    assert (values["mode"], values["answer"]) == ("generative", f"{GOOD}[1]")
    assert ["response_format" in r for r in server.requests] == [True, False]


def test_what_was_verified_before_the_garbage_stays(
    assistant: Assistant, server: LLMServer
) -> None:
    server.script = script(reply_of(item(GOOD, B), item(ALSO, B))[:-4])
    values = written(assistant)
    assert values["answer"] == f"{GOOD}[1]"
    assert "不是约定的格式" in values["generation"]["note"]


@pytest.mark.parametrize("status", [400, 404, 415, 422, 501])
def test_a_server_that_refuses_the_format_is_asked_for_markers(
    assistant: Assistant, server: LLMServer, status: int
) -> None:
    server.script = script("", f"{GOOD}[B]", refuses=status, headers={"retry-after-ms": "1"})
    for _ in range(2):
        values = written(assistant)
        assert (values["mode"], values["answer"]) == ("generative", f"{GOOD}[1]")
        assert values["generation"]["prompt"].startswith("answer-zh@")
        assert values["generation"]["note"] == ""
    formats = ["response_format" in request for request in server.requests]
    assert formats[-2:] == [False, False]
    assert all(formats[:-2])


def test_a_fault_that_is_not_the_formats_is_not_remembered(
    assistant: Assistant, server: LLMServer
) -> None:
    server.script = Script(status=400)
    assert_quoted(written(assistant), "HTTP 400")
    server.script = script(reply_of(item(GOOD, B)))
    assert written(assistant)["mode"] == "generative"
    formats = ["response_format" in request for request in server.requests]
    assert formats == [True, False, True]


def test_both_attempts_share_the_time_limit(assistant: Assistant, server: LLMServer) -> None:
    server.script = script("", f"{GOOD}[B]", refuses=400, before=30)
    assert_quoted(written(assistant), "秒内没有答完")


@in_mode("on")
def test_insisted_on_it_is_an_error_that_says_what_to_do(
    assistant: Assistant, server: LLMServer
) -> None:
    server.script = script("", f"{GOOD}[B]", refuses=400)
    assert_quoted(written(assistant), "TIAOWEN_LLM_STRUCTURED")
    server.script = script("{}", f"{GOOD}[B]")
    for _ in range(2):
        assert_quoted(written(assistant), "不是约定的格式")
    assert all("response_format" in request for request in server.requests)


@in_mode("off")
def test_switched_off_it_is_not_asked_for(assistant: Assistant, server: LLMServer) -> None:
    server.script = script("", f"{GOOD}[B]")
    assert written(assistant)["answer"] == f"{GOOD}[1]"
    (request,) = server.requests
    assert "response_format" not in request
    assert request["messages"] == assistant.prompt(B_PERMIT)


def test_a_server_that_accepts_the_format_and_ignores_it(
    assistant: Assistant, server: LLMServer
) -> None:
    server.script = script(f"{GOOD}[B]")
    assert written(assistant)["answer"] == f"{GOOD}[1]"


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_a_stream_that_is_cut_leaves_the_quoted_answer(
    assistant: Assistant, server: LLMServer, cut: int
) -> None:
    server.script = script(reply_of(item(GOOD, B), item(ALSO, B)), cut=cut)
    assert_quoted(written(assistant), "断开")


def test_what_was_verified_before_the_cut_stays_and_the_format_is_kept(
    assistant: Assistant, server: LLMServer
) -> None:
    reply = reply_of(item(GOOD, B), item(ALSO, B))
    server.script = script(reply, cut=len(reply) // 3 - 5)
    for _ in range(2):
        values = written(assistant)
        assert values["answer"] == f"{GOOD}[1]"
        assert "断开" in values["generation"]["note"]
    assert all("response_format" in request for request in server.requests)


@pytest.mark.parametrize(
    "items",
    [
        (item(GOOD, B), item("有效期限最高到30年。", B), item(ALSO, B)),
        (item("有效期限最高到30年。", B),),
        (),
    ],
    ids=["written", "quoted", "refused"],
)
def test_a_stream_is_the_same_object_in_steps(
    assistant: Assistant, server: LLMServer, items: tuple[dict[str, Any], ...]
) -> None:
    server.script = script(reply_of(*items))
    events = list(assistant.stream(B_PERMIT))
    done, asked = wire(events[-1].data), wire(assistant.ask(B_PERMIT))
    for name in ("id", "timings_ms"):
        done.pop(name)
        asked.pop(name)
    assert done == asked
    assert "".join(e.data for e in events if e.kind == "delta") == done["answer"]


def test_a_sentence_is_sent_before_the_next_is_written(
    assistant: Assistant, server: LLMServer
) -> None:
    server.script = script(reply_of(item(GOOD, B), item(ALSO, B)), between=0.02)
    times = [time.monotonic() for e in assistant.stream(B_PERMIT) if e.kind == "delta"]
    assert times[1] - times[0] > 0.1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (reply_of(item("甲。", 1, 12), item("乙。", 2)), ["甲。[1][12]", "乙。[2]"]),
        (reply_of(item('甲"}，{"乙\\。', 1)), ['甲"}，{"乙\\。[1]']),
        (reply_of(item("甲。\n乙。", 1)), ["甲。[1]", "乙。[1]"]),
        ("```json\n" + reply_of(item("甲。", 1)) + "\n```", ["甲。[1]"]),
        ("```\n" + reply_of(item("甲。", 1)) + "\n```", ["甲。[1]"]),
        (reply_of(item("甲。", 1)) + "\n希望对您有帮助。", ["甲。[1]"]),
        ("<think>{想}</think>\n" + reply_of(item("甲。", 1)), ["甲。[1]"]),
        ('{"plan": {"a": 1}, "sentences": [{"text": "甲。", "citations": [1]}]}', ["甲。[1]"]),
        ('{"sentences": [{"text": "\\ud800甲。", "citations": [1]}]}', ["甲。[1]"]),
        ("<think>没完", []),
        ("<甲>。[1]", ["<甲>。[1]"]),
        ("`甲`。[1]", ["甲。[1]"]),
        ("```", []),
        ("甲。[1]", ["甲。[1]"]),
        ("", []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_reply_is_cut_into_sentences_however_it_comes(
    reply: str, expected: list[str], size: int
) -> None:
    pieces = [reply[i : i + size] for i in range(0, len(reply), size)]
    assert [s for s in sentences(pieces) if s] == expected


def test_a_reply_without_end_is_cut_off() -> None:
    one = json.dumps(item("甲。", 1)) + ","
    started = time.monotonic()
    for endless in (
        (['{"sentences": [{"text": "'], ["长"] * 200_000),
        (['{"sentences": ['], [one] * 10_000),
        (["{"], [" "] * 200_000),
    ):
        with pytest.raises(ModelUnavailable):
            list(sentences([*endless[0], *endless[1]]))
    assert time.monotonic() - started < 5


def test_a_server_that_does_not_name_its_model(assistant: Assistant, server: LLMServer) -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "没有规定"}, "finish_reason": "stop"}]}
    server.script = Script(raw=f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())
    assert wire(assistant.ask(B_PERMIT))["mode"] == "generative"


def test_an_object_that_is_not_the_one_agreed_on() -> None:
    with pytest.raises(MalformedReply):
        list(sentences(["{}"]))


def test_the_install_command_is_the_readmes_in_a_clone(tmp_path: Path) -> None:
    assert install_command(ROOT) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert install_command(tmp_path) == "pip install 'tiaowen[llm]'"
