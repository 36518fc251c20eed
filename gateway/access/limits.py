"""How often a client may call, told in `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage

from gateway.principal import Principal

log = logging.getLogger(__name__)
_AWAY_SECONDS = 5.0
_ANSWER_SECONDS = 0.25
_POLICY = "minute"
_WINDOW_SECONDS = 60
_REMEMBERED = 10_000
_LOTS = 100
"""In so many lots a client's calls of a minute are dealt to the gateways that count together."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a client."""

    granted: bool
    limit: int
    left: int
    reset_seconds: int

    @property
    def headers(self) -> Mapping[str, str]:
        """For the answer."""
        return {
            "RateLimit-Policy": f'"{_POLICY}";q={self.limit};w={_WINDOW_SECONDS}',
            "RateLimit": f'"{_POLICY}";r={self.left};t={self.reset_seconds}',
        }


class RateLimits:
    """Counts calls by client, together with the other gateways where they share a Redis, else by itself."""

    def __init__(self, shared: Storage | None, usual: int) -> None:
        self._alone = _Windows(MemoryStorage())
        self._shared = None if shared is None else _Windows(shared)
        self._usual = usual
        self._away_until = float("-inf")

    async def take(self, principal: Principal) -> Allowance:
        """One call of the client."""
        limit = principal.requests_per_minute or self._usual
        item = RateLimitItemPerMinute(limit)
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return await self._shared.take(item, principal.client_id)
            except Exception as error:
                log.warning("limits are counted by this gateway alone for now: %s", type(error).__name__)
                self._away_until = time.monotonic() + _AWAY_SECONDS
        return await self._alone.take(item, principal.client_id)


def shared_counts(url: str) -> Storage:
    """Counts in the Redis of that URL."""
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        key_prefix="docbeam:limits",
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
    )


@dataclass(slots=True)
class _Window:
    """What this gateway knows of a client's present window."""

    ends: float = 0.0
    """In seconds since 1970."""
    own: int = 0
    """Calls that are counted in the storage already, and were not made yet."""
    others: int = 0
    """Calls that nobody had taken when the storage was asked last."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Else each of many calls at once would take a lot of its own."""


class _Windows:
    """Fixed windows. The storage is asked once for a lot of calls, and no more in a window that is used up.

    No client gets more than its limit; what a gateway has taken and not used by the end of the window is lost to it.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: dict[str, _Window] = {}

    async def take(self, item: RateLimitItemPerMinute, client_id: str) -> Allowance:
        key = item.key_for("calls", client_id)
        if key not in self._known and len(self._known) >= _REMEMBERED:
            self._known.clear()
        window = self._known.setdefault(key, _Window())
        async with window.lock:
            ended = window.ends <= time.time()
            if ended or (window.own == 0 and window.others > 0):
                await self._take_lot(window, key, item, ended=ended)
            granted = window.own > 0
            if granted:
                window.own -= 1
            seconds = max(1, round(window.ends - time.time()))
            return Allowance(granted, item.amount, window.own + window.others, seconds)

    async def _take_lot(self, window: _Window, key: str, item: RateLimitItemPerMinute, *, ended: bool) -> None:
        lot = max(1, item.amount // _LOTS)
        count = await self._storage.incr(key, item.get_expiry(), lot)
        if ended or count == lot:
            window.ends = await self._storage.get_expiry(key)
        window.own = max(0, min(lot, item.amount - (count - lot)))
        window.others = max(0, item.amount - count)
