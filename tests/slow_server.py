"""``tiaowen serve`` with an assistant that takes its time, as one that waits for a model does."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import uvicorn

from assistant.opening import load_assistant
from assistant.pipeline import Assistant
from assistant.settings import Settings
from ui.server import create_server

_BEFORE, _BETWEEN = 1.5, 0.3  # seconds before an answer, and between its pieces


class _Slow(Assistant):
    def stream(self, *arguments: Any, **named: Any) -> Iterator[Any]:
        return self._slowly(super().stream(*arguments, **named))

    def _slowly(self, events: Iterator[Any]) -> Iterator[Any]:
        time.sleep(_BEFORE)
        for event in events:
            yield event
            time.sleep(_BETWEEN)


def main() -> None:
    settings = Settings.from_environ(os.environ)
    assistant = load_assistant(settings)
    assistant.__class__ = _Slow
    server = create_server(assistant, settings)
    uvicorn.run(server, port=int(sys.argv[-1]), log_level="warning", timeout_graceful_shutdown=10)


if __name__ == "__main__":
    main()
