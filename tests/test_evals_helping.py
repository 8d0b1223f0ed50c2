"""What help is worth is measured from recorded replies, on the development half alone."""

import json
from pathlib import Path

import pytest
from support import ROOT

from assistant.asking import portions
from assistant.errors import ModelUnavailable
from corpus.store import shipped_documents
from evals.cases import load_cases
from evals.helping import RECORDED, WAYS, Replayed, measure, read_replies, to_markdown

SETS = sorted((ROOT / "evals" / "questions").glob("*-dev.jsonl"))
CHOSEN = ("sh15-dev-024", "sh15-dev-054", "sh15-dev-068", "sh15-dev-084", "foodwaste-dev-009")


def test_only_development_questions_have_a_reply() -> None:
    development = {case.question for path in SETS for case in load_cases(path)}
    assert set(read_replies(RECORDED / "rewriting.jsonl")) <= development


def test_every_clause_of_the_first_document_has_three_questions() -> None:
    replies = read_replies(RECORDED / "questions.jsonl")
    clauses = ["/".join(portion.path) for portion in portions(shipped_documents()[0])]
    assert sorted(replies) == sorted(clauses)
    assert all(len(json.loads(reply)["questions"]) == 3 for reply in replies.values())


def test_help_is_measured_way_by_way() -> None:
    cases = [case for path in SETS for case in load_cases(path) if case.id in CHOSEN]
    found = measure(cases)
    assert list(found.reports)[: len(WAYS)] == list(WAYS)
    right = {way: report.groups[0].figures["right"] for way, report in found.reports.items()}
    as_typed, helped = right["as typed"], right["all three"]
    assert as_typed
    assert helped
    assert helped.mean > as_typed.mean  # sh15-dev-054 and foodwaste-dev-009 are two questions each
    table = to_markdown(found)
    assert "| all three | all | 5 |" in table
    assert "| all, questions |" in table


def test_what_was_not_recorded_is_a_fault() -> None:
    model = Replayed({})
    asked = json.dumps({"question": "没有录过？"})
    with pytest.raises(ModelUnavailable):
        list(model.complete([{"role": "user", "content": asked}]))
    assert model.missed == {"没有录过？"}


def test_recorded_replies_are_explained() -> None:
    text = (Path(RECORDED) / "README.md").read_text(encoding="utf-8")
    assert all(path.name in text for path in RECORDED.glob("*.jsonl"))
