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
from gateway.clock import now_micros
from gateway.entries import FINAL_RANK, RETRYABLE_RANK, Change, packed
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
