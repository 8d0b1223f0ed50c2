"""A published index on disk: replaced at once, checked on load, nothing else ever lost."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import CountingEncoder

from corpus.model import Document
from index import layout
from index.build import build
from index.encode import HashEncoder
from index.errors import (
    BuildInProgress,
    DamagedIndex,
    MissingIndex,
    NotAnIndex,
    StaleIndex,
    build_command,
)
from index.layout import Manifest
from index.lexical import FILES
from index.published import load

NAMES = [
    layout.MANIFEST,
    layout.DOCUMENTS,
    layout.PASSAGES,
    layout.VECTORS,
    layout.SOURCES,
    *FILES,
]

# Builds version A or B of a document: "step N" dies at its Nth file operation, "after T" is
# killed T seconds in, "loop" publishes until it is killed.
BUILDER = """
import os, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from corpus.model import Document
from index.build import build
from index.encode import HashEncoder
from test_index_layout import version

target = Path(sys.argv[1])
MOMENTS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate")

class Slow(HashEncoder):
    def encode_document(self, texts):
        time.sleep(0.02)
        return super().encode_document(texts)

def die_at(step):
    left = [step]
    def hook(event, args):
        if event in MOMENTS:
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
    sys.addaudithook(hook)

print("ready", flush=True)
for line in sys.stdin:
    how, amount, name = line.split()
    child = os.fork()
    if not child:
        if how == "step":
            die_at(int(amount))
        encoder = Slow(64) if how == "after" else HashEncoder(64)
        build([version(name)], encoder, target)
        while how == "loop":
            for name in "ABBA":
                build([version(name)], encoder, target)
        os._exit(0)
    if how != "step":
        time.sleep(float(amount))
        os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def version(name: str) -> Document:
    lines = [f"第{number}条 版本{name}的第{number}条。" for number in range(1, 9)]
    return Document("d", f"示范规定{name}", "\n".join([f"示范规定{name}", *lines]))


