"""Whatever keeps the requests keeps them alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from stores_at_hand import DAY, KINDS, NOW, empty_store, ended, entry, opened

from gateway.access.api_keys import Scope, new_key
from gateway.entries import RETRYABLE_RANK, Change
from gateway.stores.contract import Query, Store, StoreUnavailable
from gateway.stores.opening import UnknownStore, store_at
from schemas.progress import RequestStatus

Check = Callable[[Store], Awaitable[None]]


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty store."""
    return empty_store(request, tmp_path)


@pytest.fixture
def checked(url: str) -> Callable[[Check], None]:
    return lambda check: asyncio.run(_with(url, check))


async def _with(url: str, check: Check) -> None:
    async with opened(url) as store:
        await check(store)


def test_an_entry_comes_back_as_it_was(checked):
    async def check(store):
        whole = entry(
            "a", status=RequestStatus.FAILED, rank=2, version=7, due_at=None, result=b"\x00\x01", error=b"{}",
            callback_url="https://h.example/", callback_due_at=NOW, callback_attempts=3,
        )  # fmt: skip
        assert await store.add(whole) is None
        assert await store.find("a") == whole
        assert await store.find("A") is None
        await store.ping()

    checked(check)


def test_an_id_is_given_once_however_many_ask(checked):
    async def check(store):
        entries = [entry("same", body_hash=f"h{number}") for number in range(40)]
        answers = await asyncio.gather(*map(store.add, entries))
        assert answers.count(None) == 1
        kept = await store.find("same")
        assert {answer.body_hash for answer in answers if answer} == {kept.body_hash}

    checked(check)


def test_a_status_moves_forward_only(checked):
    async def check(store):
        await store.add(entry("a"))
        assert await store.move("a", "shop", Change.sent(NOW + 1))
        assert not await store.move("a", "shop", Change.sent(NOW + 2))
        assert await store.move("a", "shop", ended(status=RequestStatus.FAILED, rank=RETRYABLE_RANK))
        assert not await store.move("a", "shop", Change.sent(NOW + 3))
        assert await store.move("a", "shop", ended(NOW + 6))
        assert not await store.move("a", "shop", ended(NOW + 7, RequestStatus.FAILED))
        found = await store.find("a")
        assert (found.status, found.version, found.updated_at) == (RequestStatus.READY, 3, NOW + 6)
        assert (found.result, found.due_at) == (b"\x00\xffresult", None)
        assert not await store.move("a", "bank", ended())
        assert not await store.move("absent", "shop", ended())

    checked(check)


def test_of_many_who_end_a_request_one_does(checked):
    async def check(store):
        await store.add(entry("a"))
        changes = [ended(NOW + number) for number in range(40)]
        assert (await asyncio.gather(*(store.move("a", "shop", change) for change in changes))).count(True) == 1

    checked(check)


def test_what_is_unsent_is_claimed_by_one_and_comes_again(checked):
    async def check(store):
        for number in range(30):
            await store.add(entry(f"a{number}", due_at=NOW + number, created_at=NOW + number))
        await store.add(entry("sent", due_at=None))
        assert await store.unsent() == 30
        claims = await asyncio.gather(*(store.claim_unsent(NOW + 19, NOW + DAY, 7) for _ in range(8)))
        ids = [each.request_id for claim in claims for each in claim]
        assert sorted(ids) == sorted(f"a{number}" for number in range(20))
        assert {each.attempts for claim in claims for each in claim} == {2}
        assert await store.claim_unsent(NOW + 19, NOW + DAY, 100) == []
        assert len(await store.claim_unsent(NOW + DAY, NOW + 2 * DAY, 100)) == 30
        await store.move("a3", "shop", Change.sent(NOW))
        assert await store.unsent() == 29

    checked(check)


