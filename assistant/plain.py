"""Outcome → plain text with its sources, for whatever shows nothing but text. Pure."""

from collections.abc import Sequence
from typing import Protocol

from assistant.answer import Answer, Citation, NearClause, Outcome
from assistant.question import is_english
from corpus.store import Library


class Place(Protocol):
    """Where a piece of text stands: an address or its form on the wire."""

    @property
    def path(self) -> Sequence[str]:
        """Headings from the top down."""
        ...

    @property
    def paragraph(self) -> int:
        """Its 款, from 1."""
        ...

    @property
    def item(self) -> str | None:
        """Its 项, if any."""
        ...


def place(address: Place) -> str:
    """Write an address as people cite it: headings, then 款 and 项 where they tell something."""
    parts = list(address.path)
    parts += [f"第{address.paragraph}款"] if address.paragraph > 1 else []
    parts += [address.item] if address.item else []
    return " › ".join(parts)


def to_plain(outcome: Outcome, library: Library, base_url: str = "") -> str:
    """Write an outcome as text.

    Args:
        outcome: What came of a question.
        library: The documents it is about.
        base_url: The server's address with its last slash; without it there are no links.

    Returns:
        The answer as it stands, then a line for each citation with clause and quote; or the
        refusal's message, then the nearest clauses.
    """
    english = is_english(outcome.question)
    if isinstance(outcome, Answer):
        said, title = outcome.text, "Sources:" if english else "来源："
        lines = [_source(citation, library, base_url) for citation in outcome.citations]
    else:
        said, title = outcome.message, "Nearest clauses:" if english else "最接近的条款："
        lines = [_near(near, library, base_url) for near in outcome.nearest]
    return "\n".join([said, "", title, *lines]) if lines else said


def named(library: Library, document_id: str, address: Place) -> str:
    """Name a clause with its document: ``《科创22条》三、… › （八）…``."""
    return f"《{library.get(document_id).name}》{place(address)}"


def _source(citation: Citation, library: Library, base_url: str) -> str:
    where = named(library, citation.document_id, citation.address)
    quote = " ".join(citation.cited_text.split())
    page, _, anchor = citation.url.partition("#")
    marked = f"{page}?quote={citation.span.start}-{citation.span.end}#{anchor}"
    return f"[{citation.index}] {where}：“{quote}”{_link(marked, base_url)}"


def _near(near: NearClause, library: Library, base_url: str) -> str:
    return f"· {named(library, near.document_id, near.address)}{_link(near.url, base_url)}"


def _link(url: str, base_url: str) -> str:
    return f" {base_url}{url.removeprefix('/')}" if base_url else ""
