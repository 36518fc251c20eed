"""What every store can do; `tests/gateway/test_stores.py` holds each of them to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.access.api_keys import ApiKey
from gateway.entries import Change, Entry
from gateway.reviews import Judged, Lock, Review
from schemas.progress import RequestStatus


class StoreUnavailable(Exception):
    """The store does not answer; nothing is known of what was asked."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries a list shows. None: whatever it is."""

    client_id: str | None = None
    statuses: tuple[RequestStatus, ...] = ()
    use_case: str | None = None
    since: int | None = None
    """created_at, inclusive."""
    until: int | None = None
    """created_at, exclusive."""
    before: tuple[int, str] | None = None
    """created_at and request_id of the last entry of the page before."""
    limit: int = 50
    to_review: bool = False
    """Only those with fields that a person should look at."""
    free_at: int | None = None
    """Only those that nobody has for review then, and that have not expired: some stay until what was said is told."""
    oldest_first: bool = False
    """Else newest first, which `before` takes for granted."""


class Store(Protocol):
    """Keeps entries and keys. Any number of processes may use one store; each call is atomic.

    Every method raises StoreUnavailable while the store is away.
    """

    async def open(self) -> None:
        """Connect, and create what is missing."""

    async def close(self) -> None:
        """End what `open` began."""

    async def ping(self) -> None:
        """Raise StoreUnavailable unless the store answers."""

    async def add(self, entry: Entry) -> Entry | None:
        """Keep a new entry. None when it was kept; else the entry, without its result, that has the id already."""

    async def find(self, request_id: str) -> Entry | None:
        """The entry with everything."""

    async def versions(self, request_ids: Collection[str]) -> Mapping[str, int]:
        """The version of each that there is."""

    async def page(self, query: Query) -> Sequence[Entry]:
        """Entries without their results; expired ones are left out."""

    async def move(self, request_id: str, client_id: str, change: Change) -> bool:
        """Take a step forward; False where the entry is as far, not there, expired or another client's.

        What ends a request also makes its callback due, and nothing is left to be written to Kafka.
        """

    async def claim_unsent(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """Entries due to be written to Kafka, oldest first, each put off to `again_at`: nobody else gets them."""

    async def unsent(self) -> int:
        """How many entries wait to be written to Kafka."""

    async def overdue(self, now: int, limit: int) -> Sequence[Entry]:
        """Entries, without results, that have no answer at their deadline."""

    async def expire(self, now: int, forget_before: int) -> int:
        """Drop request and result of what expired before `now`, and all of what expired before `forget_before`.

        Corrections that are still to be told keep their request for as long. Returns how many expired.
        """

    async def claim_callbacks(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """Ended entries whose callback is due, each put off to `again_at` and counted."""

    async def called_back(self, request_id: str, claimed_until: int, again_at: int | None) -> None:
        """The callback was taken (None), or is due again; nothing where another one became due meanwhile.

        `claimed_until` is what it was put off to when it was claimed.
        """

    async def review(self, request_id: str) -> Review | None:
        """What is kept of the request's review; None where it has not ended, or has expired."""

    async def lock_review(self, request_id: str, lock: Lock, now: int) -> bool:
        """Take the request for oneself, or keep it; False while another token has it, or there is no review."""

    async def unlock_review(self, request_id: str, token: str) -> bool:
        """Give it back; False where the token does not have it."""

    async def judge(self, request_id: str, token: str, judged: Judged) -> bool:
        """Keep corrections, due to be told; False where the token has not the request, or there are others by now."""

    async def claim_corrections(self, now: int, again_at: int, limit: int) -> Sequence[Review]:
        """Reviews with corrections due to be told, each put off to `again_at`: nobody else gets them."""

    async def corrections_told(self, request_id: str, claimed_until: int, count: int, again_at: int | None) -> None:
        """The first `count` are told, and nothing is due (None) or the others are then, unless more came meanwhile.

        `claimed_until` is what it was put off to when it was claimed.
        """

    async def count_use(self, client_id: str, day: int) -> int:
        """One more request of the client on that day (since 1970); returns how many there were with it."""

    async def put_key(self, key: ApiKey) -> None:
        """Keep a key, or replace the one of its id."""

    async def find_key(self, key_id: str) -> ApiKey | None:
        """The key of that id."""

    async def keys(self) -> Sequence[ApiKey]:
        """Every key, oldest first."""
