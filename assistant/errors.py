"""What a caller can do wrong.

corpus.errors.TiaowenError
├── BadQuestion          the question or the history cannot be used; the caller's fault
├── BadSettings          a setting holds a value of the wrong kind
├── ModelUnavailable     the language model did not answer; the pipeline answers without it
└── BrokenCitation       an answer would have cited what the source does not say; our fault
"""

from corpus.errors import TiaowenError


class BadQuestion(TiaowenError):
    """The question or the history cannot be used."""


class BadSettings(TiaowenError):
    """A setting holds a value of the wrong kind."""


class BrokenCitation(TiaowenError):
    """An answer would have cited what the source does not say."""


class ModelUnavailable(TiaowenError):
    """The language model did not answer: down, slow, refused us, or spoke nonsense."""
