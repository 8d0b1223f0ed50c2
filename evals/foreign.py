"""Other people's question sets: SQuAD-style JSON (CMRC 2018, DRCD, …) and BEIR folders."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.model import Document, Span
from corpus.parse import parse_outline
from evals.cases import Case, QuestionSetError, QuestionType
from index.training.benchmarks import TestSet
from index.training.data import read_jsonl


@dataclass(frozen=True)
class ForeignSet:
    """Questions and the documents they ask about, one for each context."""

    cases: tuple[Case, ...]
    documents: tuple[Document, ...]


def read_squad(path: Path) -> ForeignSet:
    """Read questions with their answers' places in a context.

    Every context becomes a document, every answer's text a key. Questions marked impossible count
    as ``unanswerable_near``.

    Raises:
        QuestionSetError: The file cannot be read or is not of that form.
    """
    documents: list[Document] = []
    cases: list[Case] = []
    try:
        for article in _json(path)["data"]:
            for paragraph in article["paragraphs"]:
                number = f"{path.stem}-{len(documents)}"
                title = str(article.get("title") or number)
                document = Document(id=number, title=title, text=paragraph["context"])
                cases += [_case(question, document, path.name) for question in paragraph["qas"]]
                documents.append(document)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        needed = "data[].paragraphs[] with context and qas[] of id, question and answers[]"
        raise QuestionSetError(f"{path} is not SQuAD-style JSON: it needs {needed}.") from error
    if not cases:
        raise QuestionSetError(f"{path} holds no question.")
    return ForeignSet(tuple(cases), tuple(documents))


def read_cmrc(folder: Path, name: str, most: int | None = None) -> ForeignSet:
    """Read a part of CMRC 2018 as the shared data has it: passages, and queries with answers.

    Args:
        folder: Where ``NAME_passages.jsonl.xz`` and ``NAME_queries.jsonl.xz`` are.
        name: Such as ``cmrc2018_trial``.
        most: So many passages at most, and the questions about them; all unless given.

    Raises:
        QuestionSetError: The files are not there.
    """
    try:
        passages = list(read_jsonl(folder / f"{name}_passages.jsonl.xz"))[:most]
        queries = list(read_jsonl(folder / f"{name}_queries.jsonl.xz"))
    except OSError as error:
        raise QuestionSetError(f"{folder}: {name} (CMRC 2018) is not there.") from error
    documents = {
        row["id"]: Document(id=row["id"], title=row["title"], text=row["text"]) for row in passages
    }
    cases = [
        _case(
            {
                "id": row["id"],
                "question": row["q"],
                "answers": [
                    {"text": answer["text"], "answer_start": answer["start"]}
                    for answer in row["answers"]
                ],
            },
            documents[row["gold"][0]],
            name,
        )
        for row in queries
        if row["gold"][0] in documents and row["q"].strip()  # one question is empty
    ]
    return ForeignSet(tuple(cases), tuple(documents.values()))


def read_beir(folder: Path, split: str = "test") -> TestSet:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/SPLIT.tsv``.

    Only questions that a judgement above 0 leads to a passage are kept, in the judgements' order.

    Raises:
        QuestionSetError: A file is missing or malformed.
    """
    passages = {str(row["_id"]): _text(row) for row in _rows(folder / "corpus.jsonl")}
    questions = {str(row["_id"]): str(row["text"]) for row in _rows(folder / "queries.jsonl")}
    places = {name: place for place, name in enumerate(passages)}
    gold: dict[str, set[int]] = {}
    for query, passage in _judgements(folder / "qrels" / f"{split}.tsv"):
        if query not in questions or passage not in places:
            raise QuestionSetError(f"{folder}: {split}.tsv names {query} and {passage}, not there.")
        gold.setdefault(query, set()).add(places[passage])
    if not gold:
        raise QuestionSetError(f"{folder} holds no judged question.")
    return TestSet(
        folder.name,
        [questions[query] for query in gold],
        list(passages.values()),
        [frozenset(found) for found in gold.values()],
        list(range(len(passages))),
    )


def _case(question: dict[str, Any], document: Document, source: str) -> Case:
    answers = [] if question.get("is_impossible") else list(question["answers"])
    texts = tuple(dict.fromkeys(str(answer["text"]) for answer in answers))
    start = int(answers[0].get("answer_start", -1)) if answers else -1
    place = start if start >= 0 else max(0, document.text.find(texts[0])) if texts else 0
    kind: QuestionType = "fact_literal" if texts else "unanswerable_near"
    return Case(
        id=str(question["id"]),
        type=kind,
        question=str(question["question"]),
        answerable=bool(texts),
        document=document.id,
        clauses=(_label(document, place),) if texts else (),
        quotes=tuple(text for text in texts if text in document.text),
        keys=(texts,) if texts else (),
        source=f"{source}:{question['id']}",
    )


def _label(document: Document, place: int) -> str:
    return parse_outline(document.text).locate(Span(place, place + 1)).label


def _text(row: dict[str, Any]) -> str:
    return " ".join(part for part in (row.get("title", ""), row["text"]) if part)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise QuestionSetError(f"{path} cannot be read: {error}.") from error


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise QuestionSetError(f"{path} cannot be read: {error}.") from error


def _judgements(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines: Sequence[str] = path.read_text(encoding="utf-8").splitlines()[1:]
        for line in lines:
            query, passage, score = line.split("\t")
            if float(score) > 0:
                yield query, passage
    except (OSError, ValueError) as error:
        raise QuestionSetError(f"{path} is no table of judgements: {error}.") from error
