"""A model writes the answer, and each sentence is sent as soon as it has been verified."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant import citations as checks
from assistant import compose
from assistant.answer import Answer, Citation, Outcome, Reason
from assistant.answering import Answering
from assistant.events import Event, said
from assistant.generate import Draft
from assistant.llm import ChatModel
from assistant.run import Pending, evidence_of


def write(pending: Pending, model: ChatModel, answering: Answering) -> Iterator[Event]:
    """Let the model write; what it cannot do, or may not say, is quoted instead."""
    run, library = pending.run, answering.library
    yield Event("retrieved", tuple(map(evidence_of, run.hits)))
    numbered, longest = answering.numbered(pending), answering.settings.max_answer
    draft = Draft(model, run.typed, numbered, answering.searcher.cosines, longest)
    text, cited = "", list[Citation]()
    for sentence in draft:
        added, own = compose.append(text, sentence.text, sentence.quotes, len(cited) + 1, library)
        text += added
        cited += own
        checks.verify(text, cited, library)
        yield Event("delta", added)
        yield from (Event("citation", citation) for citation in own)
    if cited and (note := answering.note(run)):
        text += f"\n{note}"
        yield Event("delta", f"\n{note}")
    run.lap("write")
    outcome = _settled(pending, draft, text, cited, answering)
    if outcome.mode == "generative":
        outcome = replace(outcome, generator=model.name)
    yield from (Event("done", outcome),) if cited else said(outcome)


def _settled(
    pending: Pending, draft: Draft, text: str, cited: Sequence[Citation], answering: Answering
) -> Outcome:
    run = pending.run
    generation = run.rewriting.beside(draft.generation())
    if cited:
        outcome: Outcome = Answer(text=text, citations=tuple(cited), **answering.common(run))
    elif draft.refused and not draft.sentences and not draft.fault:
        outcome = answering.refuse(run, Reason.NOT_IN_DOCUMENT, pending.candidates)
    else:
        return replace(answering.quoted(pending), generation=generation)
    return replace(outcome, mode="generative", generation=generation)
