"""Settings → an assistant over its index; builds the index of the shipped documents when needed."""

from pathlib import Path

from assistant.llm import load_model
from assistant.pipeline import Assistant
from assistant.rewriting import load_helper
from assistant.settings import Settings, default_index
from corpus.store import Library, shipped_documents
from index.build import build
from index.encode import Encoder, load_encoder
from index.errors import IndexFault, MissingIndex
from index.layout import read_manifest
from index.search import Searcher


def load_assistant(settings: Settings) -> Assistant:
    """Open the index that the settings name and answer from it.

    The default index is built on first use, and again when the shipped documents or the encoder
    have changed; an index that the settings name is never touched.

    Raises:
        IndexFault: The index is missing, damaged or built by another encoder.
        EncoderUnavailable: The encoder cannot be loaded.
        BadSettings: A language model is configured, but its client is not installed.
    """
    model, helper = load_model(settings), load_helper(settings)
    return Assistant(load_searcher(settings), settings, model, helper)


def load_searcher(settings: Settings) -> Searcher:
    """Open the index that the settings name, alone.

    Raises:
        IndexFault: As ``load_assistant``.
        EncoderUnavailable: Likewise.
    """
    encoder = load_encoder(settings.encoder)
    directory = settings.index or default_index()
    if settings.index is None and _outdated(directory, encoder):
        build(shipped_documents(), encoder, directory)
    return Searcher.open(directory, encoder)


def _outdated(directory: Path, encoder: Encoder) -> bool:
    """Say whether the default index is missing or no longer that of the shipped documents.

    One that a person built of other documents is left alone, and so is a damaged one, which is
    reported on loading.
    """
    try:
        manifest = read_manifest(directory)
    except MissingIndex:
        return True
    except IndexFault:
        return False
    shipped = Library(shipped_documents()).digest
    current = (manifest.corpus_digest, manifest.encoder_digest) == (shipped, encoder.digest)
    return not manifest.sources and not current
