"""Passages → the numbered evidence that a written answer may rest on."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.quotes import Quote
from assistant.wording import gives_orders
from corpus.model import ClauseAddress, Passage
from corpus.passages import sentences
from corpus.store import Library

MOST = 8  # passages
_GOES_ON = re.compile("也|还|并|可以|应当|不得|其|上述|前述|该|此")
_ROOM = 3000  # characters of all together


@dataclass(frozen=True)
class Numbered:
    """A passage under the number by which an answer refers to it.

    Attributes:
        number: From 1, best first.
        document_id: Where it stands.
        names: What its document is called: title and short title.
        address: Its clause.
        text: The passage.
        stated: Its sentences, each with its lead-in; those that give the model orders left out.
    """

    number: int
    document_id: str
    names: tuple[str, ...]
    address: ClauseAddress
    text: str
    stated: tuple["Stated", ...]


@dataclass(frozen=True)
class Stated:
    """A sentence that can be cited, and what a reader of it knows besides.

    ``context`` holds the names of the document and the headings above it, ``lead`` the line that
    introduces its list or whom it goes on about, ``before`` all that the passage says before it.
    """

    quote: Quote
    text: str
    context: str
    lead: str = ""
    before: str = ""

    @cached_property
    def said(self) -> str:
        """The sentence with what it leaves out."""
        return f"{self.lead}\n{self.text}"

    @cached_property
    def whole(self) -> str:
        """The same with its context."""
        return f"{self.context}\n{self.said}"


def number(passages: Iterable[Passage], library: Library) -> tuple[Numbered, ...]:
    """Number passages, best first, as many as there is room for; each once."""
    found: list[Numbered] = []
    room = _ROOM
    for passage in list(dict.fromkeys(passages))[:MOST]:
        room -= len(passage.text)
        if found and room < 0:
            break
        document = library.get(passage.document_id)
        names = tuple(name for name in (document.title, document.short_title) if name)
        stated = tuple(_stated(passage, names, library))
        n = len(found) + 1
        found.append(Numbered(n, document.id, names, passage.address, passage.text, stated))
    return tuple(found)


def _stated(passage: Passage, names: Sequence[str], library: Library) -> Iterator[Stated]:
    outline = library.outline(passage.document_id)
    headings = " ".join((*names, *passage.address.path))
    said: list[str] = []
    for sentence in sentences(outline.text, passage.span):
        text = sentence.of(outline.text)
        lead = outline.lead_in(sentence)
        known = [lead.of(outline.text)] if lead else []
        known += said[-1:] if _goes_on(text) else []
        if not gives_orders(text):
            quote = Quote(passage.document_id, sentence)
            yield Stated(quote, text, headings, " ".join(known), "".join(said))
            said.append(text)


def _goes_on(text: str) -> bool:
    """Say whether a sentence leaves out whom it speaks of: the one before has said it."""
    return bool(_GOES_ON.match(text))
