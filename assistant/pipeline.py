"""The flow on one screen: a question comes in, a cited answer or a refusal goes out.

check → understand → by number? → search → enough to answer? → choose sentences → cite → verify

With a language model: … enough to answer? → it writes → each sentence is verified → cite → verify;
what it cannot do, or may not say, the way above does.
"""

import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant import about, compose, evidence, extract, prompt, question, quotes, refusal
from assistant import citations as checks
from assistant.answer import Answer, Citation, Evidence, Outcome, Reason, Refusal
from assistant.asked import kind_of
from assistant.events import Event, events, said
from assistant.generate import Draft
from assistant.llm import ChatModel, Message
from assistant.near import MOST, near, nearest
from assistant.question import Query, Turn
from assistant.settings import Settings
from assistant.signals import wanted_terms
from assistant.verdict import verdict
from corpus.model import Document, Passage
from corpus.store import Library
from index.address import Lookup, names_of
from index.search import Hit, Searcher
from index.tokens import fold

_ABOUT_A_CLAUSE = re.compile(
    "(?:有|包括|包含|列)?(?:哪些|几个?|多少)?(?:条款|条|部分|内容|章节)|主要|具体|分别|各自?|都|what|list"
)


@dataclass
class _Run:
    """One question on its way through the pipeline; ``query`` has its typing errors set right."""

    asked: str
    query: Query
    documents: Sequence[str] | None
    top_k: int
    names: Sequence[str]
    timings: dict[str, float] = field(default_factory=dict)
    hits: Sequence[Hit] = ()
    confidence: float = 0.0
    last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        """Note the milliseconds since the last lap."""
        now = time.perf_counter()
        self.timings[stage] = round((now - self.last) * 1000, 3)
        self.last = now


@dataclass(frozen=True)
class _Pending:
    """A question that a model is to answer; ``candidates`` answer it without one, best first."""

    run: _Run
    candidates: Sequence[extract.Candidate]
    passages: Sequence[Passage]


