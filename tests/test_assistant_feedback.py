"""What people think of answers: kept, read, turned into rows of a question set."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from support import B_PERMIT, SHIPPED_ID, assert_error, dev_questions, shipped_assistant

from assistant.api.app import create_app
from assistant.feedback import Feedback, FeedbackStore, FeedbackUnavailable, Quoted, as_case
from assistant.settings import Settings, package_version
from corpus.store import shipped_documents
from evals.cases import load_cases, validate

(SHIPPED,) = shipped_documents()
NO_ANSWER = "申请海外人才居住证要交多少钱工本费？"
QUOTE = "延长有效期限最高到10年。"
GOOD = Feedback(
    answer_id="a1",
    rating="up",
    reason="",
    question=B_PERMIT,
    history=("居住证有什么规定？",),
    answerable=True,
    answer=f"{QUOTE}[1]",
    citations=(Quoted(SHIPPED_ID, "（八）", QUOTE, 4000, 4013),),
    versions={"tiaowen": "1", "encoder": "e", SHIPPED_ID: "d"},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "feedback.sqlite"


@pytest.fixture
def store(path: Path) -> FeedbackStore:
    return FeedbackStore(path)


@pytest.fixture
def client(path: Path) -> Iterator[TestClient]:
    app = create_app(shipped_assistant(), Settings(feedback=path))
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def without_time(kept: Iterator[Feedback]) -> list[Feedback]:
    return [replace(feedback, at="") for feedback in kept]


def test_feedback_comes_back_as_it_was_given(store: FeedbackStore) -> None:
    bad = replace(GOOD, answer_id="a2", rating="down", reason="不是这一条", history=())
    store.save(GOOD)
    store.save(bad)
    assert without_time(store.read()) == [GOOD, bad]
    assert without_time(store.read("up")) == [GOOD]
    assert without_time(store.read("down")) == [bad]


def test_the_time_is_noted_in_utc(store: FeedbackStore) -> None:
    store.save(GOOD)
    (kept,) = store.read()
    assert kept.at.endswith("+00:00")
    assert kept.at.startswith("20")


def test_a_second_rating_replaces_the_first(store: FeedbackStore) -> None:
    store.save(GOOD)
    store.save(replace(GOOD, rating="down", reason="看错了"))
    (kept,) = store.read()
    assert (kept.rating, kept.reason, kept.question) == ("down", "看错了", B_PERMIT)


def test_a_reason_is_added_to_the_rating_and_stays_when_it_is_said_again(
    store: FeedbackStore,
) -> None:
    for reason in ("", "看错了", ""):
        store.save(replace(GOOD, rating="down", reason=reason))
    (kept,) = store.read()
    assert (kept.rating, kept.reason) == ("down", "看错了")
    store.save(replace(GOOD, rating="up", reason=""))
    (kept,) = store.read()
    assert (kept.rating, kept.reason) == ("up", "")


def test_many_may_write_at_the_same_time(path: Path) -> None:
    def save(number: int) -> None:
        FeedbackStore(path).save(replace(GOOD, answer_id=f"a{number}"))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save, range(20)))
    ids = {feedback.answer_id for feedback in FeedbackStore(path).read()}
    assert ids == {f"a{number}" for number in range(20)}


def test_what_people_write_is_data(store: FeedbackStore) -> None:
    hostile = replace(GOOD, reason="'); DROP TABLE feedback; --", question="<script>“问”\n？")
    store.save(hostile)
    store.save(replace(hostile, answer_id="a2"))
    assert [kept.reason for kept in store.read()] == [hostile.reason] * 2
    assert next(store.read()).question == hostile.question


def test_a_path_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = FeedbackStore(Path("数据?#/feedback.sqlite"))
    store.save(GOOD)
    assert without_time(store.read()) == [GOOD]
    assert (tmp_path / "数据?#" / "feedback.sqlite").is_file()


def test_no_feedback_yet_names_the_file(store: FeedbackStore, path: Path) -> None:
    with pytest.raises(FeedbackUnavailable, match="还没有反馈") as caught:
        list(store.read())
    assert str(path) in str(caught.value)
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("taken", encoding="utf-8")
    for path in (tmp_path / "file" / "feedback.sqlite", tmp_path):
        with pytest.raises(FeedbackUnavailable, match="无法写入反馈") as caught:
            FeedbackStore(path).save(GOOD)
        assert str(path) in str(caught.value)


def _text(path: Path) -> None:
    path.write_text("no database at all, but long enough to be looked at " * 99, encoding="utf-8")


def _other_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE letters (text TEXT)")


def _other_columns(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE feedback (id INTEGER PRIMARY KEY, stars INTEGER)")
        connection.execute("INSERT INTO feedback (stars) VALUES (5)")


def _damaged_row(path: Path) -> None:
    FeedbackStore(path).save(GOOD)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE feedback SET citations = '[{'")


@pytest.mark.parametrize("damage", [_text, _other_table, _other_columns, _damaged_row])
def test_a_file_that_is_none_of_ours_is_named(damage: Any, tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(FeedbackUnavailable, match="无法读取反馈") as caught:
        list(FeedbackStore(path).read())
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", [_text, _other_columns])
def test_nothing_is_written_into_a_file_that_is_none_of_ours(damage: Any, tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(FeedbackUnavailable, match="无法写入反馈"):
        FeedbackStore(path).save(GOOD)
    assert path.read_bytes() == before


def test_a_row_of_a_question_set() -> None:
    assert as_case(replace(GOOD, history=()), 7) == {
        "id": "feedback-0007",
        "document": SHIPPED_ID,
        "type": "fact_colloquial",
        "question": B_PERMIT,
        "history": [],
        "answerable": True,
        "clauses": ["（八）"],
        "quotes": [QUOTE],
        "keys": [["10年"]],
    }


def test_without_a_value_the_quotes_are_the_keys() -> None:
    case = as_case(replace(GOOD, question="居住证制度怎么完善？"), 1)
    assert case["keys"] == [[QUOTE]]


def test_what_is_cited_twice_is_named_once() -> None:
    twice = replace(GOOD, citations=GOOD.citations * 2)
    case = as_case(twice, 1)
    assert case["clauses"] == ["（八）"]
    assert case["keys"] == [["10年"]]
    assert len(case["quotes"]) == 2


@pytest.mark.parametrize(
    ("question", "history", "kind"),
    [
        (B_PERMIT, (), "fact_colloquial"),
        ("那最长几年呢？", ("居住证有什么规定？",), "followup"),
        ("有哪些措施？", (), "list"),
        ("科研人员可以兼职吗？", (), "yes_no"),
        ("How long is the residence permit valid?", (), "english"),
    ],
)
def test_the_type_of_a_row(question: str, history: tuple[str, ...], kind: str) -> None:
    assert as_case(replace(GOOD, question=question, history=history), 1)["type"] == kind


def test_a_refusal_becomes_an_unanswerable_row() -> None:
    refused = replace(GOOD, question=NO_ANSWER, answerable=False, answer="没有", citations=())
    case = as_case(refused, 1)
    assert case["type"] == "unanswerable_near"
    assert case["document"] is None
    assert (case["clauses"], case["quotes"], case["keys"]) == ([], [], [])


def request(question: str, rating: str = "up", history: list[str] | None = None) -> dict[str, Any]:
    """What the chat page sends."""
    messages = [{"role": "user", "content": earlier} for earlier in history or []]
    asked = {"question": question, "history": messages}
    response = TestClient(create_app(shipped_assistant(), Settings())).post("/v1/ask", json=asked)
    values = response.json()
    spans = [
        {name: c[name] for name in ("document_id", "start_char_index", "end_char_index")}
        for c in values["citations"]
    ]
    return {
        "answer_id": values["id"],
        "rating": rating,
        "reason": "",
        "question": question,
        "history": messages,
        "answerable": values["answerable"],
        "answer": values["answer"] or values["refusal"]["message"],
        "citations": spans,
    }


def test_answers_that_helped_can_join_the_question_set(client: TestClient, path: Path) -> None:
    for values in dev_questions()[::6]:
        body = request(values["question"], history=values["history"])
        assert client.post("/v1/feedback", json=body).status_code == 201
    rows = [as_case(kept, n) for n, kept in enumerate(FeedbackStore(path).read("up"), 1)]
    written = path.with_name("feedback.jsonl")
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    written.write_text("\n".join(lines), encoding="utf-8")
    cases = load_cases(written)
    assert len(cases) == len(dev_questions()[::6])
    assert {case.answerable for case in cases} == {True, False}
    assert validate(cases, {SHIPPED_ID: shipped_assistant().library.outline(SHIPPED_ID)}) == []


def test_an_answer_is_kept_with_what_gave_it(client: TestClient, path: Path) -> None:
    body = request(B_PERMIT, "down") | {"reason": "太短"}
    response = client.post("/v1/feedback", json=body)
    assert response.status_code == 201
    assert response.json() == {"status": "ok"}
    (kept,) = FeedbackStore(path).read()
    assert (kept.rating, kept.reason, kept.question) == ("down", "太短", B_PERMIT)
    assert kept.answer == body["answer"]
    (quoted,) = kept.citations
    assert quoted.label == "（八）"
    assert quoted.cited_text == SHIPPED.text[quoted.start_char_index : quoted.end_char_index]
    assert QUOTE in quoted.cited_text
    assert kept.versions == {
        "tiaowen": package_version(),
        "encoder": shipped_assistant().searcher.encoder_id,
        SHIPPED_ID: SHIPPED.digest,
    }


def test_only_earlier_questions_are_kept(client: TestClient, path: Path) -> None:
    history = [
        {"role": "user", "content": "居住证有什么规定？"},
        {"role": "assistant", "content": "降低申请条件。[1]"},
        {"role": "user", "content": " "},
    ]
    client.post("/v1/feedback", json=request("那最长几年呢？") | {"history": history})
    (kept,) = FeedbackStore(path).read()
    assert kept.history == ("居住证有什么规定？",)


def test_a_refusal_is_rated_too(client: TestClient, path: Path) -> None:
    body = request(NO_ANSWER)
    assert client.post("/v1/feedback", json=body).status_code == 201
    (kept,) = FeedbackStore(path).read()
    assert (kept.answerable, kept.citations, kept.answer) == (False, (), body["answer"])


BODY: dict[str, Any] = {
    "answer_id": "a1",
    "rating": "up",
    "question": B_PERMIT,
    "answerable": True,
    "answer": "10年。[1]",
    "citations": [{"document_id": SHIPPED_ID, "start_char_index": 0, "end_char_index": 9}],
}


def test_an_answer_from_the_metadata_cites_nothing(client: TestClient) -> None:
    told = {"question": "这文件谁发的", "answer": "…（来自文件的元数据）", "citations": []}
    assert client.post("/v1/feedback", json=BODY | told).status_code == 201


@pytest.mark.parametrize(
    "changed",
    [
        {"rating": "sideways"},
        {"rating": None},
        {"answer_id": ""},
        {"answer_id": "x" * 65},
        {"question": ""},
        {"question": " \n"},
        {"question": "问" * 4001},
        {"question": 7},
        {"reason": "因" * 501},
        {"answer": "答" * 8001},
        {"answerable": False},
        {"citations": [BODY["citations"][0]] * 21},
        {"citations": [BODY["citations"][0] | {"start_char_index": -1}]},
        {"citations": [BODY["citations"][0] | {"cited_text": "made up"}]},
        {"history": [{"role": "system", "content": "x"}]},
        {"history": [{"role": "user", "content": "问"}] * 21},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_request_that_cannot_be_used(
    client: TestClient, path: Path, changed: dict[str, Any]
) -> None:
    error = assert_error(client.post("/v1/feedback", json=BODY | changed), 422, "invalid_request")
    assert error["detail"]
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7"])
def test_a_body_that_is_none(client: TestClient, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = client.post("/v1/feedback", content=content, headers=headers)
    assert_error(response, 422, "invalid_request")


@pytest.mark.parametrize(
    ("start", "end"),
    [(5, 5), (9, 5), (0, len(SHIPPED.text) + 1), (len(SHIPPED.text), len(SHIPPED.text) + 1)],
)
def test_a_quote_outside_the_document(client: TestClient, path: Path, start: int, end: int) -> None:
    citation = BODY["citations"][0] | {"start_char_index": start, "end_char_index": end}
    response = client.post("/v1/feedback", json=BODY | {"citations": [citation]})
    error = assert_error(response, 422, "bad_question")
    assert SHIPPED_ID in error["message"]
    assert not path.exists()


def test_a_quote_of_nothing_but_white_space(client: TestClient) -> None:
    start = SHIPPED.text.index("\n")
    citation = BODY["citations"][0] | {"start_char_index": start, "end_char_index": start + 1}
    response = client.post("/v1/feedback", json=BODY | {"citations": [citation]})
    assert_error(response, 422, "bad_question")


def test_a_document_that_is_not_there(client: TestClient, path: Path) -> None:
    citation = BODY["citations"][0] | {"document_id": "nowhere"}
    response = client.post("/v1/feedback", json=BODY | {"citations": [citation]})
    assert "nowhere" in assert_error(response, 404, "unknown_document")["message"]
    assert not path.exists()


def test_feedback_that_cannot_be_kept_is_our_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("taken", encoding="utf-8")
    settings = Settings(feedback=tmp_path / "file" / "feedback.sqlite")
    with TestClient(create_app(shipped_assistant(), settings)) as opened:
        response = opened.post("/v1/feedback", json=BODY)
    assert_error(response, 503, "feedback_unavailable")


def test_the_way_is_post(client: TestClient) -> None:
    assert_error(client.get("/v1/feedback"), 405, "method_not_allowed")
