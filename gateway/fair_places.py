"""So many at once, and never all of them one client's."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from gateway.problems import Refusal
from schemas.errors import ErrorCode

_AGAIN_SECONDS = 5


class FairPlaces:
    """Places for what takes long; a quarter of them, or `kept`, is for others than whoever has the rest."""

    def __init__(self, count: int, what: str, kept: int | None = None) -> None:
        self._count = count
        self._what = what
        self._most_of_one = max(1, count - (max(1, count // 4) if kept is None else kept))
        self._held: Counter[str] = Counter()

    def held_by(self, client_id: str) -> int:
        """How many the client has now."""
        return self._held[client_id]

    def has_room_for(self, client_id: str) -> bool:
        """Whether the client may have one more."""
        return self._held.total() < self._count and self.held_by(client_id) < self._most_of_one

    @contextlib.contextmanager
    def one_for(self, client_id: str) -> Iterator[None]:
        """A place.

        Raises Refusal SERVICE_UNAVAILABLE where none is free, RATE_LIMITED where the client has its share.
        """
        if self._held.total() >= self._count:
            raise Refusal(
                ErrorCode.SERVICE_UNAVAILABLE, f"too many {self._what} at once; try again", retry_after=_AGAIN_SECONDS
            )
        if self.held_by(client_id) >= self._most_of_one:
            raise Refusal(
                ErrorCode.RATE_LIMITED, f"{self._most_of_one} {self._what} of a client at once",
                retry_after=_AGAIN_SECONDS,
            )  # fmt: skip
        self._held[client_id] += 1
        try:
            yield
        finally:
            self._held[client_id] -= 1
            if not self._held[client_id]:
                del self._held[client_id]
