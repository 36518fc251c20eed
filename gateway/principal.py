"""Who calls."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.access.api_keys import Scope
from gateway.entries import Entry
from schemas.errors import DocbeamError, ErrorCode


@dataclass(frozen=True, slots=True)
class Principal:
    """A client that showed a key or token, or anybody where the door is open."""

    client_id: str
    scopes: frozenset[Scope]
    allow: tuple[str, ...] = ()
    """Prefixes within `documents.allow`; empty: all of it."""
    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    identity: str = ""
    """Which key or token it was; empty for anybody."""

    @property
    def seen_client(self) -> str | None:
        """Whose requests it sees; None: everybody's."""
        return None if Scope.ALL in self.scopes else self.client_id

    def may_see(self, entry: Entry) -> bool:
        """Whether the entry exists, as far as this client is told."""
        return self.seen_client is None or entry.client_id == self.client_id

    def check(self, scope: Scope) -> None:
        """Raise DocbeamError(PERMISSION_DENIED) without the scope."""
        if scope not in self.scopes:
            raise DocbeamError(ErrorCode.PERMISSION_DENIED, f"the key or token lacks the scope {scope.value!r}")


ANYBODY = Principal("", frozenset(Scope))
"""Where `gateway.access` is open."""
