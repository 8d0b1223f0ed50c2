"""Outcome → text for a terminal. Pure."""

from assistant.answer import Outcome, Refusal
from assistant.plain import place
from corpus.store import Library


def to_terminal(outcome: Outcome, library: Library) -> str:
    """Write an outcome for a terminal: the answer, then each citation with its clause and quote."""
    if isinstance(outcome, Refusal):
        near = [f"  · {_named(library, n.document_id)}{place(n.address)}" for n in outcome.nearest]
        return "\n".join([outcome.message, *near])
    blocks = [outcome.text, ""]
    for citation in outcome.citations:
        blocks.append(
            f"[{citation.index}] {_named(library, citation.document_id)}{place(citation.address)}"
        )
        blocks.append(f"    “{' '.join(citation.cited_text.split())}”")
    if outcome.generation and outcome.generation.note:
        blocks.append(f"（{outcome.generation.note}）")
    return "\n".join(blocks)


def _named(library: Library, document_id: str) -> str:
    return f"《{library.get(document_id).name}》 "
