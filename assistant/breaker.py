"""When an endpoint that fails is left alone, so that it does not slow every question."""

import threading
import time
from collections.abc import Callable

from assistant.errors import ModelUnavailable

_FAILURES = 3  # in a row, after which the endpoint is left alone
_PAUSE = 30.0  # seconds it is left alone


class Breaker:
    """Leaves an endpoint alone for a while after it has failed several times in a row.

    ``clock`` returns seconds, never going back.
    """

    def __init__(
        self,
        failures: int = _FAILURES,
        pause: float = _PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._pause, self._clock = failures, pause, clock
        self._failed, self._until = 0, 0.0
        self._lock = threading.Lock()

    def check(self) -> None:
        """Let a request pass; after the pause one at a time, to see whether it works again.

        Raises:
            ModelUnavailable: The endpoint is being left alone.
        """
        with self._lock:
            if self._failed >= self._most:
                if self._clock() < self._until:
                    raise ModelUnavailable("语言模型连续失败，暂时停用，稍后自动重试")
                self._until = self._clock() + self._pause

    def succeeded(self) -> None:
        """Note a reply."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """Note a failure."""
        with self._lock:
            self._failed += 1
            self._until = self._clock() + self._pause