class Builder:
    """A process that builds, and dies, on command."""

    def __init__(self, target: Path) -> None:
        here = Path(__file__).parent
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", BUILDER, str(target), str(here)],
            cwd=here.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def order(self, how: str, amount: float, name: str) -> None:
        assert self._process.stdin is not None
        print(how, amount, name, file=self._process.stdin, flush=True)

    def run(self, how: str, amount: float, name: str) -> int:
        """Return the exit code; negative if a signal ended it."""
        self.order(how, amount, name)
        return int(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip() or "0"

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


@pytest.fixture
def builder(target: Path) -> Iterator[Builder]:
    build([version("A")], HashEncoder(64), target)
    process = Builder(target)
    yield process
    process.close()


def loaded_version(target: Path) -> str:
    """Load, and check that document, passages and vectors are of one version."""
    published = load(target, HashEncoder(64))
    name = published.library.get("d").title[-1]
    document = version(name)
    assert published.library.get("d") == document
    assert [passage.text for passage in published.passages] == [
        f"版本{name}的第{number}条。" for number in range(1, 9)
    ]
    vectors = HashEncoder(64).encode_document([published.passages[3].text])
    assert published.dense.rows(3)[1] == pytest.approx(vectors[0])
    assert published.lexical.knows(name.lower())
    return name


def test_killed_at_any_file_operation_a_build_leaves_an_index(
    builder: Builder, target: Path
) -> None:
    seen, step, code = set(), 0, -signal.SIGKILL
    while code:
        now = loaded_version(target)
        wanted = "B" if now == "A" else "A"
        code = builder.run("step", step, wanted)
        after = loaded_version(target)
        seen.add(after == now)
        step += 1 + step // 20  # every one of the first, then ever fewer of the hundred
    assert step > 40
    assert after == wanted
    assert seen == {True, False}
    assert sorted(path.name for path in target.parent.iterdir()) == [
        ".published.lock",
        "published",
    ]


@pytest.mark.parametrize("role", ["before", "between", "after"])
def test_killed_around_the_renames(
    target: Path, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The three moments that matter most, by name."""
    build([version("A")], HashEncoder(64), target)
    done: list[Path] = []
    rename = Path.rename

    def interrupted(path: Path, to: Path) -> Path:
        if len(done) == ["before", "between", "after"].index(role):
            raise KeyboardInterrupt
        done.append(rename(path, to))
        return to

    monkeypatch.setattr(Path, "rename", interrupted)
    if role == "after":
        monkeypatch.setattr(layout, "_sync_directory", interrupted_sync(target))
    with pytest.raises(KeyboardInterrupt):
        build([version("B")], HashEncoder(64), target)
    monkeypatch.undo()
    assert loaded_version(target) == ("B" if role == "after" else "A")
    assert layout.read_manifest(target).passages == 8
    build([version("B")], HashEncoder(64), target)
    assert loaded_version(target) == "B"
    assert not (target.parent / ".published.previous").exists()


def interrupted_sync(target: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201
    def sync(directory: Path) -> None:
        if directory == target.parent.resolve():
            raise KeyboardInterrupt

    return sync


def test_killed_at_random_moments_a_build_leaves_an_index(builder: Builder, target: Path) -> None:
    moments = random.Random(22)
    for _ in range(15):
        builder.run("after", moments.uniform(0, 0.09), moments.choice("AB"))
        assert loaded_version(target) in "AB"


def test_a_reader_never_fails_while_another_process_publishes(
    builder: Builder, target: Path
) -> None:
    builder.order("loop", 3, "B")
    seen: list[str] = []
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        seen.append(loaded_version(target))
        layout.read_manifest(target)
    assert set(seen) == {"A", "B"}


@pytest.fixture
def published(target: Path, policy: Document) -> Path:
    build([policy], CountingEncoder(), target, sources=["my notes/a.txt"])
    return target


def test_the_files_are_those_of_the_layout(published: Path) -> None:
    assert sorted(path.name for path in published.iterdir()) == sorted(NAMES)
    manifest = layout.read_manifest(published)
    assert sorted(manifest.files) == sorted(NAMES[1:])
    assert manifest.files[layout.VECTORS].bytes == (published / layout.VECTORS).stat().st_size
    assert manifest.sources == ("my notes/a.txt",)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path, at: int | None = None) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", [truncate, empty, flip, lengthen, make_folder, Path.unlink])
def test_damage_to_any_file_is_named_with_its_repair(  # type: ignore[no-untyped-def]
    published: Path,
    name: str,
    damage,  # noqa: ANN001
    policy: Document,
) -> None:
    damage(published / name)
    with pytest.raises(DamagedIndex) as caught:
        load(published, CountingEncoder())
    assert caught.value.name == name
    assert str(published / name) in str(caught.value)
    assert str(caught.value).endswith(build_command(published, ["my notes/a.txt"]))
    assert "tiaowen build" in str(caught.value)
    if damage is not make_folder:
        build([policy], CountingEncoder(), published)  # the repair repairs
        load(published, CountingEncoder())


def test_a_flipped_byte_anywhere_in_the_manifest_is_noticed(published: Path) -> None:
    manifest = published / layout.MANIFEST
    whole = manifest.read_bytes()
    for at in range(0, len(whole), 3):
        flip(manifest, at)
        with pytest.raises(DamagedIndex, match=r"manifest\.json"):
            layout.read_manifest(published)
        manifest.write_bytes(whole)
    layout.read_manifest(published)


@pytest.mark.parametrize("text", ["[]", "null", "{}", "1", '{"checksum": ""}', "\ufeff"])
def test_other_json_is_no_manifest(published: Path, text: str) -> None:
    (published / layout.MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(DamagedIndex, match="已损坏"):
        layout.read_manifest(published)


def test_what_files_of_the_right_digest_cannot_be_read_as_is_damage(published: Path) -> None:
    def fail(place: Path, manifest: Manifest) -> None:
        raise ValueError("neither fish nor fowl")

    with pytest.raises(DamagedIndex, match="neither fish nor fowl"):
        layout.read(published, fail)


def test_another_format_is_stale(published: Path) -> None:
    manifest = replace(layout.read_manifest(published), format=99)
    (published / layout.MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    with pytest.raises(StaleIndex, match=r"99.*tiaowen build 'my notes/a.txt' --index"):
        load(published, CountingEncoder())


def test_another_encoder_is_stale(published: Path) -> None:
    with pytest.raises(StaleIndex, match=r"hash-64.*hash-32.*tiaowen build"):
        load(published, HashEncoder(32))


@pytest.mark.parametrize("how", ["absent", "empty"])
def test_no_index_is_missing(target: Path, how: str) -> None:
    if how == "empty":
        target.mkdir()
    with pytest.raises(MissingIndex, match="tiaowen build --index"):
        load(target, HashEncoder())


def test_a_file_is_no_index(target: Path, policy: Document) -> None:
    target.write_text("keep me")
    with pytest.raises(MissingIndex):
        load(target, HashEncoder())
    with pytest.raises(NotAnIndex):
        build([policy], HashEncoder(), target)
    assert target.read_text() == "keep me"


@pytest.mark.parametrize(
    "names",
    [
        ["notes.txt"],
        ["manifest.json"],  # every browser extension has one
        ["manifest.json", "background.js"],
        ["passages.jsonl"],
        ["manifest.json", "passages.jsonl", "vectors.faiss", "thesis.docx"],
    ],
)
def test_a_foreign_directory_is_refused_before_any_work(
    target: Path, policy: Document, encoder: CountingEncoder, names: list[str]
) -> None:
    target.mkdir()
    for name in names:
        (target / name).write_text("keep me")
    with pytest.raises(NotAnIndex, match="published"):
        build([policy], encoder, target)
    assert encoder.encoded == []
    assert {path.name: path.read_text() for path in target.iterdir()} == dict.fromkeys(
        names, "keep me"
    )
    with pytest.raises((DamagedIndex, NotAnIndex), match="published"):
        load(target, encoder)


def test_what_file_managers_leave_is_no_hindrance(published: Path, policy: Document) -> None:
    (published / ".DS_Store").write_bytes(b"")
    build([policy], CountingEncoder(), published)
    assert not (published / ".DS_Store").exists()


def test_an_empty_directory_may_be_published_to(target: Path, policy: Document) -> None:
    target.mkdir()
    build([policy], HashEncoder(), target)
    assert len(load(target, HashEncoder()).library) == 1


def test_directories_above_are_made(tmp_path: Path, policy: Document) -> None:
    target = tmp_path / "索 引" / "deep" / "published"
    build([policy], HashEncoder(), target)
    assert len(load(target, HashEncoder()).library) == 1


def test_a_link_to_an_index_stays_a_link(published: Path, policy: Document) -> None:
    link = published.parent / "link"
    link.symlink_to(published)
    for year in (2000, 2001, 2002):
        build([replace(policy, year=year)], CountingEncoder(), link)
        assert link.is_symlink()
        for path in (link, published):
            assert load(path, CountingEncoder()).library.get("policy").year == year


def test_the_working_directory_may_be_the_index(
    target: Path, policy: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.mkdir()
    monkeypatch.chdir(target)
    build([policy], HashEncoder(), Path())
    monkeypatch.chdir(target.parent)
    assert len(load(target, HashEncoder()).library) == 1


def test_two_builds_at_once_are_refused(published: Path, policy: Document) -> None:
    with (
        layout.build_lock(published),
        pytest.raises(BuildInProgress, match="另一个 tiaowen build"),
    ):
        build([policy], CountingEncoder(), published)
    build([policy], CountingEncoder(), published)


def test_a_file_that_may_not_be_read_is_named(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def locked(path: Path, *args: object, **options: object) -> object:
        if path.name == layout.VECTORS:
            raise PermissionError(13, os.strerror(13))
        return real(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(DamagedIndex, match=r"vectors\.faiss 无法读取（Permission denied）"):
        load(published, CountingEncoder())


def test_a_lost_manifest_still_names_the_files_to_build_from(published: Path) -> None:
    (published / layout.MANIFEST).unlink()
    assert layout.sources_of(published) == ("my notes/a.txt",)
    with pytest.raises(DamagedIndex, match=r"tiaowen build .my notes/a\.txt. --index"):
        load(published, HashEncoder(64))
