"""Who a call is from, by the key or token in its headers."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Protocol

from gateway.access.api_keys import ApiKey, is_secret_of, key_parts
from gateway.access.own_machine import check_own_machine
from gateway.clock import now_micros
from gateway.principal import ANYBODY, Principal
from gateway.stores.contract import Store
from schemas.errors import DocbeamError, ErrorCode

_KEPT_SECONDS = 5.0
"""So long a key that was revoked may still open the door."""
_MOST_KEPT = 10_000


class TokenReader(Protocol):
    """Knows the bearer tokens of an identity provider."""

    async def principal(self, token: str) -> Principal:
        """Whose token it is. Raises DocbeamError(UNAUTHENTICATED) or StoreUnavailable."""


class Authentication:
    """API keys of the store and, where there is a provider, its tokens."""

    def __init__(self, store: Store, tokens: TokenReader | None, *, is_open: bool) -> None:
        self._store = store
        self._tokens = tokens
        self._is_open = is_open
        self._kept: OrderedDict[str, tuple[ApiKey | None, float]] = OrderedDict()

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The caller.

        Raises DocbeamError UNAUTHENTICATED, without saying what of the key was wrong, or PERMISSION_DENIED for a page
        of another site where the door is open.
        """
        shown = _shown(headers)
        if shown is None:
            if self._is_open:
                check_own_machine(headers)
                return ANYBODY
            raise _unknown("show a key or token: Authorization: Bearer ...")
        parts = key_parts(shown)
        if parts is not None:
            return await self._by_key(*parts)
        if self._tokens is None:
            raise _unknown("the key has not the shape of one")
        return await self._tokens.principal(shown)

    async def _by_key(self, key_id: str, secret: str) -> Principal:
        key = await self._key(key_id)
        if key is None or not is_secret_of(key, secret) or not key.valid_at(now_micros()):
            raise _unknown("the key is not known, or no longer valid")
        return Principal(
            key.client_id, frozenset(key.scopes), key.allow, key.requests_per_minute, key.requests_per_day,
            f"key:{key.key_id}",
        )  # fmt: skip

    async def _key(self, key_id: str) -> ApiKey | None:
        kept = self._kept.get(key_id)
        if kept is not None and time.monotonic() < kept[1]:
            return kept[0]
        key = await self._store.find_key(key_id)
        self._kept[key_id] = (key, time.monotonic() + _KEPT_SECONDS)
        self._kept.move_to_end(key_id)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return key


def _shown(headers: Mapping[str, str]) -> str | None:
    by_name = headers.get("x-api-key")
    if by_name:
        return by_name.strip()
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    if not scheme:
        return None
    return credentials.strip() if scheme.lower() == "bearer" else ""


def _unknown(message: str) -> DocbeamError:
    return DocbeamError(ErrorCode.UNAUTHENTICATED, message)
