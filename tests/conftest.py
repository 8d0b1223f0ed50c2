"""Fixtures that several test files share."""

from pathlib import Path

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
