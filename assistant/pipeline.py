"""The flow on one screen: a question comes in, a cited answer or a refusal goes out.

check → understand → by number? → search → enough to answer? → choose sentences → cite → verify

Where a model helps: … by number? → it puts the question differently → search …; see ``rewriting``.
With a language model: … enough to answer? → it writes → each sentence is verified → cite → verify;
what it cannot do, or may not say, the way above does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from assistant import about, extract, prompt, question, refusal, relative, rewriting, writing, years
from assistant.answer import Answer, Evidence, Outcome, Reason, Refusal
from assistant.answering import Answering
from assistant.candidates import Candidate
from assistant.errors import BadQuestion
from assistant.events import Event, events
from assistant.llm import ChatModel, Message
from assistant.more import clause_of, wants_more
from assistant.question import Query, Turn
from assistant.rewriting import Helper
from assistant.run import Pending, Run, evidence_of
from assistant.settings import Settings
from corpus.model import Document
from corpus.store import Library
from index.address import Lookup, names_of
from index.search import Hit, Searcher
from index.tokens import fold


class Assistant:
    """Answers questions from one published index. Holds no conversation: history is passed in."""

    def __init__(
        self,
        searcher: Searcher,
        settings: Settings,
        model: ChatModel | None = None,
        helper: Helper | None = None,
    ) -> None:
        """Take what answers are made from; without a model they are quotes.

        ``helper`` puts questions differently before they are searched for.
        """
        self._searcher = searcher
        self._settings = settings
        self._model = model
        self._helper = helper
        self._answering = Answering(searcher, settings)

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
        step = self._begin(text, history, documents, top_k, self._helper)
        if self._model is None or not isinstance(step, Pending):
            return self._answering.quoted(step) if isinstance(step, Pending) else step
        *_, done = writing.write(step, self._model, self._answering)
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
        step = self._begin(text, history, documents, None, None)
        return self._answering.quoted(step) if isinstance(step, Pending) else step

    def _begin(
        self,
        text: str,
        history: Sequence[Turn],
        documents: Sequence[str] | None,
        top_k: int | None,
        helper: Helper | None,
    ) -> Outcome | Pending:
        asked = question.check(text, history, self._settings.max_question)
        named = partial(self._look_up, documents=documents)
        clause = relative.absolute(asked, history, self.library, named)
        if clause == asked and relative.is_relative(asked):
            before = self._clause_before(history, documents)
            clause = relative.absolute(asked, before, self.library, named)
        documents = documents or self._named(clause)
        chosen = [self.library.get(name) for name in documents] if documents else self.documents
        reworded, remark = years.reword(self._searcher.correct(asked), chosen)
        typed = question.understand(reworded, history)
        run = Run(
            asked=asked,
            typed=typed,
            query=typed,
            documents=documents or None,
            top_k=top_k or self._settings.top_k,
            names=[document.name for document in chosen],
            remark=remark,
        )
        lookup = self._look_up(clause, documents)
        greeting = question.is_greeting(asked)
        more = wants_more(asked)
        if helper and not (lookup or greeting or more):
            self._rewrite(run, helper, history)
        found = self._search(run, run.query)
        run.hits = found[: run.top_k]
        run.lap("retrieve")
        if greeting:
            return self._answering.refuse(run, Reason.GREETING)
        if lookup:
            return self._answering.by_number(run, lookup)
        if more:
            return self._more(run, history)
        if told := about.read(asked, chosen, self.library, opening=about.opens(history, chosen)):
            return self._about(run, told, found)
        if question.is_vague(run.typed.text):
            return self._answering.refuse(run, Reason.TOO_VAGUE)
        return self._by_meaning(run, found)

    def _rewrite(self, run: Run, helper: Helper, history: Sequence[Turn]) -> None:
        """Let a model put the question differently; as typed it stays what answers are held to."""
        run.rewriting = helper.rewrite(run.asked, history, self._alike)
        run.query = rewriting.applied(run.typed, run.rewriting)
        run.lap("rewrite")

    def _alike(self, one: str, other: str) -> float:
        return self._searcher.likeness(one, (other,))

    def _search(self, run: Run, query: Query) -> list[Hit]:
        return self._searcher.search(query.text, max(run.top_k, extract.POOL), run.documents)

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
        step = self._begin(text, history, documents, top_k, self._helper)
        return (
            writing.write(step, self._model, self._answering)
            if isinstance(step, Pending)
            else events(step)
        )

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
        step = self._begin(text, history, documents, None, self._helper)
        if not isinstance(step, Pending):
            return []
        structured = self._settings.llm_structured != "off"
        numbered = self._answering.numbered(step)
        return prompt.messages(step.run.typed, numbered, structured=structured)

    def retrieve(
        self, text: str, documents: Sequence[str] | None = None, top_k: int | None = None
    ) -> tuple[Evidence, ...]:
        """Return the hits for a question, best first, without answering it.

        Raises:
            UnknownDocument: No document has a given id.
        """
        hits = self._searcher.search(text, top_k or self._settings.top_k, documents or None)
        return tuple(map(evidence_of, hits))

    def _look_up(self, text: str, documents: Sequence[str] | None) -> Lookup | None:
        return self._searcher.look_up(text, documents or self._named(text) or None)

    def _named(self, asked: str) -> list[str]:
        """Return the ids of the documents that a question names, if there are several to choose."""
        if len(self.library) < 2:
            return []
        return [d.id for d in self.documents if any(name in fold(asked) for name in names_of(d))]

    def _before(self, history: Sequence[Turn], documents: Sequence[str] | None) -> Outcome | None:
        """Return what the last question was answered by; nothing where none can be answered."""
        turns = [n for n, turn in enumerate(history) if turn.role == "user"]
        asked = [n for n in turns if not question.is_greeting(history[n].content)]
        try:
            return self.quote(history[asked[-1]].content, history[: asked[-1]], documents)
        except (IndexError, BadQuestion):  # nothing was asked, or nothing that can be
            return None

    def _clause_before(
        self, history: Sequence[Turn], documents: Sequence[str] | None
    ) -> tuple[Turn, ...]:
        """Return the clause that answered the last question, as a question for it."""
        before = self._before(history, documents)
        lookup = clause_of(before, self.library) if isinstance(before, Answer) else None
        if lookup is None:
            return ()
        place = lookup.places[0]
        title = self.library.get(place.document_id).title if len(self.library) > 1 else ""
        return (Turn("user", (f"《{title}》" if title else "") + place.clause.label),)

    def _more(self, run: Run, history: Sequence[Turn]) -> Outcome:
        """Quote more of the clause that the question before was answered by."""
        before = self._before(history, run.documents)
        if before is None:
            return self._answering.refuse(run, Reason.TOO_VAGUE)
        if isinstance(before, Refusal):
            return replace(before, question=run.asked)
        return self._answering.more(run, before)

    def _by_meaning(self, run: Run, found: Sequence[Hit]) -> Outcome | Pending:
        candidates = self._weighed(run, run.query, found)
        if not candidates:
            return self._answering.refuse(run, Reason.NOT_IN_DOCUMENT)
        features = self._features(run, found, candidates)
        rest = extract.weigh(run.query, found[extract.POOL :], self._searcher)
        ranked = extract.rerank(found, [*candidates, *rest], len(found))
        run.hits = ranked[: run.top_k]
        answerable, run.confidence = refusal.decide(run.typed, features)
        goes_on = question.gone_on(run.typed) if run.query == run.typed else None
        if goes_on and not answerable and refusal.says_too_little(run.typed, features):
            run.typed = run.query = goes_on  # alone it says too little
            return self._by_meaning(run, self._search(run, goes_on))
        if not answerable:
            return self._answering.refuse(run, refusal.reason_of(features), candidates)
        if lacking := self._answering.without_subject(run):
            return lacking
        return Pending(run, candidates, [hit.passage for hit in ranked])

    def _weighed(self, run: Run, query: Query, found: Sequence[Hit]) -> list[Candidate]:
        candidates = extract.weigh(query, found[: extract.POOL], self._searcher)
        return extract.toward(candidates, self._topic(run, query)) if query.topic else candidates

    def _features(
        self, run: Run, found: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> refusal.Features:
        """Measure whether there is an answer, always by the question as typed.

        Measured by a policy's words for it, 14 of 35 unanswerable development questions were
        answered instead of one: that a question sounds like the document says little then.
        """
        if run.query != run.typed:
            found = self._search(run, run.typed)
            candidates = self._weighed(run, run.typed, found)
        return refusal.measure(run.typed, found, candidates, self._searcher)

    def _topic(self, run: Run, query: Query) -> list[Candidate]:
        """Return the sentences that answer what was talked about before."""
        earlier = question.understand(query.topic)
        hits = self._searcher.search(earlier.text, extract.POOL, run.documents)
        return extract.weigh(earlier, hits, self._searcher)

    def _about(self, run: Run, told: about.Told, found: Sequence[Hit]) -> Outcome:
        candidates = extract.weigh(run.typed, found, self._searcher)
        run.hits = extract.rerank(found, candidates, run.top_k)
        run.confidence = float(bool(told.quotes))
        if told.quotes:
            return self._answering.answer(run, told.quotes, told.note, opening=told.opening)
        refused = self._answering.refuse(run, Reason.NOT_IN_DOCUMENT)
        return replace(refused, message=told.note, nearest=())
