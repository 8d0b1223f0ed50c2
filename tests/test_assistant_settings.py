"""The only reader of the environment."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import BadSettings
from assistant.settings import PREFIX, Settings, default_feedback, default_index


def test_every_setting_is_described() -> None:
    for field in fields(Settings):
        assert field.metadata["description"].strip(), field.name


def test_defaults() -> None:
    settings = Settings.from_environ({})
    assert settings == Settings()
    assert (settings.index, settings.encoder, settings.top_k) == (None, None, 8)


def test_every_setting_can_be_set_in_the_environment() -> None:
    values = {"index": "/tmp/i", "encoder": "hash", "top_k": "3"}
    values |= {"max_question": "20", "max_answer": "80", "feedback": "/tmp/f", "keys": "/tmp/k"}
    values |= {"auth": "on", "page": "closed", "rate": "5/second", "rate_storage": "redis://x"}
    values |= {"host_check": "on"}
    values |= {"max_body": "1000", "timeout": "1.5", "log_questions": "1"}
    values |= {"workers": "2", "root_path": "/policy"}
    values |= {"hosts": "policy.example, other.example,"}
    values |= {"llm_base_url": "http://x/v1", "llm_model": "m", "llm_api_key": "k"}
    values |= {"llm_timeout": "2.5", "llm_concurrency": "2", "llm_max_tokens": "99"}
    judge = {"judge_base_url": "http://y/v1", "judge_model": "n", "judge_api_key": "l"}
    values |= judge | {"llm_structured": "on"}
    values |= {"llm_help": "followup, parts", "llm_help_timeout": "1"}
    assert set(values) == {field.name for field in fields(Settings)}
    settings = Settings.from_environ({PREFIX + n.upper(): v for n, v in values.items()})
    paths = {name: Path(f"/tmp/{name[0]}") for name in ("index", "feedback", "keys")}
    words = {"auth": "on", "page": "closed", "rate": "5/second", "rate_storage": "redis://x"}
    numbers = {"top_k": 3, "max_question": 20, "max_answer": 80, "max_body": 1000, "timeout": 1.5}
    numbers |= {"llm_timeout": 2.5, "llm_concurrency": 2, "llm_max_tokens": 99, "workers": 2}
    numbers |= {"llm_help_timeout": 1.0}
    words |= {"host_check": "on"}
    words |= {"llm_base_url": "http://x/v1", "llm_model": "m", "llm_api_key": "k"}
    words |= judge | {"llm_structured": "on"}
    expected: dict[str, Any] = {**paths, **words, **numbers}
    expected |= {"hosts": ("policy.example", "other.example"), "llm_help": ("followup", "parts")}
    assert settings == Settings(**expected, encoder="hash", log_questions=True, root_path="/policy")
    assert Settings.from_environ(settings.to_environ()) == settings


def test_what_is_given_goes_before_the_environment() -> None:
    environ = {"TIAOWEN_TOP_K": "3"}
    assert Settings.from_environ(environ, top_k=5).top_k == 5
    assert Settings.from_environ(environ, top_k=None).top_k == 3


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.from_environ({"TIAOWEN_TOP_K": "", "TIAOWEN_INDEX": ""}) == Settings()


def test_only_the_environ_passed_in_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TIAOWEN_TOP_K", "nonsense")
    assert Settings.from_environ({}).top_k == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOP_K", "eight"),
        ("TOP_K", "8.5"),
        ("TOP_K", "0"),
        ("TOP_K", "-1"),
        ("TOP_K", "51"),
        ("MAX_QUESTION", "0"),
        ("MAX_QUESTION", "long"),
        ("MAX_QUESTION", "9" * 5000),
        ("WORKERS", "0"),
        ("ROOT_PATH", "policy"),
        ("ROOT_PATH", "/policy/"),
        ("AUTH", "maybe"),
        ("PAGE", "ajar"),
        ("MAX_BODY", "0"),
        ("TIMEOUT", "0"),
        ("TIMEOUT", "nan"),
        ("TIMEOUT", "inf"),
        ("TIMEOUT", "soon"),
        ("LOG_QUESTIONS", "perhaps"),
        ("KEYS", "~nobody-of-that-name/keys"),
        ("LLM_BASE_URL", "localhost:11434"),
        ("LLM_TIMEOUT", "0"),
        ("LLM_TIMEOUT", "nan"),
        ("LLM_TIMEOUT", "soon"),
        ("LLM_CONCURRENCY", "0"),
        ("LLM_MAX_TOKENS", "many"),
        ("INDEX", "~nobody-of-that-name/index"),
        ("FEEDBACK", "~nobody-of-that-name/feedback"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"TIAOWEN_{name}") as caught:
        Settings.from_environ({PREFIX + name: value})
    assert value[:20] in str(caught.value)


def test_an_endpoint_needs_a_model() -> None:
    with pytest.raises(BadSettings, match="TIAOWEN_LLM_MODEL"):
        Settings.from_environ({"TIAOWEN_LLM_BASE_URL": "http://127.0.0.1:1/v1"})


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(Settings(llm_api_key="sk-1"))


def test_a_home_directory_is_written_out() -> None:
    assert Settings.from_environ({"TIAOWEN_INDEX": "~/i"}).index == Path.home() / "i"
    assert Settings.from_environ({"TIAOWEN_FEEDBACK": "~/f"}).feedback == Path.home() / "f"


def test_the_default_index_is_in_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_index() == tmp_path / "tiaowen" / "index"


def test_feedback_is_kept_in_the_users_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Settings().feedback is None
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_feedback() == tmp_path / "tiaowen" / "feedback.sqlite"
