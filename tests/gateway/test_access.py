"""Who is let in, as whom, and how often."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from served import local_gateway, local_settings

from config.load import InvalidSettings
from gateway.access.api_keys import Scope, new_key
from gateway.clock import now_micros

BODY = {"location": "gs://forms/a.pdf", "use_case": "receipt"}


@dataclass
class Provider:
    """An identity provider: its discovery document and its keys."""

    url: str = ""
    keys: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: bool = True

    def token(self, key: Any, header: dict[str, Any] | None = None, **claims: Any) -> str:
        said = {
            "iss": self.url, "aud": "docbeam", "sub": "alice", "exp": time.time() + 300,
            "scope": "openid docbeam:send docbeam:receive",
        } | claims  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        algorithm = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA", "oct": "HS256"}[key.key_type]
        return jwt.encode(
            header or {"alg": algorithm, "kid": key.kid}, said, key, algorithms=[algorithm, "none", "HS256"]
        )


RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider(keys=[RSA, EC, ED])

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            said = {"issuer": made.url, "jwks_uri": f"{made.url}/keys"}
            if self.path == "/keys":
                said = KeySet(made.keys).as_dict(private=False)
            self.send_response(200 if made.answers else 503)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()


def statuses(store_url: str, tokens: list[str], **settings: object) -> list[int]:
    async def work() -> list[int]:
        async with local_gateway(local_settings(store_url, **settings)) as (client, _):
            return [
                (await client.get("/v1/requests", headers={"Authorization": f"Bearer {token}".encode()})).status_code
                for token in tokens
            ]

    return asyncio.run(work())


def test_tokens_of_the_provider_open_the_door_whatever_their_key(provider, store_url):
    tokens = [provider.token(key, aud=aud) for key in (RSA, EC, ED) for aud in ("docbeam", ["x", "docbeam"])]
    assert statuses(store_url, tokens, oidc_issuer=provider.url, oidc_audience="docbeam") == [200] * 6
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]


def test_tokens_that_do_not_count_are_refused_alike(provider, store_url):
    stranger = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
    good = provider.token(RSA)
    head, body, signature = good.split(".")
    wrong = [
        provider.token(stranger),
        provider.token(RSA, iss="https://elsewhere.example"),
        provider.token(RSA, iss=None),
        provider.token(RSA, aud="other"),
        provider.token(RSA, aud=None),
        provider.token(RSA, exp=time.time() - 120),
        provider.token(RSA, exp=None),
        provider.token(RSA, nbf=time.time() + 600),
        provider.token(RSA, sub=None),
        provider.token(RSA, sub=7),
        provider.token(RSA, sub="a b\n"),
        provider.token(RSA, sub="x" * 200),
        _signed_with_the_public_key(body),
        f"{head}.{body}.",
        f"eyJhbGciOiJub25lIn0.{body}.",
        f"{head}.{body}x.{signature}",
        "a.b.c", "..", "x" * 20_000, f"{head}.{body}.{signature}.x.y", "é.é.é",
    ]  # fmt: skip
    answers = statuses(
        store_url, wrong, oidc_issuer=provider.url,
        oidc_audience="docbeam",
    )  # fmt: skip
    assert answers == [401] * len(wrong)


def _signed_with_the_public_key(body: str) -> str:
    """As if the provider's public key, which everybody has, were a shared secret."""
    head = base64.urlsafe_b64encode(b'{"alg": "HS256", "kid": "rsa"}').rstrip(b"=").decode()
    signature = hmac.digest(RSA.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_a_token_without_our_scopes_may_do_nothing(provider, store_url):
    for claims in ({"scope": "openid"}, {"scope": None}, {"scope": "docbeam:send"}, {"scope": 5}):
        assert statuses(
            store_url, [provider.token(RSA, **claims)], oidc_issuer=provider.url, oidc_audience="docbeam"
        ) == [403]
    token = provider.token(RSA, scope=None, scp=["docbeam:receive"])
    assert statuses(store_url, [token], oidc_issuer=provider.url, oidc_audience="docbeam") == [200]


def test_a_new_key_of_the_provider_is_fetched_and_inventions_fetch_nothing(provider, store_url, monkeypatch):
    monkeypatch.setattr("gateway.access.bearer_tokens._AGAIN_SECONDS", 1000.0)

    async def work() -> None:
        settings = local_settings(store_url, oidc_issuer=provider.url, oidc_audience="docbeam")
        async with local_gateway(settings) as (client, _):

            async def status(token: str) -> int:
                return (await client.get("/v1/requests", headers={"Authorization": f"Bearer {token}"})).status_code

            assert await status(provider.token(RSA)) == 200
            fresh = RSAKey.generate_key(2048, parameters={"kid": "fresh"})
            asked = len(provider.asked)
            assert [await status(provider.token(fresh)) for _ in range(5)] == [401] * 5
            assert len(provider.asked) == asked
            monkeypatch.setattr("gateway.access.bearer_tokens._AGAIN_SECONDS", 0.0)
            provider.keys.append(fresh)
            assert await status(provider.token(fresh)) == 200
            provider.answers = False
            assert await status(provider.token(RSAKey.generate_key(2048, parameters={"kid": "later"}))) == 401
            assert await status(provider.token(fresh)) == 200

    asyncio.run(work())


def test_while_the_provider_is_away_a_token_is_not_judged(provider, store_url):
    provider.answers = False
    token = provider.token(RSA)
    assert statuses(store_url, [token], oidc_issuer=provider.url, oidc_audience="docbeam") == [503]


def test_a_token_s_client_is_none_of_the_keys(provider, store_url):
    async def work() -> None:
        settings = local_settings(store_url, oidc_issuer=provider.url, oidc_audience="docbeam")
        async with local_gateway(settings) as (client, services):
            key, text = new_key("alice", (Scope.SEND, Scope.RECEIVE), now_micros())
            await services.store.put_key(key)
            by_key, by_token = {"X-API-Key": text}, {"Authorization": f"Bearer {provider.token(RSA)}"}
            await client.post("/v1/requests", json=BODY | {"request_id": "a"}, headers=by_key)
            await client.post("/v1/requests", json=BODY | {"request_id": "b"}, headers=by_token)
            assert (await client.get("/v1/requests/a", headers=by_token)).status_code == 404
            assert (await client.get("/v1/requests/b", headers=by_token)).json()["client_id"] == "oidc:alice"

    asyncio.run(work())


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"oidc_issuer": "http://provider.example", "oidc_audience": "a"}, "must be https"),
        ({"oidc_issuer": "https://provider.example"}, "needs oidc_audience"),
        ({"access": "open", "host": "0.0.0.0"}, "loopback"),
        ({"redis": "http://u:secret@h"}, "redis must be"),
        ({"webhook_allow": "https://h.example/"}, "needs webhook_secret"),
    ],
)
def test_settings_that_would_open_the_door_to_others_are_refused(store_url, settings, told):
    with pytest.raises(InvalidSettings, match=told) as caught:
        local_settings(store_url, **settings)
    assert "secret@" not in str(caught.value)