def test_a_list_goes_by_pages_and_filters(checked):
    async def check(store):
        for number in range(10):
            await store.add(entry(f"a{number}", created_at=NOW + number // 2, use_case=f"u{number % 2}"))
        await store.add(entry("other", client_id="bank"))
        await store.add(entry("gone", expires_at=NOW - 5))
        await store.move("a4", "shop", ended())
        await store.expire(NOW, NOW - DAY)
        seen, before = [], None
        while page := await store.page(Query(client_id="shop", limit=3, before=before)):
            seen += page
            before = (page[-1].created_at, page[-1].request_id)
        assert [each.request_id for each in seen] == [f"a{number}" for number in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
        assert {each.result for each in seen} == {None}

        async def ids(**how):
            return {each.request_id for each in await store.page(Query(**how))}

        assert await ids() == {each.request_id for each in seen} | {"other"}
        assert await ids(statuses=(RequestStatus.READY, RequestStatus.PARTIAL)) == {"a4"}
        assert await ids(client_id="shop", use_case="u1", since=NOW + 1, until=NOW + 3) == {"a3", "a5"}
        assert await ids(client_id="nobody") == set()

    checked(check)


def test_what_is_overdue_is_found_and_what_expires_leaves_its_id(checked):
    async def check(store):
        await store.add(entry("late", deadline_at=NOW - 1))
        await store.add(entry("answered", deadline_at=NOW - 1, expires_at=NOW))
        await store.move("answered", "shop", ended())
        assert [each.request_id for each in await store.overdue(NOW, 10)] == ["late"]
        assert await store.expire(NOW, NOW - DAY) == 1
        assert await store.expire(NOW, NOW - DAY) == 0
        left = await store.find("answered")
        assert left.expired
        assert (left.result, left.error, left.client_id) == (None, None, "shop")
        assert not await store.move("answered", "shop", ended())
        await store.expire(NOW, NOW)
        assert await store.find("answered") is None
        assert await store.find("late") is not None

    checked(check)


def test_an_end_makes_a_callback_due_which_is_claimed_by_one(checked):
    async def check(store):
        await store.add(entry("a", callback_url="https://h.example/"))
        await store.add(entry("b"))
        assert await store.claim_callbacks(NOW + DAY, NOW + DAY, 10) == []
        await store.move("a", "shop", ended(NOW + 5))
        await store.move("b", "shop", ended(NOW + 5))
        claims = await asyncio.gather(*(store.claim_callbacks(NOW + 5, NOW + 9, 10) for _ in range(5)))
        assert [(each.request_id, each.callback_attempts) for claim in claims for each in claim] == [("a", 1)]
        assert [each.callback_attempts for each in await store.claim_callbacks(NOW + 9, NOW + 20, 10)] == [2]
        await store.called_back("a", NOW + 9, None)
        assert len(await store.claim_callbacks(NOW + 20, NOW + 30, 10)) == 1
        await store.called_back("a", NOW + 30, NOW + 40)
        assert await store.claim_callbacks(NOW + 39, NOW + 50, 10) == []
        assert len(await store.claim_callbacks(NOW + 40, NOW + 50, 10)) == 1
        await store.called_back("a", NOW + 50, None)
        assert await store.claim_callbacks(NOW + DAY, NOW + DAY, 10) == []

    checked(check)


def test_versions_and_uses_and_keys(checked):
    async def check(store):
        await store.add(entry("a"))
        await store.add(entry("b"))
        await store.move("b", "shop", Change.sent(NOW))
        assert dict(await store.versions(["a", "b", "c"])) == {"a": 0, "b": 1}
        assert dict(await store.versions([])) == {}
        counts = await asyncio.gather(*(store.count_use("shop", 7) for _ in range(20)))
        assert sorted(counts) == list(range(1, 21))
        assert await store.count_use("shop", 8) == await store.count_use("bank", 7) == 1
        key, _ = new_key("shop", (Scope.SEND, Scope.ALL), NOW)
        later = replace(new_key("bank", (), NOW + 1)[0], allow=("gs://a/", "s3://b/"), note="n")
        for each in (later, key):
            await store.put_key(each)
        assert list(await store.keys()) == [key, later]
        await store.put_key(replace(key, revoked_at=NOW + 5))
        assert (await store.find_key(key.key_id)).revoked_at == NOW + 5
        assert await store.find_key("absent") is None

    checked(check)


def test_what_was_kept_is_there_for_the_next_and_for_others(url):
    async def check():
        async with opened(url) as store:
            await store.add(entry("a"))
        stores = [store_at(url) for _ in range(4)]
        await asyncio.gather(*(store.open() for store in stores))
        assert [await store.find("a") for store in stores] == [entry("a")] * 4
        answers = await asyncio.gather(*(store.add(entry("b")) for store in stores for _ in range(5)))
        assert answers.count(None) == 1
        changes = await asyncio.gather(*(store.move("b", "shop", ended()) for store in stores for _ in range(5)))
        assert changes.count(True) == 1
        await asyncio.gather(*(store.close() for store in stores))

    asyncio.run(check())


def test_a_store_that_is_away_is_said_to_be():
    async def check(url):
        with pytest.raises(StoreUnavailable) as caught:
            async with opened(url):
                pass
        assert "secret" not in str(caught.value)

    asyncio.run(check("postgresql://u:secret@127.0.0.1:9/d"))
    asyncio.run(check("mongodb://127.0.0.1:9/d?serverSelectionTimeoutMS=100"))
    asyncio.run(check("sqlite:////proc/none/s.sqlite"))


@pytest.mark.parametrize("wrong", ["", "gateway.db", "mysql://u:secret@h/d", "sqlite://", "sqlite:///"])
def test_a_store_that_there_is_not_is_refused_without_its_password(wrong):
    with pytest.raises(UnknownStore) as caught:
        store_at(wrong)
    assert "secret" not in str(caught.value)


def test_what_cannot_be_kept_fails_alone_and_stops_nothing(checked):
    async def check(store):
        impossible = entry("b", deadline_at=2**70, client_id="\ud800")
        work = [store.add(entry("a")), store.add(impossible), store.add(entry("c"))]
        answers = await asyncio.gather(*work, return_exceptions=True)
        assert (answers[0], answers[2]) == (None, None)
        assert isinstance(answers[1], Exception)
        assert await store.add(entry("d")) is None
        assert [await store.find(name) is not None for name in "abcd"] == [True, False, True, True]

    checked(check)
