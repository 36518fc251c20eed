"""Ended requests in front of the store. Whatever happens to the cache, the store alone is right."""

from __future__ import annotations

from typing import Protocol

from gateway.entries import Entry


class EntryCache(Protocol):
    """Holds what can no longer change. Never raises: a cache that is away knows nothing and forgets nothing."""

    @property
    def holds_anything(self) -> bool:
        """Whether it is worth to offer an entry."""

    async def find(self, request_id: str) -> Entry | None:
        """The entry, if it is held."""

    async def put(self, entry: Entry) -> None:
        """Hold an entry that has ended for good."""

    async def close(self) -> None:
        """End its connections."""


class NoCache:
    """Where `gateway.redis` is not set."""

    holds_anything = False

    async def find(self, request_id: str) -> Entry | None:
        """Nothing."""
        return None

    async def put(self, entry: Entry) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing."""
