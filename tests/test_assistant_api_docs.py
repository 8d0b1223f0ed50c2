"""/docs: what a portal's developer reads there, and that the commands to copy work."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from support import running, shipped_assistant

from assistant.api import samples
from assistant.api.app import create_app
from assistant.keys import KeyStore, Scope
from assistant.settings import Settings


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    feedback = tmp_path_factory.mktemp("docs") / "feedback.sqlite"
    with TestClient(create_app(shipped_assistant(), Settings(feedback=feedback))) as opened:
        yield opened


def operations(client: TestClient) -> dict[str, dict[str, Any]]:
    paths = client.get("/openapi.json").json()["paths"]
    return {f"{m.upper()} {path}": op for path, ops in paths.items() for m, op in ops.items()}


def command_of(operation: dict[str, Any]) -> list[str]:
    """The words of the command in a description, as a shell reads them."""
    (command,) = re.findall(r"```bash\n(.+?)\n```", operation["description"], re.DOTALL)
    return shlex.split(command)


def test_every_route_says_what_it_is_for(client: TestClient) -> None:
    described = operations(client)
    assert len(described) == 13
    summaries = [operation["summary"] for operation in described.values()]
    assert len(set(summaries)) == len(summaries)
    assert all(len(summary.split()) > 2 or summary.endswith("?") for summary in summaries)
    for route, operation in described.items():
        prose = operation["description"].split("```")[0]
        assert len(prose.split()) >= 8, route
    named = {tag["name"] for tag in client.get("/openapi.json").json()["tags"]}
    assert {tag for operation in described.values() for tag in operation["tags"]} == named


def test_every_command_works_as_it_stands(client: TestClient) -> None:
    for route, operation in operations(client).items():
        curl, silent, url, *options = command_of(operation)
        assert (curl, silent) == ("curl", "-s")
        assert url.startswith(f"{samples.SERVER}/")
        headers = dict(o.split(": ") for o, before in zip(options[1:], options, strict=False)
                       if before == "-H")  # fmt: skip
        body = options[options.index("-d") + 1] if "-d" in options else None
        response = client.request(
            route.split()[0], urlsplit(url).path, content=body, headers=headers
        )
        # A site key is everybody's own: that of the example is not known.
        expected = 401 if route.endswith("/session") else 201 if "feedback" in route else 200
        assert response.status_code == expected, (route, response.text)


def test_every_example_of_a_question_works(client: TestClient) -> None:
    asking = operations(client)["POST /v1/ask"]["requestBody"]["content"]["application/json"]
    assert {"question", "follow_up", "stream"} <= set(asking["examples"])
    for name, example in asking["examples"].items():
        response = client.post("/v1/ask", json=example["value"])
        said = response.text.split("event: done\ndata: ")[-1]
        assert json.loads(said)["answerable"], name


def test_with_keys_the_commands_carry_one(tmp_path: Path) -> None:
    keys = tmp_path / "keys.sqlite"
    KeyStore(keys).create("门户", [Scope.ASK])
    with TestClient(create_app(shipped_assistant(), Settings(keys=keys, auth="on"))) as opened:
        described = operations(opened)
    assert "Authorization: Bearer $KEY" in command_of(described["POST /v1/ask"])
    assert "Authorization: Bearer $KEY" not in command_of(described["GET /healthz"])


def test_the_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    loaded = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert len(loaded) == 3
    assert not re.search("https?://|//", re.sub("// .*", "", page).replace("'//'", ""))
    styles = ""
    for path in loaded:
        response = client.get(path)
        assert response.status_code == 200
        styles += response.text if path.endswith(".css") else ""
    assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", styles)


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_chromium_shows_it_and_asks_nobody_else(browser: Any) -> None:
    requests: list[str] = []
    with running(create_app(shipped_assistant(), Settings())) as address:
        page = browser.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{address}/docs#/ask/ask_v1_ask_post")
        page.locator(".opblock", has_text="/v1/ask").first.wait_for()
        page.locator(".opblock.is-open code", has_text="curl -s").first.wait_for()
        page.close()
    assert requests
    assert not [url for url in requests if not url.startswith((address, "data:", "blob:"))]
