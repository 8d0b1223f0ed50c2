"""The figures of one question: pure functions over a case and the response it got.

A response is the object of `POST /v1/ask`. Every figure lies in [0, 1]; a figure that does not
apply to the case is None, which is nothing, and not a fail.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evals.cases import Case

Response = Mapping[str, Any]
LONGEST_ANSWER = 300
"""Characters an answer may have; longer ones quote the document instead of answering."""

_MARKER = re.compile(r"\[\d+\]|\*\*")


def score(case: Case, response: Response, texts: Mapping[str, str]) -> dict[str, float | None]:
    """All figures of one question by name.

    Raises:
        KeyError: The response is not the object of the contract.
    """
    return {
        "recall@1": clause_recall(case, response, 1),
        "recall@5": clause_recall(case, response, 5),
        "mrr": reciprocal_rank(case, response),
        "right": answer_right(case, response),
        "cite_precision": citation_precision(case, response),
        "cite_recall": citation_recall(case, response),
        "exact": exact_spans(response, texts),
        "wrong_refusal": wrong_refusal(case, response),
        "wrong_answer": wrong_answer(case, response),
    }


def plain(answer: str) -> str:
    """An answer as it is read: without its `[n]` markers and bold marks."""
    return _MARKER.sub("", answer).strip()


def answer_right(case: Case, response: Response) -> float | None:
    """Answered, in at most 300 characters, with an alternative of every key group."""
    if not case.keys:
        return None
    answer = plain(response["answer"]) if response["answerable"] else ""
    return float(0 < len(answer) <= LONGEST_ANSWER and not case.missing_keys(answer))


def clause_recall(case: Case, response: Response, k: int) -> float | None:
    """Share of the gold clauses among the first `k` distinct clauses of the evidence.

    Hits of one clause collapse to the rank of the best of them. A question with two gold clauses
    therefore reaches at most 0.5 at k = 1, and 1 only when both are found.
    """
    if not case.clauses:
        return None
    return _share_found(case, _ranked_labels(case, response)[:k])


def reciprocal_rank(case: Case, response: Response) -> float | None:
    """1 / rank of the first gold clause among the distinct clauses; 0 if none was found."""
    if not case.clauses:
        return None
    ranks = enumerate(_ranked_labels(case, response), start=1)
    return next((1 / rank for rank, label in ranks if label in case.clauses), 0.0)


def citation_precision(case: Case, response: Response) -> float | None:
    """Share of the citations that stand in a gold clause; None where nothing was cited."""
    labels = [_label(case, citation) for citation in response["citations"]]
    if not case.clauses or not labels:
        return None
    return sum(label in case.clauses for label in labels) / len(labels)


def citation_recall(case: Case, response: Response) -> float | None:
    """Share of the gold clauses that were cited; a refusal cites none of them."""
    if not case.clauses:
        return None
    return _share_found(case, [_label(case, citation) for citation in response["citations"]])


def exact_spans(response: Response, texts: Mapping[str, str]) -> float | None:
    """Share of the citations whose span of the document is, character by character, their text."""
    citations = response["citations"]
    if not citations:
        return None
    return sum(_is_exact(citation, texts) for citation in citations) / len(citations)


def wrong_refusal(case: Case, response: Response) -> float | None:
    """1 if an answerable question was refused."""
    return float(not response["answerable"]) if case.answerable else None


def wrong_answer(case: Case, response: Response) -> float | None:
    """1 if an unanswerable question was answered."""
    return None if case.answerable else float(response["answerable"])


def _share_found(case: Case, labels: Sequence[str | None]) -> float:
    gold = set(case.clauses)
    return len(gold.intersection(labels)) / len(gold)


def _ranked_labels(case: Case, response: Response) -> list[str | None]:
    """Labels of the distinct clauses of the evidence, best first."""
    clauses = {
        (hit.get("document_id"), hit["clause"]["label"]): _label(case, hit)
        for hit in response["evidence"]
    }
    return list(clauses.values())


def _label(case: Case, item: Response) -> str | None:
    """Label of a hit's or citation's clause; None for a clause of another document.

    Labels are compared without their document where the case or the item names none.
    """
    document = item.get("document_id")
    elsewhere = case.document and document and document != case.document
    return None if elsewhere else str(item["clause"]["label"])


def _is_exact(citation: Response, texts: Mapping[str, str]) -> bool:
    start, end = citation["start_char_index"], citation["end_char_index"]
    text = texts.get(citation["document_id"])
    return text is not None and 0 <= start < end and text[start:end] == citation["cited_text"]
