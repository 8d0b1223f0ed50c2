"""How often a caller may ask: a moving window for every key, token and address."""

import logging
import math
import time
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import limits
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from assistant.access import Caller
from assistant.errors import BadSettings, TooManyRequests
from assistant.settings import DEFAULT_RATE, PREFIX, Settings

_LOG = logging.getLogger("tiaowen.api")


class Rates:
    """Counts requests; with the storage in memory, each process counts its own.

    Raises:
        BadSettings: The rate or the storage cannot be read; names the variable.
    """

    def __init__(self, settings: Settings) -> None:
        rate = settings.rate or (DEFAULT_RATE if settings.auth == "on" else "off")
        self._limit = None if rate == "off" else _limit(rate)
        self._window = _window(settings.rate_storage) if self._limit else None

    @property
    def on(self) -> bool:
        """Whether requests are counted."""
        return self._window is not None

    async def count(self, caller: Caller | None, address: str) -> None:
        """Count a request.

        Args:
            caller: Who sends it; ``None`` for anybody.
            address: The IP address it comes from.

        Raises:
            TooManyRequests: One of its counts is full; says when to come back.
        """
        if self._window is None or self._limit is None:
            return
        for who in _counts(caller, address):
            try:
                if await self._window.hit(self._limit, *who):
                    continue
                full = await self._window.get_window_stats(self._limit, *who)
            except StorageError as error:  # better uncounted than unanswered
                _LOG.warning("requests cannot be counted: %s", error)
                return
            raise TooManyRequests(max(1, math.ceil(full.reset_time - time.time())))


def _counts(caller: Caller | None, address: str) -> Sequence[tuple[str, str]]:
    """Say under which names a request counts: anybody gets tokens, so their address counts too."""
    if caller and caller.session_id is None:
        return [("key", caller.key_id)]
    session = [("session", caller.session_id)] if caller and caller.session_id else []
    return [*session, ("address", _network(address))]


def _network(address: str) -> str:
    """Return what one caller has: an IPv4 address, or the /64 that one line is given of IPv6."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:  # a socket file, a test
        return address
    return str(ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _limit(rate: str) -> limits.RateLimitItem:
    try:
        return limits.parse(rate)
    except ValueError:
        raise BadSettings(f"{PREFIX}RATE 应形如 {DEFAULT_RATE} 或 off，得到 {rate!r}") from None


def _window(storage: str) -> MovingWindowRateLimiter:
    try:
        # Asynchronous, so that a storage elsewhere does not keep other requests waiting.
        return MovingWindowRateLimiter(
            storage_from_string(f"async+{storage}", wrap_exceptions=True)
        )
    except (ConfigurationError, NotImplementedError, ValueError) as error:
        raise BadSettings(f"{PREFIX}RATE_STORAGE 不能用：{storage!r}（{error}）") from None
