"""Ended entries in Redis, in the commands of its 6.2 line."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

import redis.asyncio
from redis.exceptions import RedisError, ResponseError

from gateway.clock import now_micros
from gateway.entries import MICROS, Entry, Origin
from gateway.metrics import CACHE
from schemas.progress import RequestStatus

log = logging.getLogger(__name__)
T = TypeVar("T")
_Found = dict[bytes, bytes] | None
"""What is held, nothing of it if it is not; None while Redis is away."""
_PREFIX = "docbeam:request:"
_ANSWER_SECONDS = 0.25
"""A cache that is slower than the store is none."""
_AWAY_SECONDS = 2.0
_CONNECTIONS = 64
_BYTES = ("request", "result", "error")
_TEXTS = ("request_id", "client_id", "use_case", "origin", "status", "body_hash", "callback_url")
_ABSENT = b""
_AT_ONCE = 16
"""Entries that are asked for together; each may be as large as a result."""


class RedisCache:
    """See `EntryCache`. While Redis is away it is asked every 2 seconds, and the store serves."""

    holds_anything = True

    def __init__(self, url: str, seconds: int) -> None:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=_ANSWER_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_ANSWER_SECONDS,
        )
        self._redis = redis.asyncio.Redis(connection_pool=pool)
        self._seconds = seconds
        self._wanted: list[tuple[str, asyncio.Future[_Found]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._away_until = float("-inf")

    async def find(self, request_id: str) -> Entry | None:
        """See `EntryCache.find`."""
        found = await self._found(_PREFIX + request_id)
        if found is None:
            CACHE.labels("away").inc()
            return None
        try:
            entry = _entry(found) if found else None
        except (KeyError, ValueError, TypeError):
            # Of another version of docbeam.
            entry = None
        CACHE.labels("miss" if entry is None else "hit").inc()
        return entry

    async def put(self, entry: Entry) -> None:
        """See `EntryCache.put`."""
        seconds = min(self._seconds, (entry.expires_at - now_micros()) // MICROS)
        if seconds < 1:
            return
        key = _PREFIX + entry.request_id

        async def write() -> bool:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.delete(key)
                pipeline.hset(key, mapping=_said(entry))
                pipeline.expire(key, seconds)
                await pipeline.execute()
            return True

        await self._asked(write)

    async def _found(self, key: str) -> _Found:
        """Calls that come while others are on their way go together."""
        future: asyncio.Future[_Found] = asyncio.get_running_loop().create_future()
        self._wanted.append((key, future))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await future

    async def _ask(self) -> None:
        asked: list[tuple[str, asyncio.Future[_Found]]] = []
        try:
            while self._wanted:
                asked, self._wanted = self._wanted[:_AT_ONCE], self._wanted[_AT_ONCE:]
                keys = [key for key, _ in asked]
                found = await self._asked(lambda keys=keys: self._held(keys)) or [None] * len(keys)
                for (_, future), each in zip(asked, found, strict=True):
                    _tell(future, each)
        finally:
            # Whatever ended it: nobody waits for ever.
            self._asking = None
            for _, future in (*asked, *self._wanted):
                _tell(future, None)
            self._wanted = []

    async def _held(self, keys: list[str]) -> list[dict[bytes, bytes]]:
        if len(keys) == 1:
            # A pipeline costs more than the question.
            try:
                held: Any = await _awaited(self._redis.hgetall(keys[0]))
                return [held]
            except ResponseError:
                return [{}]
        async with self._redis.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.hgetall(key)
            found = await pipeline.execute(raise_on_error=False)
        # A key of another kind is an error of its own.
        return [each if isinstance(each, dict) else {} for each in found]

    async def close(self) -> None:
        """See `EntryCache.close`."""
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _asked(self, question: Any) -> Any:
        """The answer; None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return await _awaited(question())
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            log.warning("the cache does not answer, the store serves: %s", type(error).__name__)
            return None


def _tell(future: asyncio.Future[_Found], found: _Found) -> None:
    if not future.done():
        future.set_result(found)


async def _awaited(answer: Awaitable[T]) -> T:
    return await answer


def _said(entry: Entry) -> dict[Any, Any]:
    said: dict[Any, Any] = {}
    for field in dataclasses.fields(entry):
        value = getattr(entry, field.name)
        said[field.name] = _ABSENT if value is None else value
    return said


def _entry(found: dict[bytes, bytes]) -> Entry:
    said: dict[str, Any] = {}
    for field in dataclasses.fields(Entry):
        value = found[field.name.encode()]
        if field.name in _TEXTS:
            said[field.name] = value.decode()
        elif field.name in _BYTES:
            said[field.name] = value or None
        else:
            said[field.name] = None if value == _ABSENT else int(value)
    return Entry(**said | {"status": RequestStatus(said["status"]), "origin": Origin(said["origin"])})
