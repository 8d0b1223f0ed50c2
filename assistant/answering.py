"""Sentences chosen → a checked answer; a reason → a refusal. No language model here."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant import (
    choose,
    compose,
    evidence,
    extract,
    groups,
    more,
    question,
    quotes,
    refused,
    regions,
)
from assistant import citations as checks
from assistant.answer import Answer, Reason, Refusal
from assistant.asked import Asked, kind_of
from assistant.candidates import Candidate
from assistant.near import chapters, near_numbers, nearest
from assistant.run import Pending, Run, evidence_of
from assistant.settings import Settings
from assistant.signals import wanted_terms
from assistant.verdict import verdict
from corpus.model import Document
from index.address import DIVISIONS, Lookup, Place, Reference, names_of
from index.search import Searcher
from index.tokens import fold

_UNMENTIONED = "注意：文件没有提到{}。"
_HARDLY_MORE = 4  # characters of content, such as 支持政策
_UNMENTIONED_ENGLISH = "Note: the document does not mention {}."
_ABOUT_A_CLAUSE = re.compile(
    "(?:有|包括|包含|列)?(?:哪些|几个?|多少)?(?:条款|条|部分|内容|章节)|主要|具体|分别|各自?|都|what|list"
)


class Answering:
    """Makes the outcomes of one index."""

    def __init__(self, searcher: Searcher, settings: Settings) -> None:
        """Take what is quoted from."""
        self.searcher, self.settings = searcher, settings
        self.library = searcher.library

    def quoted(self, pending: Pending) -> Answer:
        """Answer by the documents' own sentences."""
        run, candidates = pending.run, pending.candidates
        note, opening = self.note(run), verdict(run.typed, candidates[0])
        beside = sum(len(line) + 1 for line in (note, opening) if line)  # each on its own line
        longest = max(1, self.longest(run) - beside)
        heads = choose.enumerated(run.query, candidates[0], self.library, longest)
        if heads:
            return self.answer(run, heads, note)
        ranked = self.by_part(run) if len(run.query.parts) > 1 else [candidates]
        wanted = wanted_terms(run.query.text, self.searcher)
        listed = run.query.asked is Asked.LIST
        chosen = choose.choose(ranked, wanted, longest, listed=listed)
        return self.answer(run, chosen, note, opening)

    def note(self, run: Run) -> str:
        """Say what was taken for granted, and which regions and groups no document mentions."""
        missing = self._unmentioned(run)
        english = run.query.english
        names = (" or " if english else "、").join(
            (english and m.english) or m.name for m in missing
        )
        told = (_UNMENTIONED_ENGLISH if english else _UNMENTIONED).format(names) if missing else ""
        return "\n".join(filter(None, (run.remark, told)))

    def _unmentioned(self, run: Run) -> list[regions.Region | groups.Group]:
        chosen = self._asked(run)
        return [
            *regions.unmentioned(run.asked, run.typed.text, chosen),
            *groups.unmentioned(run.asked, chosen),
        ]

    def without_subject(self, run: Run) -> Refusal | None:
        """Refuse a question about a group of people that no document mentions, and hardly more."""
        missing = groups.unmentioned(run.asked, self._asked(run))
        rest = question.content(groups.without(run.typed.text, missing))
        if not missing or len(rest.replace(" ", "")) > _HARDLY_MORE or run.query.english:
            return None
        return self.refuse(run, Reason.NOT_IN_DOCUMENT)

    def _asked(self, run: Run) -> list[Document]:
        """Return the documents that are asked."""
        return [self.library.get(name) for name in run.documents or ()] or list(self.library)

    def longest(self, run: Run) -> int:
        """Return how many characters may be quoted: the frame of an English answer counts, too."""
        frame = compose.ENGLISH_FRAME if run.query.english else 0
        return max(1, self.settings.max_answer - frame)

    def numbered(self, pending: Pending) -> tuple[evidence.Numbered, ...]:
        """Return the evidence that a model may cite."""
        run = pending.run
        by_part = self.by_part(run) if len(run.query.parts) > 1 else []
        first = [c.sentence.hit.passage for ranked in by_part for c in ranked[:2]]
        return evidence.number([*first, *pending.passages], self.library)

    def by_part(self, run: Run) -> list[list[Candidate]]:
        """Return the candidates for each of the things a question asks."""
        ranked = []
        for part in run.query.parts:
            query = replace(run.query, text=part, own=part, asked=kind_of(part))
            hits = self.searcher.search(part, extract.POOL, run.documents)
            ranked.append(extract.weigh(query, hits, self.searcher))
        return ranked

    def answer(
        self, run: Run, chosen: Sequence[quotes.Quote], note: str = "", opening: str = ""
    ) -> Answer:
        """Join quotes into an answer and check each against its source."""
        joined = quotes.join(chosen, self.library)
        english = run.query.english
        text, cited = compose.compose(
            joined, self.library, english=english, note=note, opening=opening
        )
        checks.verify(text, cited, self.library)
        run.lap("answer")
        return Answer(text=text, citations=cited, **self.common(run))

    def refuse(self, run: Run, reason: Reason, candidates: Sequence[Candidate] = ()) -> Refusal:
        """Say why there is no answer."""
        run.lap("answer")
        message = refused.message(reason, run.typed, run.names, candidates, self.chapters(run))
        missing = self._unmentioned(run)
        if missing and reason is Reason.NOT_IN_DOCUMENT and not run.query.english:
            message = f"文件没有提到{'、'.join(m.name for m in missing)}。{refused.NEAREST}"
        return Refusal(
            reason=reason,
            message=message,
            nearest=nearest(run.hits, self.library) if reason is Reason.NOT_IN_DOCUMENT else (),
            **self.common(run),
        )

    def chapters(self, run: Run) -> tuple[str, ...]:
        """Return what the documents asked are about."""
        return chapters(run.documents or [d.id for d in self.library], self.library)

    def by_number(self, run: Run, lookup: Lookup) -> Answer | Refusal:
        """Answer by the clauses whose numbers a question names, and what it asks of them."""
        if not lookup.places:
            return self.no_such_clause(run, lookup)
        about = question.content(_ABOUT_A_CLAUSE.sub(" ", self._unnamed(lookup)))
        run.hits = self.searcher.search(about or run.query.text, run.top_k, places=lookup.places)
        run.confidence = 1.0
        run.lap("retrieve")
        if len(about.replace(" ", "")) >= 2:
            inside = replace(run.query, text=about, parts=(about,))
            ranked = [extract.weigh(inside, run.hits, self.searcher)]
            wanted = wanted_terms(inside.text, self.searcher)
            return self.answer(run, choose.choose(ranked, wanted, self.longest(run)))
        return self._at_length(run, lookup)

    def more(self, run: Run, before: Answer) -> Answer | Refusal:
        """Quote at length the clause that the answer before rests on; go on where that was cut."""
        lookup = more.clause_of(before, self.library)
        if lookup is None:
            return self.refuse(run, Reason.TOO_VAGUE)
        run.hits = self.searcher.search(run.query.text, run.top_k, places=lookup.places)
        run.confidence = before.confidence
        run.lap("retrieve")
        return self._at_length(run, lookup, more.END_ENGLISH if run.query.english else more.END)

    def _at_length(self, run: Run, lookup: Lookup, end: str = "") -> Answer:
        chosen = quotes.of_places(lookup, self.library)
        notes = [refused.missing_clause(lookup, run.query, ())] if lookup.missing else []
        cut = compose.CUT_ENGLISH if run.query.english else compose.CUT
        notes.append(end if quotes.complete(chosen, lookup, self.library) else cut)
        return self.answer(run, chosen, "\n".join(filter(None, notes)))

    def _unnamed(self, lookup: Lookup) -> str:
        """Return what a question asks of its clauses, without the names of their documents."""
        documents = [self.library.get(name) for name in {p.document_id for p in lookup.places}]
        names = [name for d in documents for name in (*names_of(d), fold(d.title), fold(d.name))]
        remainder = lookup.remainder
        for name in sorted(names, key=len, reverse=True):
            remainder = remainder.replace(name, " ")
        return remainder

    def no_such_clause(self, run: Run, lookup: Lookup) -> Refusal:
        """Say which clauses there are, where a number was asked for that is none of them."""
        chosen = self._asked(run)
        held = {reference: self._holding(reference, run) for reference in lookup.missing}
        ranges = [text for ref, places in held.items() for text in self._parts(ref, places)]
        divided = all(reference.level in DIVISIONS for reference in lookup.missing)
        told = compose.divisions if divided else compose.numbering
        ranges = ranges or [told(d, self.library.outline(d.id)) for d in chosen]
        run.lap("answer")
        return Refusal(
            reason=Reason.NOT_IN_DOCUMENT,
            message=refused.missing_clause(lookup, run.query, [r for r in ranges if r][:3]),
            nearest=near_numbers(held, chosen, self.library),
            **self.common(run),
        )

    def _holding(self, reference: Reference, run: Run) -> tuple[Place, ...]:
        """Return the clauses of which a paragraph or an item is asked for that they lack."""
        whole = replace(reference, paragraph=None, item=None)
        if whole == reference:
            return ()
        title = f"《{reference.title}》" if reference.title else ""
        lookup = self.searcher.look_up(title + whole.name, run.documents)
        return lookup.places if lookup else ()

    def _parts(self, reference: Reference, places: Sequence[Place]) -> Iterator[str]:
        for place in places:
            document = self.library.get(place.document_id)
            said = compose.parts(reference, place, self.library.outline(document.id))
            yield (f"《{document.name}》" if len(places) > 1 else "") + said

    def common(self, run: Run) -> Mapping[str, Any]:
        """Return what every outcome carries."""
        return {
            "id": uuid.uuid4().hex,
            "question": run.asked,
            "evidence": tuple(map(evidence_of, run.hits)),
            "confidence": run.confidence,
            "encoder": self.searcher.encoder_id,
            "generation": run.rewriting.generation(),
            "timings_ms": run.timings,
        }
