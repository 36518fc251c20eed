"""Whatever keeps reviews keeps them alike: one person at a time, nothing said is lost, each correction told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from stores_at_hand import DAY, KINDS, NOW, empty_store, ended, entry, opened

from gateway.entries import Change
from gateway.reviews import Judged, Lock
from gateway.stores.contract import Query, Store
from schemas.progress import RequestStatus

LATER = NOW + 1_000


@pytest.fixture(params=KINDS)
def checked(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Callable[[Store], Awaitable[None]]], None]:
    url = empty_store(request, tmp_path)

    async def run(check: Callable[[Store], Awaitable[None]]) -> None:
        async with opened(url) as store:
            await store.add(entry("a"))
            assert await store.move("a", "shop", ended(to_review=3))
            await check(store)

    return lambda check: asyncio.run(run(check))


def lock(token: str, until: int = LATER) -> Lock:
    return Lock(token, f"holder of {token}", until)


def judged(count: int, to_review: int = 2, at: int = NOW + 1, added: int = 1) -> Judged:
    return Judged(f"{count}".encode() + b"\x00\xff", count, count - added, to_review, at)


def test_one_has_a_request_at_a_time_until_it_is_given_back_or_time_is_over(checked):
    async def check(store):
        assert (await store.review("a")).lock == Lock("", "", 0)
        answers = await asyncio.gather(*(store.lock_review("a", lock(f"t{n}"), NOW) for n in range(20)))
        assert answers.count(True) == 1
        kept = (await store.review("a")).lock
        assert kept == lock(f"t{answers.index(True)}")
        assert await store.lock_review("a", lock(kept.token, LATER + 5), NOW)
        assert not await store.lock_review("a", lock("other"), LATER + 4)
        assert not await store.unlock_review("a", "other")
        assert await store.unlock_review("a", kept.token)
        assert await store.lock_review("a", lock("other", NOW + 10), NOW)
        assert await store.lock_review("a", lock("late"), NOW + 10)
        assert not await store.lock_review("absent", lock("t"), NOW)

    checked(check)


def test_what_has_not_ended_or_is_over_has_no_review(checked):
    async def check(store):
        await store.add(entry("new"))
        await store.move("new", "shop", Change.sent(NOW))
        assert await store.review("new") is None
        assert not await store.lock_review("new", lock("t"), NOW)
        await store.expire(NOW + 3 * DAY, NOW - DAY)
        assert await store.review("a") is None
        assert not await store.lock_review("a", lock("t"), NOW)

    checked(check)


def test_only_who_has_the_request_judges_and_nothing_said_before_is_overwritten(checked):
    async def check(store):
        assert not await store.judge("a", "", judged(1))
        assert await store.lock_review("a", lock("t"), NOW)
        assert not await store.judge("a", "other", judged(1))
        assert not await store.judge("a", "t", judged(1, at=LATER))
        assert await store.judge("a", "t", judged(1))
        assert not await store.judge("a", "t", judged(1)), "there is one already, which this one does not know"
        assert await store.judge("a", "t", judged(3, to_review=0, added=2))
        kept = await store.review("a")
        assert (kept.corrections, kept.count, kept.to_review) == (b"3\x00\xff", 3, 0)
        assert await store.find("a") is not None

    checked(check)


def test_lists_show_what_is_to_be_reviewed_and_free_oldest_first(checked):
    async def check(store):
        for n in range(3):
            await store.add(entry(f"b{n}", created_at=NOW + 1 + n))
            await store.move(f"b{n}", "shop", ended(to_review=n))
        await store.lock_review("b2", lock("t"), NOW)

        async def listed(**wanted):
            found = await store.page(Query(to_review=True, **wanted))
            return [(each.request_id, each.to_review) for each in found]

        assert await listed() == [("b2", 2), ("b1", 1), ("a", 3)]
        assert await listed(free_at=NOW, oldest_first=True) == [("a", 3), ("b1", 1)]
        assert await listed(free_at=LATER, oldest_first=True, limit=1) == [("a", 3)]
        assert await listed(free_at=NOW + 2 * DAY - 1, oldest_first=True, limit=1) == [("a", 3)]
        assert await listed(free_at=NOW + 2 * DAY, oldest_first=True) == [], "expired, if not yet forgotten"
        assert await listed(statuses=(RequestStatus.FAILED,)) == []
        assert (await store.find("b2")).to_review == 2

    checked(check)


def test_each_correction_is_due_until_it_is_told_and_given_to_one_teller(checked):
    async def check(store):
        await store.lock_review("a", lock("t"), NOW)
        assert await store.claim_corrections(LATER, LATER + 9, 5) == []
        await store.judge("a", "t", judged(2, added=2))
        answers = await asyncio.gather(*(store.claim_corrections(LATER, LATER + 9, 5) for _ in range(5)))
        (claimed,) = [each for found in answers for each in found]
        assert (claimed.request_id, claimed.count, claimed.told, claimed.due_at) == ("a", 2, 0, LATER + 9)
        await store.judge("a", "t", judged(3, at=NOW + 2))
        await store.corrections_told("a", LATER + 9, 2, None)
        (again,) = await store.claim_corrections(LATER, LATER + 20, 5)
        assert (again.count, again.told) == (3, 2)
        await store.corrections_told("a", LATER + 20, 2, LATER + 30)
        assert await store.claim_corrections(LATER + 29, LATER + 40, 5) == []
        (again,) = await store.claim_corrections(LATER + 30, LATER + 40, 5)
        await store.corrections_told("a", LATER + 40, 3, None)
        await store.corrections_told("a", LATER + 40, 2, LATER)
        assert await store.claim_corrections(LATER + DAY, LATER + DAY, 5) == []
        assert (await store.review("a")).told == 3

    checked(check)


def test_a_request_outlives_its_time_until_its_corrections_are_told(checked):
    async def check(store):
        await store.lock_review("a", lock("t"), NOW)
        await store.judge("a", "t", judged(1))
        assert await store.expire(NOW + 3 * DAY, NOW - DAY) == 0
        (claimed,) = await store.claim_corrections(LATER, LATER + 9, 5)
        await store.corrections_told("a", claimed.due_at, 1, None)
        assert await store.expire(NOW + 3 * DAY, NOW - DAY) == 1
        assert await store.page(Query(to_review=True)) == []

    checked(check)


def test_a_store_of_an_earlier_release_gets_what_reviews_need(tmp_path):
    path = tmp_path / "s.sqlite"

    async def check():
        async with opened(f"sqlite:///{path}") as store:
            await store.add(entry("a"))
        with sqlite3.connect(path) as before:
            for index in ("requests_to_review", "requests_corrections"):
                before.execute(f"DROP INDEX {index}")
            for column in ("to_review", "review_token", "review_holder", "review_until", "corrections"):
                before.execute(f"ALTER TABLE requests DROP COLUMN {column}")
        before.close()
        async with opened(f"sqlite:///{path}") as store:
            assert await store.find("a") == entry("a")
            assert await store.move("a", "shop", ended(to_review=1))
            assert await store.lock_review("a", lock("t"), NOW)

    asyncio.run(check())
