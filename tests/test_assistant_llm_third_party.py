"""A server that is not ours: LiteLLM's proxy with mock responses, in an environment of its own.

``TIAOWEN_TEST_LITELLM`` names its ``litellm`` command; else it is installed once into the user's
cache, for its requirements are not ours.
"""

import json
import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from llm_server import number_of
from platformdirs import user_cache_path
from support import B_PERMIT, check_contract, shipped_assistant

from assistant.answer import Answer
from assistant.api.schemas import AskResponse
from assistant.errors import ModelUnavailable
from assistant.llm import Message, OpenAIModel
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.store import shipped_documents

PACKAGE = "litellm[proxy]==1.108.7"
KEY = "sk-tiaowen-test"
GOOD = "海外人才居住证（B证）的有效期限最高可以延长到10年。"
START = 120.0  # seconds
pytestmark = pytest.mark.third_party


class Recorder:
    """A model that writes nothing and remembers what it was sent."""

    name = "recorder"

    def __init__(self) -> None:
        self.sent = ""

    def complete(self, messages: Sequence[Message]) -> Iterator[str]:
        self.sent = messages[-1]["content"]
        yield "没有规定"


def command() -> Path:
    given = os.environ.get("TIAOWEN_TEST_LITELLM")
    if given:
        return Path(given)
    folder = user_cache_path("tiaowen-tests") / PACKAGE.replace("[", "-").replace("]", "")
    found = folder / "bin" / "litellm"
    if not found.exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", PACKAGE]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"LiteLLM cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return found


def evidence_number() -> int:
    recorder = Recorder()
    Assistant(shipped_assistant().searcher, Settings(), recorder).ask(B_PERMIT)
    return number_of(recorder.sent, "延长有效期限最高到10年")


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if sys.platform == "win32":
        pytest.skip("LiteLLM's proxy is started as on Unix")
    folder = tmp_path_factory.mktemp("litellm")
    marker = f"[{evidence_number()}]"
    models = {"good": f"{GOOD}{marker}", "liar": GOOD.replace("10", "30") + marker}
    item = {"text": GOOD, "citations": [evidence_number()]}
    models["structured"] = json.dumps({"sentences": [item]}, ensure_ascii=False)
    lines = ["model_list:"]
    for name, reply in models.items():
        lines += [
            f"  - model_name: {name}",
            "    litellm_params:",
            f"      model: openai/{name}",
            "      api_key: none",
            f"      mock_response: {json.dumps(reply, ensure_ascii=False)}",
        ]
    lines += ["general_settings:", f"  master_key: {KEY}"]
    (folder / "config.yaml").write_text("\n".join(lines), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE", "PYTHONPATH"))}
    environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "PYTHONUTF8": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [command(), *arguments], cwd=folder, env=environ, stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health/liveliness", process, folder / "log")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(30)


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    pytest.skip(f"LiteLLM did not start: {log.read_text(errors='replace')[-500:]}")


@pytest.fixture
def models(proxy: str) -> Iterator[dict[str, OpenAIModel]]:
    def opened(name: str, key: str = KEY) -> OpenAIModel:
        return OpenAIModel(Settings(llm_base_url=proxy, llm_model=name, llm_api_key=key))

    found = {name: opened(name) for name in ("good", "liar", "structured")}
    found["wrong key"] = opened("good", "sk-no")
    yield found
    for model in found.values():
        model.close()


def asked(model: OpenAIModel) -> Answer:
    outcome = Assistant(shipped_assistant().searcher, Settings(), model).ask(B_PERMIT)
    assert isinstance(outcome, Answer)
    texts = {document.id: document.text for document in shipped_documents()}
    check_contract(AskResponse.from_domain(outcome).model_dump(mode="json"), texts)
    return outcome


def test_plain(models: dict[str, OpenAIModel]) -> None:
    outcome = asked(models["good"])
    assert (outcome.mode, outcome.text, outcome.generator) == ("generative", f"{GOOD}[1]", "good")


def test_streaming(models: dict[str, OpenAIModel]) -> None:
    assistant = Assistant(shipped_assistant().searcher, Settings(), models["good"])
    events = list(assistant.stream(B_PERMIT))
    assert [e.kind for e in events][:3] == ["retrieved", "delta", "citation"]
    assert "".join(e.data for e in events if e.kind == "delta") == events[-1].data.text


def test_a_wrong_number_is_not_shown(models: dict[str, OpenAIModel]) -> None:
    outcome = asked(models["liar"])
    assert outcome.mode == "extractive"
    assert "30" not in outcome.text


def test_structured(models: dict[str, OpenAIModel]) -> None:
    outcome = asked(models["structured"])
    assert (outcome.mode, outcome.text) == ("generative", f"{GOOD}[1]")
    assert outcome.generation is not None
    assert outcome.generation.prompt.startswith("answer-zh+structure-zh@")


def test_a_wrong_key(models: dict[str, OpenAIModel]) -> None:
    outcome = asked(models["wrong key"])
    assert outcome.mode == "extractive"
    assert outcome.generation is not None
    assert outcome.generation.note
    with pytest.raises(ModelUnavailable):
        models["wrong key"].models()


def test_the_models_on_offer(models: dict[str, OpenAIModel]) -> None:
    assert {"good", "liar"} <= set(models["good"].models())
