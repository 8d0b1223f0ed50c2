"""What is measured: the assistant as people run it, over one index or over one a document."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.cases import Case, Source
from evals.run import Ask

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from index.search import Searcher


@dataclass(frozen=True)
class System:
    """How to ask what is measured, and the documents it answers from, by id.

    ``written`` asks the same with the language model of the settings, if they name one.
    """

    ask: Ask
    documents: Mapping[str, Source]
    written: Ask | None = None


@contextmanager
def open_system(folder: Path | None) -> Iterator[System]:
    """Open the assistant over the index in `folder`, or else over each document that ships.

    Without a folder every document is asked in an index of its own, as a portal with one document
    would; those of `corpus/documents/further` are built for the run.
    """
    # Imported here, for it is heavy, and `--help` needs none of it.
    from assistant.llm import load_model  # noqa: PLC0415
    from assistant.opening import load_searcher  # noqa: PLC0415
    from assistant.pipeline import Assistant  # noqa: PLC0415
    from assistant.settings import Settings  # noqa: PLC0415

    settings = Settings.from_environ(os.environ, index=folder)
    with tempfile.TemporaryDirectory() as place:
        searchers = [load_searcher(settings)]
        if settings.index is None:
            searchers += _further(settings.encoder, Path(place))
        model = load_model(settings)
        plain = [Assistant(searcher, settings) for searcher in searchers]
        system = system_of(plain)
        if model:
            writing = system_of([Assistant(searcher, settings, model) for searcher in searchers])
            system = replace(system, written=writing.ask)
        yield system


def _further(encoder_name: str | None, place: Path) -> "Iterator[Searcher]":
    from corpus.store import further_documents  # noqa: PLC0415
    from index.build import build  # noqa: PLC0415
    from index.encode import load_encoder  # noqa: PLC0415
    from index.search import Searcher  # noqa: PLC0415

    encoder = load_encoder(encoder_name)
    for document in further_documents():
        build([document], encoder, place / document.id)
        yield Searcher.open(place / document.id, encoder)


def system_of(assistants: "list[Assistant]") -> System:
    """Return the system that asks each document its own assistant."""
    from assistant.api.schemas import AskResponse  # noqa: PLC0415
    from assistant.question import Turn  # noqa: PLC0415

    by_document = {d.id: assistant for assistant in assistants for d in assistant.documents}

    def ask(case: Case) -> dict[str, Any]:
        assistant = by_document[case.document] if case.document else assistants[0]
        history = [Turn("user", question) for question in case.history]
        outcome = assistant.ask(case.question, history, [case.document] if case.document else None)
        response: dict[str, Any] = AskResponse.from_domain(outcome).model_dump(mode="json")
        return response

    outlines = {name: assistant.library.outline(name) for name, assistant in by_document.items()}
    return System(ask, outlines)
