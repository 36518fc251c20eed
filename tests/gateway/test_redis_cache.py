"""Redis in front of the store: quick while it is there, and missed by nobody when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from served import local_gateway, local_settings

from devstack.endpoints import Endpoints
from devstack.stack import down, up
from gateway.access import limits
from gateway.access.limits import RateLimits, shared_counts
from gateway.clock import now_micros
from gateway.entries import FINAL_RANK, RETRYABLE_RANK, Change, packed
from gateway.principal import Principal
from gateway.redis_cache import RedisCache
from gateway.services import Services
from schemas.progress import RequestStatus

pytestmark = pytest.mark.stack
BODY = {"location": "gs://forms/a.pdf", "use_case": "receipt"}


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Endpoints]:
    """A Redis of this test's own, which may be stopped."""
    folder = tmp_path / "dev"
    yield up(["redis"], folder)
    down(folder)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not taken for a Redis that is away."""
    monkeypatch.setattr(limits, "_ANSWER_SECONDS", 60.0)


async def end(
    services: Services, name: str, rank: int = FINAL_RANK, status: RequestStatus = RequestStatus.READY
) -> None:
    change = Change(status, rank, now_micros(), packed(b'{"fields": []}'))
    assert await services.store.move(name, "", change)


def test_an_ended_request_comes_from_the_cache_and_an_open_one_from_the_store(cache, store_url):
    async def work() -> None:
        settings = local_settings(store_url, access="open", redis=cache.redis_url)
        async with local_gateway(settings) as (client, services):
            for name in ("open", "ended", "failed"):
                await client.post("/v1/requests", json=BODY | {"request_id": name})
            await end(services, "ended")
            await end(services, "failed", RETRYABLE_RANK, RequestStatus.FAILED)
            first = {name: await client.get(f"/v1/requests/{name}") for name in ("open", "ended", "failed")}
            asked = []
            find = services.store.find
            services.store.find = lambda name: asked.append(name) or find(name)  # type: ignore[method-assign]
            second = {name: await client.get(f"/v1/requests/{name}") for name in ("open", "ended", "failed")}
            assert asked == ["open", "failed"]
            for name, answer in first.items():
                assert (answer.content, answer.headers["etag"]) == (second[name].content, second[name].headers["etag"])
            await end(services, "failed")
            assert (await client.get("/v1/requests/failed")).json()["status"] == "ready"

    asyncio.run(work())


def test_what_is_in_the_cache_is_not_for_others_and_not_for_ever(cache, store_url):
    async def work() -> None:
        settings = local_settings(store_url, access="open", redis=cache.redis_url, retention_seconds=6)
        async with local_gateway(settings) as (client, services):
            await client.post("/v1/requests", json=BODY | {"request_id": "a"})
            await end(services, "a")
            assert (await client.get("/v1/requests/a")).status_code == 200
            held = await services.cache.find("a")
            assert held is not None
            assert held == await services.store.find("a")
            assert 0 < redis.from_url(cache.redis_url).ttl("docbeam:request:a") <= 6
            await asyncio.sleep(6.05)
            assert (await client.get("/v1/requests/a")).status_code == 410

    asyncio.run(work())


def test_without_redis_the_store_alone_serves_and_limits_are_kept(tmp_path, store_url):
    folder = tmp_path / "dev"
    endpoints = up(["redis"], folder)

    async def work() -> None:
        settings = local_settings(
            store_url, access="open", redis=endpoints.redis_url, requests_per_minute=30
        )  # fmt: skip
        async with local_gateway(settings) as (client, services):
            await client.post("/v1/requests", json=BODY | {"request_id": "a"})
            await end(services, "a")
            assert (await client.get("/v1/requests/a")).status_code == 200
            await asyncio.to_thread(down, folder)
            answers = [(await client.get("/v1/requests/a")).status_code for _ in range(5)]
            assert answers == [200] * 5
            assert (await client.get("/readyz")).status_code == 200
            rest = [(await client.get("/v1/requests/a")).status_code for _ in range(40)]
            assert set(rest) == {200, 429}

    asyncio.run(work())


def test_gateways_that_share_a_redis_count_calls_together(cache, store_url):
    async def work() -> None:
        settings = local_settings(store_url, access="open", redis=cache.redis_url, requests_per_minute=10)
        async with local_gateway(settings) as (one, _), local_gateway(settings) as (other, _):
            answers = [(await client.get("/v1/requests")).status_code for client in (one, other) * 8]
        assert answers.count(200) == 10
        assert answers.count(429) == 6

    asyncio.run(work())


def test_calls_are_dealt_in_lots_and_no_client_gets_more_than_its_limit(cache, patient):
    """Of two gateways and 1000 calls a minute, each may keep less than one lot of ten to itself."""

    async def work() -> None:
        one, other = (RateLimits(shared_counts(cache.redis_url), 1000) for _ in range(2))
        client = Principal("lots", frozenset())
        asked = [one.take(client) for _ in range(700)] + [other.take(client) for _ in range(700)]
        granted = [allowance.granted for allowance in await asyncio.gather(*asked)]
        assert 990 < sum(granted) <= 1000
        count = int(redis.from_url(cache.redis_url).get(_key(cache, "lots")))
        # A gateway that has heard that there are no calls left does not ask again.
        assert 1000 <= count <= 1020
        after = await one.take(client)
        assert (after.granted, after.left, after.limit) == (False, 0, 1000)
        assert 1 <= after.reset_seconds <= 60

    asyncio.run(work())


def test_a_redis_that_lost_its_counts_stops_nobody(cache, patient):
    async def work() -> None:
        counted = RateLimits(shared_counts(cache.redis_url), 300)
        client = Principal("lost", frozenset())
        assert (await counted.take(client)).left == 299
        redis.from_url(cache.redis_url).delete(_key(cache, "lost"))
        left = [(await counted.take(client)).left for _ in range(299)]
        assert min(left) >= 0
        assert (await counted.take(client)).granted

    asyncio.run(work())


def test_entries_that_are_asked_for_at_once_are_each_ones_own(cache, store_url):
    async def work() -> None:
        settings = local_settings(store_url, access="open", redis=cache.redis_url, requests_per_minute=1000)
        async with local_gateway(settings) as (client, services):
            names = [f"many-{number}" for number in range(40)]
            for name in names:
                await client.post("/v1/requests", json=BODY | {"request_id": name})
                await end(services, name)
                assert (await client.get(f"/v1/requests/{name}")).status_code == 200
            held = RedisCache(cache.redis_url, 60)
            asked = [*names, "nobody", *names]
            found = await asyncio.gather(*(held.find(name) for name in asked))
            assert [entry and entry.request_id for entry in found] == [*names, None, *names]
            given_up = asyncio.create_task(held.find(names[0]))
            kept = asyncio.create_task(held.find(names[1]))
            await asyncio.sleep(0)
            given_up.cancel()
            entry = await kept
            assert entry is not None
            assert entry.request_id == names[1]
            await held.close()

    asyncio.run(work())


def _key(cache: Endpoints, client_id: str) -> bytes:
    (key,) = (key for key in redis.from_url(cache.redis_url).keys("*limits*") if client_id.encode() in key)
    return key


def test_what_nobody_of_this_version_wrote_is_not_believed(cache):
    async def work() -> None:
        known = redis.from_url(cache.redis_url)
        known.hset("docbeam:request:a", mapping={"status": "ready"})
        known.set("docbeam:request:b", "text")
        held = RedisCache(cache.redis_url, 60)
        assert await held.find("a") is None
        assert await held.find("b") is None
        await held.close()

    asyncio.run(work())