def test_a_client_is_told_what_is_left_and_when_to_come_again(store_url):
    async def work() -> None:
        async with local_gateway(local_settings(store_url, requests_per_minute=100)) as (client, services):
            key, text = new_key("slow", (Scope.RECEIVE,), now_micros())
            await services.store.put_key(replace(key, requests_per_minute=5))
            other, other_text = new_key("other", (Scope.RECEIVE,), now_micros())
            await services.store.put_key(other)
            left = []
            for _ in range(5):
                answer = await client.get("/v1/requests", headers={"X-API-Key": text})
                assert answer.status_code == 200
                assert answer.headers["ratelimit-policy"] == '"minute";q=5;w=60'
                left.append(answer.headers["ratelimit"].split(";")[1])
            assert left == ["r=4", "r=3", "r=2", "r=1", "r=0"]
            refused = await client.get("/v1/requests", headers={"X-API-Key": text})
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            assert refused.json()["retryable"] is True
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.headers["ratelimit"].startswith('"minute";r=0;')
            assert (await client.get("/v1/requests", headers={"X-API-Key": other_text})).status_code == 200

    asyncio.run(work())


def test_a_daily_quota_counts_new_requests_only(store_url):
    async def work() -> None:
        async with local_gateway(local_settings(store_url)) as (client, services):
            key, text = new_key("few", (Scope.SEND,), now_micros())
            await services.store.put_key(replace(key, requests_per_day=2))
            answers = [
                await client.post("/v1/requests", json=BODY | {"request_id": name}, headers={"X-API-Key": text})
                for name in ("a", "a", "b", "a", "c")
            ]
            assert [answer.status_code for answer in answers] == [202, 202, 202, 202, 429]
            assert answers[-1].json()["code"] == "quota_exceeded"
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 86_400

    asyncio.run(work())


def test_a_key_ends_when_it_expires_and_lets_its_prefixes_through_only(store_url):
    async def work() -> None:
        async with local_gateway(local_settings(store_url)) as (client, services):
            old, old_text = new_key("old", (Scope.RECEIVE,), now_micros())
            await services.store.put_key(replace(old, expires_at=now_micros() - 1))
            assert (await client.get("/v1/requests", headers={"X-API-Key": old_text})).status_code == 401
            key, text = new_key("shop", (Scope.SEND,), now_micros())
            await services.store.put_key(replace(key, allow=("gs://forms/shop/", "gs://elsewhere/")))

            async def send(location: str) -> int:
                body = BODY | {"location": location}
                return (await client.post("/v1/requests", json=body, headers={"X-API-Key": text})).status_code

            assert await send("gs://forms/shop/a.pdf") == 202
            assert await send("gs://forms/bank/a.pdf") == 403
            assert await send("gs://elsewhere/a.pdf") == 403
            assert (await client.get("/v1/requests", headers={"X-API-Key": text})).status_code == 403

    asyncio.run(work())