class Assistant:
    """Answers questions from one published index. Holds no conversation: history is passed in."""

    def __init__(
        self, searcher: Searcher, settings: Settings, model: ChatModel | None = None
    ) -> None:
        """Take what answers are made from; without a model they are quotes."""
        self._searcher = searcher
        self._settings = settings
        self._model = model

    @property
    def searcher(self) -> Searcher:
        """The index behind the answers."""
        return self._searcher

    @property
    def library(self) -> Library:
        """The documents that are answered from."""
        return self._searcher.library

    @property
    def documents(self) -> list[Document]:
        """The same, as a list in the order of the index."""
        return list(self.library)

    def ask(
        self,
        text: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] | None = None,
        top_k: int | None = None,
    ) -> Outcome:
        """Answer a question, or refuse it.

        Args:
            text: The question, in Chinese or English.
            history: Earlier turns, oldest first.
            documents: Ids to answer from; all unless given.
            top_k: Hits listed as evidence; as set unless given.

        Returns:
            An answer whose every citation has been checked against its source, or a refusal.

        Raises:
            BadQuestion: The question cannot be used.
            UnknownDocument: No document has a given id.
        """
        step = self._begin(text, history, documents, top_k)
        if self._model is None or not isinstance(step, _Pending):
            return self._extract(step) if isinstance(step, _Pending) else step
        *_, done = self._write(step, self._model)
        outcome: Outcome = done.data
        return outcome

    def quote(
        self, text: str, history: Sequence[Turn] = (), documents: Sequence[str] | None = None
    ) -> Outcome:
        """Answer as ``ask`` does without a model, whether or not there is one.

        Raises:
            BadQuestion: As ``ask``.
            UnknownDocument: Likewise.
        """
        step = self._begin(text, history, documents, None)
        return self._extract(step) if isinstance(step, _Pending) else step

    def _begin(
        self,
        text: str,
        history: Sequence[Turn],
        documents: Sequence[str] | None,
        top_k: int | None,
    ) -> Outcome | _Pending:
        asked = question.check(text, history, self._settings.max_question)
        documents = documents or self._named(asked)
        chosen = [self.library.get(name) for name in documents] if documents else self.documents
        run = _Run(
            asked=asked,
            query=question.understand(self._searcher.correct(asked), history),
            documents=documents or None,
            top_k=top_k or self._settings.top_k,
            names=[document.name for document in chosen],
        )
        found = self._searcher.search(run.query.text, max(run.top_k, extract.POOL), run.documents)
        run.hits = found[: run.top_k]
        run.lap("retrieve")
        if question.is_greeting(asked):
            return self._refuse(run, Reason.GREETING)
        lookup = self._searcher.look_up(asked, run.documents)
        if lookup:
            return self._by_number(run, lookup)
        if told := about.read(asked, chosen, self.library, opening=not history):
            return self._about(run, told, found)
        if question.is_vague(run.query.text):
            return self._refuse(run, Reason.TOO_VAGUE)
        return self._by_meaning(run, found)

    def stream(
        self,
        text: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] | None = None,
        top_k: int | None = None,
    ) -> Iterator[Event]:
        """Answer as ``ask`` does, in steps; what a model writes, sentence by sentence.

        Raises:
            BadQuestion: As ``ask``; before the first event.
            UnknownDocument: Likewise.
        """
        if self._model is None:
            return events(self.ask(text, history, documents, top_k))
        step = self._begin(text, history, documents, top_k)
        return self._write(step, self._model) if isinstance(step, _Pending) else events(step)

    def prompt(
        self,
        text: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] | None = None,
    ) -> list[Message]:
        """Return what a language model would be sent; nothing where none would be asked.

        Raises:
            BadQuestion: As ``ask``.
            UnknownDocument: Likewise.
        """
        step = self._begin(text, history, documents, None)
        if not isinstance(step, _Pending):
            return []
        return prompt.messages(step.run.query, self._numbered(step))

    def retrieve(
        self, text: str, documents: Sequence[str] | None = None, top_k: int | None = None
    ) -> tuple[Evidence, ...]:
        """Return the hits for a question, best first, without answering it.

        Raises:
            UnknownDocument: No document has a given id.
        """
        hits = self._searcher.search(text, top_k or self._settings.top_k, documents or None)
        return tuple(map(_evidence, hits))

    def _named(self, asked: str) -> list[str]:
        """Return the ids of the documents that a question names, if there are several to choose."""
        if len(self.library) < 2:
            return []
        return [d.id for d in self.documents if any(name in fold(asked) for name in names_of(d))]

    def _by_meaning(self, run: _Run, found: Sequence[Hit]) -> Outcome | _Pending:
        candidates = extract.weigh(run.query, found[: extract.POOL], self._searcher)
        if run.query.topic:
            candidates = extract.toward(candidates, self._topic(run))
        if not candidates:
            return self._refuse(run, Reason.NOT_IN_DOCUMENT)
        features = refusal.measure(run.query, found, candidates, self._searcher)
        rest = extract.weigh(run.query, found[extract.POOL :], self._searcher)
        ranked = extract.rerank(found, [*candidates, *rest], len(found))
        run.hits = ranked[: run.top_k]
        answerable, run.confidence = refusal.decide(run.query, features)
        if not answerable:
            return self._refuse(run, refusal.reason_of(features), candidates)
        return _Pending(run, candidates, [hit.passage for hit in ranked])

    def _extract(self, pending: _Pending) -> Answer:
        run, candidates = pending.run, pending.candidates
        longest = self._longest(run)
        listed = extract.enumerated(run.query, candidates[0], self.library, longest)
        if listed:
            return self._answer(run, listed)
        ranked = self._by_part(run) if len(run.query.parts) > 1 else [candidates]
        chosen = extract.choose(ranked, self._wanted(run.query), longest)
        return self._answer(run, chosen, opening=verdict(run.query, candidates[0]))

    def _longest(self, run: _Run) -> int:
        """Return how many characters may be quoted: the frame of an English answer counts, too."""
        frame = compose.ENGLISH_FRAME if run.query.english else 0
        return max(1, self._settings.max_answer - frame)

    def _topic(self, run: _Run) -> list[extract.Candidate]:
        """Return the sentences that answer what was talked about before."""
        query = question.understand(run.query.topic)
        hits = self._searcher.search(query.text, extract.POOL, run.documents)
        return extract.weigh(query, hits, self._searcher)

    def _write(self, pending: _Pending, model: ChatModel) -> Iterator[Event]:
        """Let the model write, and send each sentence as soon as it has been verified."""
        run = pending.run
        yield Event("retrieved", tuple(map(_evidence, run.hits)))
        numbered, longest = self._numbered(pending), self._settings.max_answer
        draft = Draft(model, run.query, numbered, self._searcher.cosines, longest)
        text, cited = "", list[Citation]()
        for sentence in draft:
            added, own = compose.append(
                text, sentence.text, sentence.quotes, len(cited) + 1, self.library
            )
            text += added
            cited += own
            checks.verify(text, cited, self.library)
            yield Event("delta", added)
            yield from (Event("citation", citation) for citation in own)
        run.lap("write")
        outcome = self._settled(pending, draft, text, cited, model.name)
        yield from (Event("done", outcome),) if cited else said(outcome)

    def _numbered(self, pending: _Pending) -> tuple[evidence.Numbered, ...]:
        run = pending.run
        by_part = self._by_part(run) if len(run.query.parts) > 1 else []
        first = [c.sentence.hit.passage for ranked in by_part for c in ranked[:2]]
        return evidence.number([*first, *pending.passages], self.library)

    def _settled(
        self, pending: _Pending, draft: Draft, text: str, cited: Sequence[Citation], name: str
    ) -> Outcome:
        run, generation = pending.run, draft.generation()
        if cited:
            outcome: Outcome = Answer(text=text, citations=tuple(cited), **self._common(run))
        elif draft.refused and not draft.sentences and not draft.fault:
            outcome = self._refuse(run, Reason.NOT_IN_DOCUMENT, pending.candidates)
        else:
            return replace(self._extract(pending), generation=generation)
        return replace(outcome, mode="generative", generator=name, generation=generation)

    def _wanted(self, query: Query) -> dict[str, float]:
        return wanted_terms(query.text, self._searcher)

    def _by_part(self, run: _Run) -> list[list[extract.Candidate]]:
        """Return the candidates for each of the things a question asks."""
        ranked = []
        for part in run.query.parts:
            query = replace(run.query, text=part, own=part, asked=kind_of(part))
            hits = self._searcher.search(part, extract.POOL, run.documents)
            ranked.append(extract.weigh(query, hits, self._searcher))
        return ranked

    def _by_number(self, run: _Run, lookup: Lookup) -> Outcome:
        if not lookup.places:
            return self._no_such_clause(run, lookup)
        about = question.content(_ABOUT_A_CLAUSE.sub(" ", lookup.remainder))
        run.hits = self._searcher.search(about or run.query.text, run.top_k, places=lookup.places)
        run.confidence = 1.0
        run.lap("retrieve")
        if len(about.replace(" ", "")) >= 2:
            inside = replace(run.query, text=about, parts=(about,))
            ranked = [extract.weigh(inside, run.hits, self._searcher)]
            wanted = self._wanted(inside)
            return self._answer(run, extract.choose(ranked, wanted, self._longest(run)))
        chosen = quotes.of_places(lookup, self.library)
        notes = [refusal.missing_clause(lookup, run.query, ())] if lookup.missing else []
        if not quotes.complete(chosen, lookup, self.library):
            notes.append(compose.CUT_ENGLISH if run.query.english else compose.CUT)
        return self._answer(run, chosen, "\n".join(notes))

    def _about(self, run: _Run, told: about.Told, found: Sequence[Hit]) -> Outcome:
        candidates = extract.weigh(run.query, found, self._searcher)
        run.hits = extract.rerank(found, candidates, run.top_k)
        run.confidence = float(told.known)
        if told.known:
            return self._answer(run, told.quotes, told.note)
        refused = self._refuse(run, Reason.NOT_IN_DOCUMENT)
        return replace(refused, message=told.note, nearest=())

    def _answer(
        self, run: _Run, chosen: Sequence[quotes.Quote], note: str = "", opening: str = ""
    ) -> Answer:
        joined = quotes.join(chosen, self.library)
        english = run.query.english
        text, cited = compose.compose(
            joined, self.library, english=english, note=note, opening=opening
        )
        checks.verify(text, cited, self.library)
        run.lap("answer")
        return Answer(text=text, citations=cited, **self._common(run))

    def _refuse(
        self, run: _Run, reason: Reason, candidates: Sequence[extract.Candidate] = ()
    ) -> Refusal:
        run.lap("answer")
        return Refusal(
            reason=reason,
            message=refusal.message(reason, run.query, run.names, candidates),
            nearest=nearest(run.hits, self.library) if reason is Reason.NOT_IN_DOCUMENT else (),
            **self._common(run),
        )

    def _no_such_clause(self, run: _Run, lookup: Lookup) -> Refusal:
        chosen = [self.library.get(name) for name in run.documents or ()] or self.documents
        found = [compose.paragraphs(reference, self._searcher) for reference in lookup.missing]
        ranges = [text for text in found if text] or [
            compose.numbering(d, self.library.outline(d.id)) for d in chosen
        ]
        lasts = [(d.id, self.library.outline(d.id).lines[-1].address) for d in chosen]
        run.lap("answer")
        return Refusal(
            reason=Reason.NOT_IN_DOCUMENT,
            message=refusal.missing_clause(lookup, run.query, [r for r in ranges if r][:3]),
            nearest=tuple(near(*last, self.library) for last in lasts[:MOST]),
            **self._common(run),
        )

    def _common(self, run: _Run) -> Mapping[str, Any]:
        return {
            "id": uuid.uuid4().hex,
            "question": run.asked,
            "evidence": tuple(map(_evidence, run.hits)),
            "confidence": run.confidence,
            "encoder": self._searcher.encoder_id,
            "timings_ms": run.timings,
        }


def _evidence(hit: Hit) -> Evidence:
    passage = hit.passage
    return Evidence(
        passage.document_id, passage.span, passage.address, passage.text, hit.score, hit.rank
    )
