"""How often a client may call, told in `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage

from gateway.principal import Principal

log = logging.getLogger(__name__)
_AWAY_SECONDS = 5.0
_ANSWER_SECONDS = 0.25
_POLICY = "minute"
_WINDOW_SECONDS = 60
_REMEMBERED = 10_000


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


class _Windows:
    """Fixed windows, counted with one question to the storage where the library's own strategy asks three."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._ends: dict[str, float] = {}
        """By key, when the window ends in which it was counted last, in seconds since 1970."""

    async def take(self, item: RateLimitItemPerMinute, client_id: str) -> Allowance:
        key = item.key_for("calls", client_id)
        count = await self._storage.incr(key, item.get_expiry())
        if count == 1 or self._ends.get(key, 0.0) <= time.time():
            if len(self._ends) >= _REMEMBERED:
                self._ends.clear()
            self._ends[key] = await self._storage.get_expiry(key)
        left = self._ends[key] - time.time()
        return Allowance(count <= item.amount, item.amount, max(0, item.amount - count), max(1, round(left)))
