"""What is shipped: the wheel, and an answer from it outside the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import B_PERMIT, ROOT

_LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", ".*", "*.egg-info", "build", "dist", "tests", "results"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy, so that the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("corpus", "index", "assistant", "ui", "evals"):
        shutil.copytree(ROOT / name, source / name, ignore=_LEFT_OUT)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    pip = [sys.executable, "-m", "pip", "wheel", *options]
    run([*pip, "--wheel-dir", str(folder), str(source)], folder)
    (built,) = folder.glob("*.whl")
    return built


def run(command: list[str], folder: Path, **environ: str) -> str:
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environ},
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_all_that_is_needed_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "corpus/documents/shanghai-innovation-centre-2015.txt",
        "corpus/documents/shanghai-innovation-centre-2015.toml",
        "index/model/model.safetensors",
        "index/model/tokenizer.json",
        "index/model/modules.json",
        "evals/gate.toml",
        "assistant/refusal.json",
        "assistant/off_topic.txt",
        "assistant/api/app.py",
        "assistant/api/examples.json",
        "ui/page.css",
        "ui/widget/widget.js",
        "ui/widget/demo.html",
        "evals/questions/shanghai-2015-dev.jsonl",
        "evals/questions/shanghai-2015-test.jsonl",
    ):
        assert needed in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "corpus",
        "index",
        "assistant",
        "ui",
        "evals",
    }
    data = [n for n in names if n.startswith("index/training/") and not n.endswith(".py")]
    assert all("/everyday/terms-" in name and name.endswith(".tsv") for name in data)
    assert not [name for name in names if "test_" in name]
    assert wheel.stat().st_size < 45 * 2**20


def test_every_module_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for top in ("corpus", "index", "assistant", "ui", "evals"):
        for path in (ROOT / top).rglob("*.py"):
            assert path.relative_to(ROOT).as_posix() in names


def test_the_installed_wheel_answers_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    run([*pip, "--target", str(target), str(wheel)], elsewhere)
    environ = {
        "PYTHONPATH": str(target),
        "PYTHONUTF8": "1",
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "TIAOWEN_INDEX": "",
    }
    where = run([sys.executable, "-c", "import ui; print(ui.__file__)"], elsewhere, **environ)
    assert where.startswith(str(target))
    out = run([sys.executable, "-m", "ui.cli", "ask", B_PERMIT], elsewhere, **environ)
    assert "10年" in out
    assert "（八）" in out
    assert (tmp_path / "cache" / "tiaowen" / "index" / "manifest.json").exists()
