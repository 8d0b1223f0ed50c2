"""Fixtures that several test files share."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import LAW_TEXT, POLICY_TEXT, CountingEncoder

from corpus.model import Document


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def policy() -> Document:
    return Document("policy", "某市关于建设创新中心的意见", POLICY_TEXT, short_title="创新九条")


@pytest.fixture
def law() -> Document:
    return Document("law", "中华人民共和国示范法", LAW_TEXT)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where an index is to be published; nothing is there yet."""
    return tmp_path / "published"


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The address of ``tiaowen serve`` over the shipped document."""
    from browser import serving  # noqa: PLC0415 (brings the whole assistant along)

    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium; of one test file, since its event loop is in the way of others."""
    from browser import ARGUMENTS, chromium  # noqa: PLC0415
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def gradio_leftovers() -> Iterator[None]:
    """Gradio leaves event loops open: they are collected here, not in some later test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
