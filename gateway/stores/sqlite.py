"""SQLite: one file, no server; several gateways on one machine may share it.

Writes go through one thread, which takes all that wait into one transaction: a commit waits for the disk, and many
clients then wait for one commit together. Reads never wait for writes (write-ahead log). Those by key are done
where they are asked, since they take less than handing them to a thread does; lists have threads of their own.
"""

from __future__ import annotations

import asyncio
import queue
import re
import sqlite3
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from gateway.access.api_keys import ApiKey
from gateway.entries import Change, Entry
from gateway.reviews import Judged, Lock, Review
from gateway.stores import sql
from gateway.stores.contract import Query, StoreUnavailable

T = TypeVar("T")
_BUSY_SECONDS = 10.0
_MOST_TOGETHER = 200
_PLACE = re.compile(r"\$(\d+)")
_USES_KEPT_DAYS = 2


class SqliteStore:
    """See `Store`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="sqlite-read")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None

    async def open(self) -> None:
        """See `Store.open`."""
        await asyncio.to_thread(self._create)
        self._writer = threading.Thread(target=self._write_all, name="sqlite-write", daemon=True)
        self._writer.start()

    async def close(self) -> None:
        """See `Store.close`."""
        if self._writer is not None:
            self._writes.put(None)
            await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._opened:
            connection.close()

    async def ping(self) -> None:
        """See `Store.ping`."""
        await self._read("SELECT 1")

    async def add(self, entry: Entry) -> Entry | None:
        """See `Store.add`."""

        def work(connection: sqlite3.Connection) -> Entry | None:
            if _all(connection, sql.ADD, sql.entry_values(entry)):
                return None
            return sql.as_entry(_all(connection, sql.FIND_LIGHT, [entry.request_id])[0])

        return await self._write(work)

    async def find(self, request_id: str) -> Entry | None:
        """See `Store.find`."""
        rows = self._asked(sql.FIND, [request_id])
        return sql.as_entry(rows[0]) if rows else None

    async def versions(self, request_ids: Collection[str]) -> Mapping[str, int]:
        """See `Store.versions`."""
        return dict(await self._read(sql.versions(len(request_ids)), *request_ids)) if request_ids else {}

    async def page(self, query: Query) -> Sequence[Entry]:
        """See `Store.page`."""
        text, values = sql.page(query)
        return [sql.as_entry(row) for row in await self._read(text, *values)]

    async def move(self, request_id: str, client_id: str, change: Change) -> bool:
        """See `Store.move`."""
        return bool(await self._change(sql.MOVE, *sql.move_values(request_id, client_id, change)))

    async def claim_unsent(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """See `Store.claim_unsent`."""
        rows = await self._change(sql.CLAIM_UNSENT, now, again_at, limit)
        return sorted(map(sql.as_entry, rows), key=lambda entry: entry.created_at)

    async def unsent(self) -> int:
        """See `Store.unsent`."""
        return int((await self._read(sql.UNSENT))[0][0])

    async def overdue(self, now: int, limit: int) -> Sequence[Entry]:
        """See `Store.overdue`."""
        return [sql.as_entry(row) for row in await self._read(sql.OVERDUE, now, limit)]

    async def expire(self, now: int, forget_before: int) -> int:
        """See `Store.expire`."""

        def work(connection: sqlite3.Connection) -> int:
            _all(connection, sql.FORGET, [forget_before])
            _all(connection, sql.FORGET_USES, [now // 86_400_000_000 - _USES_KEPT_DAYS])
            return len(_all(connection, sql.EXPIRE, [now, sql.NOTHING]))

        return await self._write(work)

    async def claim_callbacks(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """See `Store.claim_callbacks`."""
        return [sql.as_entry(row) for row in await self._change(sql.CLAIM_CALLBACKS, now, again_at, limit)]

    async def called_back(self, request_id: str, claimed_until: int, again_at: int | None) -> None:
        """See `Store.called_back`."""
        await self._change(sql.CALLED_BACK, request_id, claimed_until, again_at)

    async def review(self, request_id: str) -> Review | None:
        """See `Store.review`."""
        rows = await self._read(sql.REVIEW, request_id)
        return sql.as_review(rows[0]) if rows else None

    async def lock_review(self, request_id: str, lock: Lock, now: int) -> bool:
        """See `Store.lock_review`."""
        return bool(await self._change(sql.LOCK_REVIEW, request_id, lock.token, lock.holder, lock.until, now))

    async def unlock_review(self, request_id: str, token: str) -> bool:
        """See `Store.unlock_review`."""
        return bool(await self._change(sql.UNLOCK_REVIEW, request_id, token))

    async def judge(self, request_id: str, token: str, judged: Judged) -> bool:
        """See `Store.judge`."""
        return bool(await self._change(sql.JUDGE, *sql.judge_values(request_id, token, judged)))

    async def claim_corrections(self, now: int, again_at: int, limit: int) -> Sequence[Review]:
        """See `Store.claim_corrections`."""
        return [sql.as_review(row) for row in await self._change(sql.CLAIM_CORRECTIONS, now, again_at, limit)]

    async def corrections_told(self, request_id: str, claimed_until: int, count: int, again_at: int | None) -> None:
        """See `Store.corrections_told`."""
        await self._change(sql.CORRECTIONS_TOLD, request_id, claimed_until, count, again_at)

    async def count_use(self, client_id: str, day: int) -> int:
        """See `Store.count_use`."""
        return int((await self._change(sql.COUNT_USE, client_id, day))[0][0])

    async def put_key(self, key: ApiKey) -> None:
        """See `Store.put_key`."""
        await self._change(sql.PUT_KEY, key.key_id, key.created_at, sql.key_text(key))

    async def find_key(self, key_id: str) -> ApiKey | None:
        """See `Store.find_key`."""
        rows = self._asked(sql.FIND_KEY, [key_id])
        return sql.key_of(rows[0][0]) if rows else None

    async def keys(self) -> Sequence[ApiKey]:
        """See `Store.keys`."""
        return [sql.key_of(row[0]) for row in await self._read(sql.KEYS)]

    async def _read(self, text: str, *values: Any) -> list[Any]:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._asked, text, values)

    def _asked(self, text: str, values: Sequence[Any]) -> list[Any]:
        """By this thread's connection."""
        connection = getattr(self._local, "connection", None)
        try:
            if connection is None:
                connection = self._local.connection = self._connect()
            return _all(connection, text, values)
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"SQLite: {error}") from error

    async def _change(self, text: str, *values: Any) -> list[Any]:
        return await self._write(lambda connection: _all(connection, text, values))

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        write = _Write(work)
        self._writes.put(write)
        found: T = await asyncio.wrap_future(write.done)
        return found

    def _write_all(self) -> None:
        connection: sqlite3.Connection | None = None
        while (first := self._writes.get()) is not None:
            together = [write for write in (first, *self._waiting()) if write.begins()]
            try:
                connection = connection or self._connect()
                _transact(connection, together)
            except (sqlite3.Error, OSError) as error:
                for write in together:
                    write.fail(StoreUnavailable(f"SQLite: {error}"))
            except Exception:
                # One of them cannot be written at all. Without this thread no write would be answered ever again.
                assert connection is not None
                _one_by_one(connection, together)

    def _waiting(self) -> list[_Write]:
        found: list[_Write] = []
        while len(found) < _MOST_TOGETHER:
            try:
                write = self._writes.get_nowait()
            except queue.Empty:
                break
            if write is None:
                # The end is for the next round.
                self._writes.put(None)
                break
            found.append(write)
        return found

    def _create(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Requests name where documents are: for nobody else on this machine.
            self._path.touch(mode=0o600, exist_ok=True)
            connection = self._connect()
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            # Of two that start at once, one waits.
            connection.execute("BEGIN IMMEDIATE")
            for table in sql.TABLES:
                connection.execute(_typed(table))
            known = {row[1] for row in connection.execute("PRAGMA table_info(requests)")}
            for name, kind in sql.ADDED_COLUMNS.items():
                if name not in known:
                    connection.execute(f"ALTER TABLE requests ADD COLUMN {name} {_typed(kind)}")
            for index in sql.LATER_INDEXES:
                connection.execute(index)
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"SQLite at {self._path}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        # What was answered with 202 outlives a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        self._opened.append(connection)
        return connection


class _Write:
    """A change that waits for its turn."""

    def __init__(self, work: Callable[[sqlite3.Connection], Any]) -> None:
        self.work = work
        self.done: Future[Any] = Future()

    def begins(self) -> bool:
        """Whether somebody still waits for it; from now on nobody can take it back."""
        return self.done.set_running_or_notify_cancel()

    def fail(self, error: Exception) -> None:
        self.done.set_exception(error)

    def succeed(self, value: Any) -> None:
        self.done.set_result(value)


def _transact(connection: sqlite3.Connection, together: Sequence[_Write]) -> None:
    """All in one transaction; who waits is told once it is on disk."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = [write.work(connection) for write in together]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    for write, value in zip(together, found, strict=True):
        write.succeed(value)


def _one_by_one(connection: sqlite3.Connection, writes: Sequence[_Write]) -> None:
    for write in writes:
        try:
            _transact(connection, [write])
        except (sqlite3.Error, OSError) as error:
            write.fail(StoreUnavailable(f"SQLite: {error}"))
        except Exception as error:
            write.fail(error)


def _typed(text: str) -> str:
    return text.format(number="INTEGER", bytes="BLOB")


def _all(connection: sqlite3.Connection, text: str, values: Sequence[Any]) -> list[Any]:
    return connection.execute(_PLACE.sub(r"?\1", text), values).fetchall()
