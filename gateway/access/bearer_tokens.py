"""OpenID Connect bearer tokens: signed by the provider's keys, made for us, not over."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config.settings import GatewaySettings
from gateway.access.api_keys import CLIENT_ID, Scope
from gateway.principal import Principal
from gateway.problems import Refusal
from schemas.errors import DocbeamError, ErrorCode

log = logging.getLogger(__name__)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that only the provider can make: neither `none` nor a secret that both know."""
SCOPE_PREFIX = "docbeam:"
CLIENT_PREFIX = "oidc:"
"""Before the client's name, so that no name of the provider is one of an API key's clients by accident."""
_LEEWAY_SECONDS = 60
_KEPT_SECONDS = 3600.0
_AGAIN_SECONDS = 30.0
"""Between fetches for tokens whose key is not known: anybody can invent such."""
_MOST_BYTES = 262_144
_LONGEST_TOKEN = 16_384
_LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, section 2: `sub`."""


class BearerTokens:
    """Tokens of one provider; its keys are fetched when first needed, kept for an hour, and longer while it is away."""

    def __init__(self, settings: GatewaySettings) -> None:
        assert settings.oidc_issuer is not None
        assert settings.oidc_audience is not None
        self._settings = settings
        self._issuer = settings.oidc_issuer
        self._claims = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": settings.oidc_audience},
            exp={"essential": True},
        )
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def principal(self, token: str) -> Principal:
        """Whose token it is.

        Raises DocbeamError(UNAUTHENTICATED) for one that does not count, SERVICE_UNAVAILABLE while no key is known.
        """
        if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
            raise _refused()
        claims = await self._verified(token)
        client = claims.get(self._settings.oidc_client_claim)
        if not isinstance(client, str) or not CLIENT_ID.fullmatch(name := CLIENT_PREFIX + client):
            raise _refused()
        return Principal(name, _scopes(claims), self._settings.oidc_allow, identity=f"token:{_who(claims, client)}")

    async def _verified(self, token: str) -> Mapping[str, Any]:
        keys = await self._current_keys(refresh=False)
        for refresh in (True, False):
            try:
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
                self._claims.validate(decoded.claims)
            except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
                fresh = await self._current_keys(refresh=True) if refresh and _may_be_new(error) else keys
                if fresh is keys:
                    raise _refused() from None
                keys = fresh
            else:
                return dict(decoded.claims)
        raise _refused()

    async def _current_keys(self, *, refresh: bool) -> KeySet:
        """The keys that are known; fetched where there are none, they are old, or `refresh` and not just done."""
        async with self._lock:
            now = time.monotonic()
            old = now - self._fetched_at > _KEPT_SECONDS
            if (self._keys is None or old or refresh) and now - self._tried_at > _AGAIN_SECONDS:
                self._tried_at = now
                try:
                    self._keys = await self._fetch()
                    self._fetched_at = now
                except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
                    log.warning("the identity provider gives no keys: %s", type(error).__name__)
                    if self._keys is None:
                        # The next call may try at once.
                        self._tried_at = float("-inf")
            if self._keys is None:
                raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, "the identity provider does not answer; try again")
            return self._keys

    async def _fetch(self) -> KeySet:
        async with httpx.AsyncClient(timeout=5, follow_redirects=False) as client:
            url = self._settings.oidc_jwks_url
            if url is None:
                told = await _json(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                if told["issuer"] != self._issuer:
                    raise ValueError("the discovery document is of another issuer")
                url = str(told["jwks_uri"])
            return KeySet.import_key_set(await _json(client, url))


async def _json(client: httpx.AsyncClient, url: str) -> Any:
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        text = b""
        async for chunk in response.aiter_bytes():
            text += chunk
            if len(text) > _MOST_BYTES:
                raise ValueError("more than keys take")
        return json.loads(text)


def _may_be_new(error: Exception) -> bool:
    """Whether the provider may have changed its keys since they were fetched, rather than the token being wrong."""
    return not isinstance(error, JoseError) or error.error in ("invalid_key_id", "bad_signature", "missing_key")


def _scopes(claims: Mapping[str, Any]) -> frozenset[Scope]:
    said = claims.get("scope", claims.get("scp", ""))
    names = said.split() if isinstance(said, str) else said if isinstance(said, list) else ()
    return frozenset(scope for scope in Scope if SCOPE_PREFIX + scope.value in names)


def _who(claims: Mapping[str, Any], client: str) -> str:
    """The person or program: the client's name may be that of a whole company."""
    subject = claims.get("sub")
    return subject[:_LONGEST_SUBJECT] if isinstance(subject, str) and subject else client


def _refused() -> DocbeamError:
    return DocbeamError(
        ErrorCode.UNAUTHENTICATED, "the token does not count here: who made it, for whom, or until when"
    )
