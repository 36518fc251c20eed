"""Every kind of store, empty, for tests of what they all can do."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from devstack.endpoints import Endpoints
from gateway.entries import FINAL_RANK, Change, Entry, Origin
from gateway.stores.contract import Store
from gateway.stores.opening import store_at
from schemas.progress import RequestStatus

NOW = 1_900_000_000_000_000
DAY = 86_400_000_000
KINDS = ["sqlite", *(pytest.param(name, marks=pytest.mark.stack) for name in ("postgres", "mongo"))]


def empty_store(request: pytest.FixtureRequest, folder: Path) -> str:
    """The URL of an empty store of the kind that the parameter names."""
    if request.param == "sqlite":
        return f"sqlite:///{folder}/s.sqlite"
    stack: Endpoints = request.getfixturevalue("stack")
    name = f"t{uuid.uuid4().hex[:12]}"
    if request.param == "mongo":
        return f"{stack.mongo_url}/{name}"
    asyncio.run(_create_schema(stack.postgres_url, name))
    return f"{stack.postgres_url}?search_path={name}"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store, closed in the end."""
    store = store_at(url)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def entry(name: str, **more: object) -> Entry:
    """A new one."""
    made = Entry(
        request_id=name, client_id="shop", use_case="receipt", origin=Origin.REST, status=RequestStatus.RECEIVED,
        rank=0, version=0, created_at=NOW, updated_at=NOW, deadline_at=NOW + DAY, expires_at=NOW + 2 * DAY,
        request=b'{"said": "\x00\xc3\xa4"}', body_hash="h", attempts=1, due_at=NOW + 10,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def ended(
    at: int = NOW + 5, status: RequestStatus = RequestStatus.READY, rank: int = FINAL_RANK, to_review: int = 0
) -> Change:
    """The last step."""
    return Change(status, rank, at, result=b"\x00\xffresult", error=b"{}", to_review=to_review)


async def _create_schema(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE SCHEMA {name}")
    await connection.close()
