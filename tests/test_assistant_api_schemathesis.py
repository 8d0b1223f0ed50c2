"""The OpenAPI document against the running application: no 5xx, nothing undocumented.

Schemathesis runs as its users run it; its pytest plugin does not know this pytest yet.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from support import running, shipped_assistant

from assistant.api.app import create_app
from assistant.keys import KeyStore, Scope
from assistant.settings import Settings

_CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "missing_required_header",
    "negative_data_rejection",
    "ignored_auth",
]


def explore(address: str, folder: Path, *options: str) -> str:
    """Run schemathesis over all routes; its report if it found anything wrong is the failure."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json"]
    command += ["--checks", ",".join(_CHECKS), "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", "50", "--generation-deterministic", "--no-color"]
    done = subprocess.run(
        [*command, "--continue-on-failure", *options],
        check=False,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("auth", ["off", "on"])
def test_everything_is_as_described(tmp_path: Path, auth: str) -> None:
    keys, feedback = tmp_path / "keys.sqlite", tmp_path / "feedback.sqlite"
    key = KeyStore(keys).create("门户", list(Scope)).text
    settings = Settings(keys=keys, feedback=feedback, auth=auth, rate="off")
    with running(create_app(shipped_assistant(), settings)) as address:
        options = ["-H", f"Authorization: Bearer {key}"] if auth == "on" else []
        report = explore(address, tmp_path, *options)
    assert "13 selected / 13 total" in report, report
