"""``tiaowen serve`` with an assistant that takes its time, as one that waits for a model does."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import ui.server
from assistant.access import settle
from assistant.opening import load_assistant
from assistant.pipeline import Assistant
from assistant.settings import Settings

_HOST = "127.0.0.1"
_BEFORE, _BETWEEN = 1.5, 0.3  # seconds before an answer, and between its pieces


class _Slow(Assistant):
    def stream(self, *arguments: Any, **named: Any) -> Iterator[Any]:
        return self._slowly(super().stream(*arguments, **named))

    def _slowly(self, events: Iterator[Any]) -> Iterator[Any]:
        time.sleep(_BEFORE)
        for event in events:
            yield event
            time.sleep(_BETWEEN)


def _load(settings: Settings) -> Assistant:
    assistant = load_assistant(settings)
    assistant.__class__ = _Slow
    return assistant


ui.server.load_assistant = _load  # here, since a worker process runs this file but not `main`


def main() -> None:
    settings = settle(Settings.from_environ(os.environ), _HOST)
    ui.server.serve(settings, _HOST, int(sys.argv[-1]))


if __name__ == "__main__":
    main()
