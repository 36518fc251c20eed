"""API keys: `docbeam_ID_SECRET`. The store has the secret's hash only."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum

_PREFIX = "docbeam"
_SHAPE = re.compile(rf"{_PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")
CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}")


class Scope(StrEnum):
    """What a key or token may be used for."""

    SEND = "send"
    RECEIVE = "receive"
    """Requests of the same client, and what was read on them."""
    UPLOAD = "upload"
    REVIEW = "review"
    """Judge what was read."""
    ALL = "all"
    """Sees every client's requests: for operators."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key as the store keeps it. Times are microseconds since 1970."""

    key_id: str
    """Shown; the part of the key between the underscores."""
    secret_hash: str
    """SHA-256 of the secret, which has 256 random bits: no slow hash makes such a one safer."""
    client_id: str
    scopes: tuple[Scope, ...]
    allow: tuple[str, ...]
    """Prefixes of locations the client may send, within `documents.allow`; empty: all of that."""
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    note: str = ""

    def valid_at(self, now: int) -> bool:
        """Whether it opens the door."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def new_key(client_id: str, scopes: tuple[Scope, ...], now: int) -> tuple[ApiKey, str]:
    """A key, and the text to hand to the client, which is shown this once.

    Raises ValueError for a client id that is none.
    """
    if not CLIENT_ID.fullmatch(client_id):
        raise ValueError("a client id is 1 to 128 of A-Z a-z 0-9 . _ @ : - and begins with a letter or digit")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return ApiKey(key_id, _hash(secret), client_id, scopes, (), now), f"{_PREFIX}_{key_id}_{secret}"


def successor(key: ApiKey, now: int, expires_at: int | None = None) -> tuple[ApiKey, str]:
    """A key of the same client with the same rights and another secret, where nothing is said for as long."""
    if expires_at is None and key.expires_at is not None:
        expires_at = now + key.expires_at - key.created_at
    fresh, text = new_key(key.client_id, key.scopes, now)
    return replace(key, key_id=fresh.key_id, secret_hash=fresh.secret_hash, created_at=now, expires_at=expires_at), text


def key_parts(text: str) -> tuple[str, str] | None:
    """Id and secret of what has the shape of a key."""
    shape = _SHAPE.fullmatch(text)
    return (shape[1], shape[2]) if shape else None


def is_secret_of(key: ApiKey, secret: str) -> bool:
    """Whether the secret is the key's."""
    return hmac.compare_digest(key.secret_hash, _hash(secret))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
