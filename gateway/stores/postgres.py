"""PostgreSQL: for many gateways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from gateway.access.api_keys import ApiKey
from gateway.entries import Change, Entry
from gateway.reviews import Judged, Lock, Review
from gateway.stores import sql
from gateway.stores.contract import Query, StoreUnavailable

_CONNECTIONS = 10
_SECONDS = 10.0
_LOCK = 7_305_883_112
"""Any number of our own: two gateways that start at once would both create the tables."""
_USES_KEPT_DAYS = 2


class PostgresStore:
    """See `Store`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        """See `Store.open`."""
        async with _problems():
            self._pool = await asyncpg.create_pool(
                self._url, min_size=0, max_size=_CONNECTIONS, command_timeout=_SECONDS, timeout=_SECONDS
            )
            async with self._connection() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                added = [
                    f"ALTER TABLE requests ADD COLUMN IF NOT EXISTS {name} {kind}"
                    for name, kind in sql.ADDED_COLUMNS.items()
                ]
                for statement in (*sql.TABLES, *added, *sql.LATER_INDEXES):
                    await connection.execute(statement.format(number="BIGINT", bytes="BYTEA"))

    async def close(self) -> None:
        """See `Store.close`."""
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), _SECONDS)
            except (TimeoutError, OSError, asyncpg.PostgresError):
                self._pool.terminate()

    async def ping(self) -> None:
        """See `Store.ping`."""
        await self._all("SELECT 1")

    async def add(self, entry: Entry) -> Entry | None:
        """See `Store.add`."""
        while True:
            if await self._all(sql.ADD, *sql.entry_values(entry)):
                return None
            # Gone again only where it was forgotten in between.
            if known := await self._all(sql.FIND_LIGHT, entry.request_id):
                return sql.as_entry(known[0])

    async def find(self, request_id: str) -> Entry | None:
        """See `Store.find`."""
        rows = await self._all(sql.FIND, request_id)
        return sql.as_entry(rows[0]) if rows else None

    async def versions(self, request_ids: Collection[str]) -> Mapping[str, int]:
        """See `Store.versions`."""
        if not request_ids:
            return {}
        rows = await self._all(sql.versions(len(request_ids)), *request_ids)
        return {row[0]: row[1] for row in rows}

    async def page(self, query: Query) -> Sequence[Entry]:
        """See `Store.page`."""
        text, values = sql.page(query)
        return [sql.as_entry(row) for row in await self._all(text, *values)]

    async def move(self, request_id: str, client_id: str, change: Change) -> bool:
        """See `Store.move`."""
        return bool(await self._all(sql.MOVE, *sql.move_values(request_id, client_id, change)))

    async def claim_unsent(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """See `Store.claim_unsent`."""
        rows = await self._all(sql.CLAIM_UNSENT, now, again_at, limit)
        return sorted(map(sql.as_entry, rows), key=lambda entry: entry.created_at)

    async def unsent(self) -> int:
        """See `Store.unsent`."""
        return int((await self._all(sql.UNSENT))[0][0])

    async def overdue(self, now: int, limit: int) -> Sequence[Entry]:
        """See `Store.overdue`."""
        return [sql.as_entry(row) for row in await self._all(sql.OVERDUE, now, limit)]

    async def expire(self, now: int, forget_before: int) -> int:
        """See `Store.expire`."""
        await self._all(sql.FORGET, forget_before)
        await self._all(sql.FORGET_USES, now // 86_400_000_000 - _USES_KEPT_DAYS)
        return len(await self._all(sql.EXPIRE, now, sql.NOTHING))

    async def claim_callbacks(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """See `Store.claim_callbacks`."""
        return [sql.as_entry(row) for row in await self._all(sql.CLAIM_CALLBACKS, now, again_at, limit)]

    async def called_back(self, request_id: str, claimed_until: int, again_at: int | None) -> None:
        """See `Store.called_back`."""
        await self._all(sql.CALLED_BACK, request_id, claimed_until, again_at)

    async def review(self, request_id: str) -> Review | None:
        """See `Store.review`."""
        rows = await self._all(sql.REVIEW, request_id)
        return sql.as_review(rows[0]) if rows else None

    async def lock_review(self, request_id: str, lock: Lock, now: int) -> bool:
        """See `Store.lock_review`."""
        return bool(await self._all(sql.LOCK_REVIEW, request_id, lock.token, lock.holder, lock.until, now))

    async def unlock_review(self, request_id: str, token: str) -> bool:
        """See `Store.unlock_review`."""
        return bool(await self._all(sql.UNLOCK_REVIEW, request_id, token))

    async def judge(self, request_id: str, token: str, judged: Judged) -> bool:
        """See `Store.judge`."""
        return bool(await self._all(sql.JUDGE, *sql.judge_values(request_id, token, judged)))

    async def claim_corrections(self, now: int, again_at: int, limit: int) -> Sequence[Review]:
        """See `Store.claim_corrections`."""
        return [sql.as_review(row) for row in await self._all(sql.CLAIM_CORRECTIONS, now, again_at, limit)]

    async def corrections_told(self, request_id: str, claimed_until: int, count: int, again_at: int | None) -> None:
        """See `Store.corrections_told`."""
        await self._all(sql.CORRECTIONS_TOLD, request_id, claimed_until, count, again_at)

    async def count_use(self, client_id: str, day: int) -> int:
        """See `Store.count_use`."""
        return int((await self._all(sql.COUNT_USE, client_id, day))[0][0])

    async def put_key(self, key: ApiKey) -> None:
        """See `Store.put_key`."""
        await self._all(sql.PUT_KEY, key.key_id, key.created_at, sql.key_text(key))

    async def find_key(self, key_id: str) -> ApiKey | None:
        """See `Store.find_key`."""
        rows = await self._all(sql.FIND_KEY, key_id)
        return sql.key_of(rows[0][0]) if rows else None

    async def keys(self) -> Sequence[ApiKey]:
        """See `Store.keys`."""
        return [sql.key_of(row[0]) for row in await self._all(sql.KEYS)]

    async def _all(self, text: str, *values: Any) -> list[Any]:
        async with _problems(), self._connection() as connection:
            return list(await connection.fetch(text, *values))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if self._pool is None:
            raise StoreUnavailable("PostgreSQL is not open")
        async with self._pool.acquire(timeout=_SECONDS) as connection:
            yield connection


@asynccontextmanager
async def _problems() -> AsyncIterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"PostgreSQL: {type(error).__name__}") from error
