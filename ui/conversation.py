"""A turn of a conversation as HTML, plain text and Markdown. Pure; everything is escaped."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Self
from urllib.parse import quote, unquote

from pydantic import BaseModel, ValidationError, model_validator

from assistant.api.schemas import AskResponse, CitationOut, NearClauseRef
from assistant.asked import Asked, facts, kind_of
from assistant.listing import enumeration
from assistant.plain import place
from assistant.settings import package_version
from corpus.model import Span
from ui.document_page import link
from ui.texts import Texts


class Turn(BaseModel):
    """A question and what came of it, as a browser keeps it: evidence is left out."""

    question: str
    response: AskResponse

    @classmethod
    def of(cls, question: str, response: AskResponse) -> "Turn":
        """Return a turn to be kept."""
        return cls(question=question, response=response.model_copy(update={"evidence": []}))

    @model_validator(mode="after")
    def _quotes_spans(self) -> Self:
        for citation in self.response.citations:
            _span(citation)
        return self


def read_turns(values: Any) -> list[Turn]:
    """Read turns that come back from a browser; what is none is left out."""
    turns = []
    for value in values if isinstance(values, list) else []:
        try:
            turns.append(Turn.model_validate(value))
        except ValidationError:
            continue
    return turns


_INSTEAD = 3  # questions named below a refusal
BASE = "\ufffc"
"""Stands in kept Markdown for the server's address, which only the visitor's browser knows."""


class Writer:
    """Writes turns for a visitor.

    Args:
        texts: Of the interface's language.
        names: What documents are called, by id; one that is not in it is called by its title.
        root: The way from the page to the server's root: ``""`` or ``"../"``.
        examples: Questions that can be asked instead of one that is refused with no clause near.
    """

    def __init__(
        self,
        texts: Texts,
        names: Mapping[str, str],
        root: str = "",
        examples: Sequence[str] = (),
    ) -> None:
        self._texts = texts
        self._examples = examples[:_INSTEAD]
        self._names = names
        self._root = root

    def thread(
        self, turns: Sequence[Turn], *, pending: str = "", said: str = "", notice: str = ""
    ) -> str:
        """Write a conversation.

        Args:
            turns: Oldest first.
            pending: A question that is being worked on.
            said: What there is of its answer.
            notice: What is wrong with the last question.
        """
        body = "".join(self.turn(turn, last=turn is turns[-1]) for turn in turns)
        if pending:
            body += (
                f'<article class="tw-turn">{self._asked(pending)}{self._working(said)}</article>'
            )
        if notice:
            body += f'<p class="tw-notice" role="alert">{escape(notice)}</p>'
        return f'<div class="tw-thread">{body}</div>'

    def turn(self, turn: Turn, *, last: bool = False) -> str:
        """Write a question and its answer or refusal, with what can be done with it."""
        response = turn.response
        reply = self._refusal(response) if response.refusal else self._answer(turn)
        kept = turn.model_dump(mode="json")
        return (
            f'<article class="tw-turn" data-id="{escape(response.id)}"'
            f' data-turn="{escape(json.dumps(kept, ensure_ascii=False))}"'
            f' data-plain="{escape(self.plain(turn))}"'
            f' data-markdown="{escape(self.markdown(turn))}"'
            f"{' data-last' if last else ''}>"
            f"{self._asked(turn.question)}"
            f'<div class="tw-reply" role="group" aria-label="{escape(self._texts.reply)}">{reply}'
            f"{self._actions()}</div></article>"
        )

    def _asked(self, question: str) -> str:
        hidden = f'<span class="tw-hidden">{escape(self._texts.you)}：</span>'
        return f'<div class="tw-you">{hidden}{escape(question)}</div>'

    def _working(self, said: str) -> str:
        if said:
            return f'<div class="tw-reply"><div class="tw-answer"><p>{escape(said)}</p></div></div>'
        return f'<div class="tw-pending" role="status">{escape(self._texts.working)}</div>'

    def _answer(self, turn: Turn) -> str:
        response = turn.response
        sources = "".join(
            f'<li data-index="{c.index}">{self._source(c)}</li>' for c in response.citations
        )
        blocks = "".join(_block(turn.question, line) for line in self._lines(response))
        label = escape(self._texts.sources)
        listed = f'<ol class="tw-sources" aria-label="{label}">{sources}</ol>' if sources else ""
        return f'<div class="tw-answer">{blocks}{_note(response)}</div>{listed}'

    def _lines(self, response: AskResponse) -> list["_Line"]:
        """Return the answer line by line: what is said, each part with its chips."""
        lines: list[_Line] = [[]]
        at = 0
        for citation in response.citations:
            marker = f"[{citation.index}]"
            end = response.answer.find(marker, max(at, citation.answer_end))
            if end < 0:
                continue
            _say(lines, response.answer[at:end])
            said, chips = lines[-1].pop() if lines[-1] else ("", "")
            lines[-1].append((said, chips + self._chip(citation)))
            at = end + len(marker)
        _say(lines, response.answer[at:])
        return [line for line in lines if line]

    def _chip(self, citation: CitationOut) -> str:
        label = f"{self._texts.source} {citation.index}：{place(citation.clause)}"
        return (
            f'<a class="tw-chip" {self._to(citation)} data-index="{citation.index}"'
            f' data-quote-text="{escape(citation.cited_text)}"'
            f' aria-label="{escape(label)}">{citation.index}</a>'
        )

    def _source(self, citation: CitationOut) -> str:
        name = f"《{self.name_of(citation)}》" if len(self._names) > 1 else ""
        return (
            f'<a class="tw-place" {self._to(citation)}>'
            f"<b>{citation.index}</b> {escape(name + place(citation.clause))}</a>"
        )

    def _to(self, citation: CitationOut) -> str:
        span = _span(citation)
        return (
            f'href="{escape(address(citation, self._root))}" target="_blank"'
            f' data-document="{escape(citation.document_id)}"'
            f' data-quote="{span.start}-{span.end}"'
        )

    def name_of(self, citation: CitationOut) -> str:
        """Return what the cited document is called."""
        return self._names.get(citation.document_id, citation.document_title)

    def _refusal(self, response: AskResponse) -> str:
        refusal = response.refusal
        if refusal is None:
            return ""
        near = "".join(
            f'<li><a class="tw-near" href="{escape(self._near(n))}"'
            f' target="_blank" data-document="{escape(n.document_id)}"'
            f' data-anchor="{escape(n.url.partition("#")[2])}">{escape(place(n))}</a></li>'
            for n in refusal.nearest
        )
        listed = f"<h3>{escape(self._texts.nearest)}</h3><ul>{near}</ul>" if near else ""
        quiet = refusal.reason in ("greeting", "too_vague")
        head = "" if quiet else f"<h2>{escape(self._texts.refused)}</h2>"
        card = f'<div class="tw-refusal">{head}<p>{escape(refusal.message)}</p>{listed}</div>'
        return card if near else card + self._instead()

    def _instead(self) -> str:
        """Write what can be asked instead, below the refusal and not in it: it is no answer."""
        asked = "".join(
            f'<button type="button" class="tw-question"><span>{escape(question)}</span></button>'
            for question in self._examples
        )
        said = escape(self._texts.instead)
        return f'<div class="tw-instead"><h3>{said}</h3>{asked}</div>' if asked else ""

    def _near(self, near: NearClauseRef) -> str:
        anchor = unquote(near.url.partition("#")[2])
        return link(near.document_id, anchor, root=self._root)

    def _actions(self) -> str:
        texts = self._texts
        buttons = (
            ("copy", texts.copy),
            ("markdown", texts.copy_markdown),
            ("share", texts.share),
            ("up", texts.good),
            ("down", texts.bad),
        )
        return (
            f'<div class="tw-actions" role="toolbar" aria-label="{escape(texts.reply)}">'
            + "".join(
                f'<button type="button" data-do="{do}">{escape(text)}</button>'
                for do, text in buttons
            )
            + "</div>"
        )

    def plain(self, turn: Turn) -> str:
        """Write a turn with its citations as plain text."""
        response = turn.response
        said = response.refusal.message if response.refusal else response.answer
        sources = [
            f"[{c.index}] 《{self.name_of(c)}》{place(c.clause)}：“{_one_line(c.cited_text)}”"
            for c in response.citations
        ]
        return "\n".join([turn.question, "", said, *([""] if sources else []), *sources])

    def markdown(self, turn: Turn, base: str = BASE) -> str:
        """Write a turn with its citations as Markdown.

        Args:
            turn: What is written.
            base: The server's address with its last slash, for the links.
        """
        response = turn.response
        said = response.refusal.message if response.refusal else response.answer
        blocks = [f"## {_plain(_one_line(turn.question))}", _plain(said).replace("\n", "\n\n")]
        blocks += [
            f"> [{c.index}] {_plain(_one_line(c.cited_text))}  \n"
            f"> [{_linked(f'《{self.name_of(c)}》{place(c.clause)}')}]({address(c, base)})"
            for c in response.citations
        ]
        return "\n\n".join(blocks) + "\n"


def address(citation: CitationOut, root: str = "") -> str:
    """Return where a quote can be read in its clause, marked.

    Args:
        citation: Of the quote.
        root: The way to the server's root, or its address with its last slash.
    """
    anchor = quote(unquote(citation.url.partition("#")[2]))
    return f"{link(citation.document_id, quotes=[_span(citation)], root=root)}#{anchor}"


def signature(texts: Texts) -> str:
    """Return the line under an exported conversation: what answered, in which version."""
    return texts.answered_by.format(version=package_version())


_Line = list[tuple[str, str]]
"""Parts of a line: what is said, and the chips behind it as HTML."""


def _say(lines: list[_Line], text: str) -> None:
    """Add a text that may go over several lines."""
    first, *others = text.split("\n")
    if first:
        lines[-1].append((first, ""))
    lines += [[(line, "")] if line else [] for line in others]


def _block(question: str, line: _Line) -> str:
    """Write a line; what it enumerates is a list if a list is asked for."""
    said, chips = line[0]
    found = enumeration(said) if len(line) == 1 and kind_of(question) is Asked.LIST else None
    if found is None:
        parts = "".join(_with_facts(question, said) + chips for said, chips in line)
        return f"<p>{parts}</p>"
    items = "".join(f"<li>{escape(item)}</li>" for item in found.items)
    return f"<p>{escape(found.head)}</p><ul>{items}</ul><p>{escape(found.tail)}{chips}</p>"


def _note(response: AskResponse) -> str:
    """Write what a reader should know of how a model's answer came about."""
    note = response.generation.note if response.generation else ""
    return f'<p class="tw-note"><small>{escape(note)}</small></p>' if note else ""


def _with_facts(question: str, said: str) -> str:
    out, at = "", 0
    for fact in facts(question, said):
        out += escape(said[at : fact.start]) + f"<strong>{escape(fact.of(said))}</strong>"
        at = fact.end
    return out + escape(said[at:])


def _span(citation: CitationOut) -> Span:
    return Span(citation.start_char_index, citation.end_char_index)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _linked(text: str) -> str:
    """Keep the text of a link as it stands, in one line."""
    return re.sub(r"[\\`*_<>#|~&\[\]]", r"\\\g<0>", _one_line(text).replace(BASE, ""))


def _plain(text: str) -> str:
    """Keep what Markdown would read as its own as it stands; a marker ``[1]`` needs no escape."""
    kept = text.replace(BASE, "")
    return re.sub(r"([\\`*_<>#|~]|&(?=#?\w+;)|\[(?!\d+\](?![(:])))", r"\\\1", kept)
