"""MongoDB: for many gateways. Every step is one command on one document, so it needs no transactions."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel, ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError, PyMongoError

from gateway.access.api_keys import ApiKey
from gateway.entries import EXPIRED_RANK, RETRYABLE_RANK, SENT_RANK, Change, Entry
from gateway.reviews import Judged, Lock, Review
from gateway.stores.contract import Query, StoreUnavailable
from gateway.stores.sql import entry_of, key_of, key_text

_LIMITS: dict[str, Any] = {"serverSelectionTimeoutMS": 10_000, "connectTimeoutMS": 10_000, "socketTimeoutMS": 20_000}
_LIGHT = {"result": False, "review": False}
_WHOLE = {"review": False}
_REVIEW = {"review": True, "to_review": True}
_REVIEWED = {"$gte": RETRYABLE_RANK, "$lt": EXPIRED_RANK}
_USES_KEPT_DAYS = 2
_INDEXES = (
    IndexModel([("client_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
    IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)]),
    IndexModel([("due_at", ASCENDING)], partialFilterExpression={"due_at": {"$gt": 0}}, name="unsent"),
    IndexModel([("rank", ASCENDING), ("deadline_at", ASCENDING)]),
    IndexModel([("expires_at", ASCENDING)]),
    # Ids are kept for long after their requests: looking for what expires must not pass over them.
    IndexModel([("expires_at", ASCENDING)], partialFilterExpression={"rank": {"$lt": EXPIRED_RANK}}, name="kept"),
    IndexModel(
        [("created_at", ASCENDING), ("_id", ASCENDING)],
        partialFilterExpression={"to_review": {"$gt": 0}},
        name="to_review",
    ),
    IndexModel(
        [("review.due_at", ASCENDING)], partialFilterExpression={"review.due_at": {"$gt": 0}}, name="corrections"
    ),
    IndexModel(
        [("callback_due_at", ASCENDING)], partialFilterExpression={"callback_due_at": {"$gt": 0}}, name="callbacks"
    ),
)
_DEFAULT_DATABASE = "docbeam"


class MongoStore:
    """See `Store`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: AsyncMongoClient[dict[str, Any]] | None = None
        self._requests: Any = None
        self._keys: Any = None
        self._uses: Any = None

    async def open(self) -> None:
        """See `Store.open`."""
        async with _problems():
            said = self._url.lower()
            # What the URL says goes before.
            limits = {name: value for name, value in _LIMITS.items() if name.lower() not in said}
            self._client = AsyncMongoClient(self._url, **limits)
            # On disk, and on most members, before a client is told that its request is kept.
            durable = WriteConcern(w="majority", j=True)
            database = self._client.get_default_database(_DEFAULT_DATABASE).with_options(write_concern=durable)
            self._requests, self._keys, self._uses = database["requests"], database["api_keys"], database["uses"]
            await self._requests.create_indexes(list(_INDEXES))
            await self._uses.create_index([("day", ASCENDING)])

    async def close(self) -> None:
        """See `Store.close`."""
        if self._client is not None:
            await self._client.close()

    async def ping(self) -> None:
        """See `Store.ping`."""
        async with _problems():
            assert self._client is not None
            await self._client.admin.command("ping")

    async def add(self, entry: Entry) -> Entry | None:
        """See `Store.add`."""
        async with _problems():
            while True:
                try:
                    await self._requests.insert_one(_document(entry))
                    return None
                except DuplicateKeyError:
                    known = await self._requests.find_one({"_id": entry.request_id}, _LIGHT)
                    # Gone again only where it was forgotten in between.
                    if known is not None:
                        return _entry(known)

    async def find(self, request_id: str) -> Entry | None:
        """See `Store.find`."""
        async with _problems():
            found = await self._requests.find_one({"_id": request_id}, _WHOLE)
            return None if found is None else _entry(found)

    async def versions(self, request_ids: Collection[str]) -> Mapping[str, int]:
        """See `Store.versions`."""
        if not request_ids:
            return {}
        async with _problems():
            found = self._requests.find({"_id": {"$in": list(request_ids)}}, {"version": True})
            return {each["_id"]: each["version"] async for each in found}

    async def page(self, query: Query) -> Sequence[Entry]:
        """See `Store.page`."""
        wanted: list[dict[str, Any]] = [{"rank": {"$lt": EXPIRED_RANK}}]
        if query.client_id is not None:
            wanted.append({"client_id": query.client_id})
        if query.statuses:
            wanted.append({"status": {"$in": [status.value for status in query.statuses]}})
        if query.use_case is not None:
            wanted.append({"use_case": query.use_case})
        if query.since is not None:
            wanted.append({"created_at": {"$gte": query.since}})
        if query.until is not None:
            wanted.append({"created_at": {"$lt": query.until}})
        if query.before is not None:
            at, request_id = query.before
            wanted.append({"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": request_id}}]})
        if query.to_review:
            wanted.append({"to_review": {"$gt": 0}})
        if query.free_at is not None:
            wanted.append({"review.until": {"$not": {"$gt": query.free_at}}, "expires_at": {"$gt": query.free_at}})
        order = ASCENDING if query.oldest_first else DESCENDING
        async with _problems():
            found = self._requests.find({"$and": wanted}, _LIGHT).sort([("created_at", order), ("_id", order)])
            return [_entry(each) async for each in found.limit(query.limit)]

    async def move(self, request_id: str, client_id: str, change: Change) -> bool:
        """See `Store.move`."""
        said: dict[str, Any] = {
            "status": change.status.value, "rank": change.rank, "updated_at": change.at,
            "result": change.result, "error": change.error, "to_review": change.to_review,
        }  # fmt: skip
        if change.rank >= SENT_RANK:
            said["due_at"] = None
        step: Any = {"$set": said, "$inc": {"version": 1}}
        if change.rank >= RETRYABLE_RANK:
            said["callback_attempts"] = 0
            # Literals: bytes and texts of strangers are no expressions.
            due = {"$cond": [{"$eq": ["$callback_url", ""]}, "$callback_due_at", change.at]}
            step = [
                {
                    "$set": {name: {"$literal": value} for name, value in said.items()}
                    | {"callback_due_at": due, "version": {"$add": ["$version", 1]}}
                }
            ]
        async with _problems():
            wanted = {"_id": request_id, "client_id": client_id, "rank": {"$lt": change.rank}}
            return bool((await self._requests.update_one(wanted, step)).modified_count)

    async def claim_unsent(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """See `Store.claim_unsent`."""
        return await self._claimed("due_at", "attempts", now, again_at, limit)

    async def unsent(self) -> int:
        """See `Store.unsent`."""
        async with _problems():
            return int(await self._requests.count_documents({"due_at": {"$gt": 0}}))

    async def overdue(self, now: int, limit: int) -> Sequence[Entry]:
        """See `Store.overdue`."""
        async with _problems():
            found = self._requests.find({"rank": {"$lt": RETRYABLE_RANK}, "deadline_at": {"$lte": now}}, _LIGHT)
            return [_entry(each) async for each in found.limit(limit)]

    async def expire(self, now: int, forget_before: int) -> int:
        """See `Store.expire`."""
        nothing: dict[str, Any] = {
            "request": b"", "result": None, "error": None, "due_at": None, "callback_due_at": None,
            "callback_url": "", "rank": EXPIRED_RANK, "to_review": 0, "review": {},
        }  # fmt: skip
        async with _problems():
            await self._requests.delete_many({"expires_at": {"$lte": forget_before}})
            await self._uses.delete_many({"day": {"$lt": now // 86_400_000_000 - _USES_KEPT_DAYS}})
            wanted = {"expires_at": {"$lte": now}, "rank": {"$lt": EXPIRED_RANK}, "review.due_at": None}
            return int(
                (await self._requests.update_many(wanted, {"$set": nothing, "$inc": {"version": 1}})).modified_count
            )

    async def claim_callbacks(self, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        """See `Store.claim_callbacks`."""
        return await self._claimed("callback_due_at", "callback_attempts", now, again_at, limit)

    async def called_back(self, request_id: str, claimed_until: int, again_at: int | None) -> None:
        """See `Store.called_back`."""
        async with _problems():
            wanted = {"_id": request_id, "callback_due_at": claimed_until}
            await self._requests.update_one(wanted, {"$set": {"callback_due_at": again_at}})

    async def review(self, request_id: str) -> Review | None:
        """See `Store.review`."""
        async with _problems():
            found = await self._requests.find_one({"_id": request_id, "rank": _REVIEWED}, _REVIEW)
            return None if found is None else _review(found)

    async def lock_review(self, request_id: str, lock: Lock, now: int) -> bool:
        """See `Store.lock_review`."""
        # Not later, or not there: no request has a review before somebody takes it.
        free = [{"review.token": lock.token}, {"review.until": {"$not": {"$gt": now}}}]
        taken = {"review.token": lock.token, "review.holder": lock.holder, "review.until": lock.until}
        async with _problems():
            wanted = {"_id": request_id, "rank": _REVIEWED, "$or": free}
            return bool((await self._requests.update_one(wanted, {"$set": taken})).matched_count)

    async def unlock_review(self, request_id: str, token: str) -> bool:
        """See `Store.unlock_review`."""
        given_back = {"review.token": "", "review.holder": "", "review.until": 0}
        async with _problems():
            wanted = {"_id": request_id, "review.token": token}
            return bool((await self._requests.update_one(wanted, {"$set": given_back})).modified_count)

    async def judge(self, request_id: str, token: str, judged: Judged) -> bool:
        """See `Store.judge`."""
        wanted = {
            "_id": request_id, "rank": _REVIEWED, "review.token": token, "review.until": {"$gt": judged.at},
            "review.count": judged.known or {"$in": [0, None]},
        }  # fmt: skip
        said = {
            "review.corrections": judged.corrections, "review.count": judged.count, "review.due_at": judged.at,
            "to_review": judged.to_review,
        }  # fmt: skip
        async with _problems():
            return bool((await self._requests.update_one(wanted, {"$set": said})).modified_count)

    async def claim_corrections(self, now: int, again_at: int, limit: int) -> Sequence[Review]:
        """See `Store.claim_corrections`."""
        found = await self._claim("review.due_at", {"$set": {"review.due_at": again_at}}, now, limit, _REVIEW)
        return [_review(each) for each in found]

    async def corrections_told(self, request_id: str, claimed_until: int, count: int, again_at: int | None) -> None:
        """See `Store.corrections_told`."""
        async with _problems():
            await self._requests.update_one({"_id": request_id}, {"$max": {"review.told": count}})
            wanted = {"_id": request_id, "review.due_at": claimed_until}
            await self._requests.update_one(wanted, {"$set": {"review.due_at": again_at}})

    async def count_use(self, client_id: str, day: int) -> int:
        """See `Store.count_use`."""
        name = f"{day}/{client_id}"
        async with _problems():
            while True:
                found = await self._uses.find_one_and_update(
                    {"_id": name}, {"$inc": {"count": 1}}, return_document=ReturnDocument.AFTER
                )
                if found is not None:
                    return int(found["count"])
                try:
                    # Not an upsert: servers differ in what they answer where two make the first count at once.
                    await self._uses.insert_one({"_id": name, "day": day, "count": 1})
                    return 1
                except DuplicateKeyError:
                    continue

    async def put_key(self, key: ApiKey) -> None:
        """See `Store.put_key`."""
        async with _problems():
            said = {"_id": key.key_id, "created_at": key.created_at, "said": key_text(key)}
            await self._keys.replace_one({"_id": key.key_id}, said, upsert=True)

    async def find_key(self, key_id: str) -> ApiKey | None:
        """See `Store.find_key`."""
        async with _problems():
            found = await self._keys.find_one({"_id": key_id})
            return None if found is None else key_of(found["said"])

    async def keys(self) -> Sequence[ApiKey]:
        """See `Store.keys`."""
        async with _problems():
            found = self._keys.find().sort([("created_at", ASCENDING), ("_id", ASCENDING)])
            return [key_of(each["said"]) async for each in found]

    async def _claimed(self, due: str, count: str, now: int, again_at: int, limit: int) -> Sequence[Entry]:
        found = await self._claim(due, {"$set": {due: again_at}, "$inc": {count: 1}}, now, limit, _LIGHT)
        return [_entry(each) for each in found]

    async def _claim(
        self, due: str, step: Mapping[str, Any], now: int, limit: int, projection: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Documents due by now, the longest first, each after `step`."""
        claimed: list[dict[str, Any]] = []
        async with _problems():
            while len(claimed) < limit:
                found = await self._requests.find_one_and_update(
                    {due: {"$gt": 0, "$lte": now}}, step, projection=projection, sort=[(due, ASCENDING)],
                    return_document=ReturnDocument.AFTER,
                )  # fmt: skip
                if found is None:
                    break
                claimed.append(found)
        return claimed


def _document(entry: Entry) -> dict[str, Any]:
    said = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    said["_id"] = said.pop("request_id")
    return said | {"status": entry.status.value, "origin": entry.origin.value}


def _entry(document: Mapping[str, Any]) -> Entry:
    said = {**document, "request_id": document["_id"]}
    del said["_id"]
    return entry_of(said)


def _review(document: Mapping[str, Any]) -> Review:
    said = document.get("review") or {}
    lock = Lock(said.get("token", ""), said.get("holder", ""), said.get("until", 0))
    return Review(
        document["_id"], document.get("to_review", 0), lock, said.get("corrections"), said.get("count", 0),
        said.get("told", 0), said.get("due_at"),
    )  # fmt: skip


@asynccontextmanager
async def _problems() -> AsyncIterator[None]:
    try:
        yield
    except (PyMongoError, OSError) as error:
        raise StoreUnavailable(f"MongoDB: {type(error).__name__}") from error
