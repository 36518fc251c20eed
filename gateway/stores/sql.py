"""The statements that SQLite and PostgreSQL share, and rows as entries; parameters are written $1, $2."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.access.api_keys import ApiKey, Scope
from gateway.entries import EXPIRED_RANK, RETRYABLE_RANK, SENT_RANK, Change, Entry, Origin
from gateway.reviews import Judged, Lock, Review
from gateway.stores.contract import Query
from schemas.progress import RequestStatus

COLUMNS = tuple(field.name for field in dataclasses.fields(Entry))
_ALL = ", ".join(COLUMNS)
LIGHT = ", ".join("NULL AS result" if name == "result" else name for name in COLUMNS)
"""Without the result, which may be megabytes."""

# {number} is a 64-bit integer, {bytes} raw bytes, in the store's own words.
TABLES = (
    """CREATE TABLE IF NOT EXISTS requests (
        request_id TEXT PRIMARY KEY, client_id TEXT NOT NULL, use_case TEXT NOT NULL, origin TEXT NOT NULL,
        status TEXT NOT NULL, rank {number} NOT NULL, version {number} NOT NULL, created_at {number} NOT NULL,
        updated_at {number} NOT NULL, deadline_at {number} NOT NULL, expires_at {number} NOT NULL,
        request {bytes} NOT NULL, body_hash TEXT NOT NULL, attempts {number} NOT NULL, due_at {number},
        result {bytes}, error {bytes}, callback_url TEXT NOT NULL, callback_due_at {number},
        callback_attempts {number} NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS requests_newest ON requests (client_id, created_at DESC, request_id DESC)",
    "CREATE INDEX IF NOT EXISTS requests_unsent ON requests (due_at) WHERE due_at IS NOT NULL",
    f"CREATE INDEX IF NOT EXISTS requests_open ON requests (deadline_at) WHERE rank < {RETRYABLE_RANK}",
    "CREATE INDEX IF NOT EXISTS requests_expiry ON requests (expires_at)",
    # Ids are kept for long after their requests: looking for what expires must not pass over them.
    f"CREATE INDEX IF NOT EXISTS requests_kept ON requests (expires_at) WHERE rank < {EXPIRED_RANK}",
    "CREATE INDEX IF NOT EXISTS requests_callbacks ON requests (callback_due_at) WHERE callback_due_at IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS api_keys (key_id TEXT PRIMARY KEY, created_at {number} NOT NULL, said TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS uses (
        client_id TEXT NOT NULL, day {number} NOT NULL, count {number} NOT NULL, PRIMARY KEY (client_id, day))""",
)
ADDED_COLUMNS = {
    "to_review": "{number} NOT NULL DEFAULT 0",
    "review_token": "TEXT NOT NULL DEFAULT ''",
    "review_holder": "TEXT NOT NULL DEFAULT ''",
    "review_until": "{number} NOT NULL DEFAULT 0",
    "corrections": "{bytes}",
    "corrections_count": "{number} NOT NULL DEFAULT 0",
    "corrections_told": "{number} NOT NULL DEFAULT 0",
    "corrections_due_at": "{number}",
}
"""Of `requests`, by later releases: a store made before gets them, and gateways of before go on writing to it."""
LATER_INDEXES = (
    "CREATE INDEX IF NOT EXISTS requests_to_review ON requests (created_at, request_id) WHERE to_review > 0",
    "CREATE INDEX IF NOT EXISTS requests_corrections ON requests (corrections_due_at) "
    "WHERE corrections_due_at IS NOT NULL",
)
ADD = (
    f"INSERT INTO requests ({_ALL}) VALUES ({', '.join(f'${number + 1}' for number in range(len(COLUMNS)))}) "
    "ON CONFLICT (request_id) DO NOTHING RETURNING request_id"
)
FIND = f"SELECT {_ALL} FROM requests WHERE request_id = $1"
FIND_LIGHT = f"SELECT {LIGHT} FROM requests WHERE request_id = $1"
MOVE = f"""UPDATE requests SET status = $3, rank = $4, version = version + 1, updated_at = $5,
    result = $6, error = $7, to_review = $8, due_at = CASE WHEN $4 >= {SENT_RANK} THEN NULL ELSE due_at END,
    callback_due_at = CASE WHEN $4 >= {RETRYABLE_RANK} AND callback_url <> '' THEN $5 ELSE callback_due_at END,
    callback_attempts = CASE WHEN $4 >= {RETRYABLE_RANK} THEN 0 ELSE callback_attempts END
    WHERE request_id = $1 AND client_id = $2 AND rank < $4 RETURNING request_id"""
UNSENT = "SELECT COUNT(*) FROM requests WHERE due_at IS NOT NULL"
# The condition stands outside as well: it is looked at again when another process had the row meanwhile.
CLAIM_UNSENT = f"""UPDATE requests SET due_at = $2, attempts = attempts + 1 WHERE due_at <= $1 AND request_id IN (
    SELECT request_id FROM requests WHERE due_at <= $1 ORDER BY due_at, created_at LIMIT $3) RETURNING {LIGHT}"""
OVERDUE = f"""SELECT {LIGHT} FROM requests WHERE rank < {RETRYABLE_RANK} AND deadline_at <= $1
    ORDER BY deadline_at LIMIT $2"""
EXPIRE = f"""UPDATE requests SET request = $2, result = NULL, error = NULL, due_at = NULL, callback_due_at = NULL,
    callback_url = '', version = version + 1, rank = {EXPIRED_RANK}, to_review = 0, review_token = '',
    review_holder = '', review_until = 0, corrections = NULL
    WHERE expires_at <= $1 AND rank < {EXPIRED_RANK} AND corrections_due_at IS NULL RETURNING request_id"""
FORGET = "DELETE FROM requests WHERE expires_at <= $1"
CLAIM_CALLBACKS = f"""UPDATE requests SET callback_due_at = $2, callback_attempts = callback_attempts + 1
    WHERE callback_due_at <= $1 AND request_id IN (SELECT request_id FROM requests WHERE callback_due_at <= $1
    ORDER BY callback_due_at LIMIT $3) RETURNING {LIGHT}"""
CALLED_BACK = "UPDATE requests SET callback_due_at = $3 WHERE request_id = $1 AND callback_due_at = $2"
_REVIEW = """request_id, to_review, review_token, review_holder, review_until, corrections, corrections_count,
    corrections_told, corrections_due_at"""
_REVIEWED = f"rank >= {RETRYABLE_RANK} AND rank < {EXPIRED_RANK}"
REVIEW = f"SELECT {_REVIEW} FROM requests WHERE request_id = $1 AND {_REVIEWED}"
LOCK_REVIEW = f"""UPDATE requests SET review_token = $2, review_holder = $3, review_until = $4
    WHERE request_id = $1 AND {_REVIEWED} AND (review_token = $2 OR review_until <= $5) RETURNING request_id"""
UNLOCK_REVIEW = """UPDATE requests SET review_token = '', review_holder = '', review_until = 0
    WHERE request_id = $1 AND review_token = $2 RETURNING request_id"""
JUDGE = f"""UPDATE requests SET corrections = $3, corrections_count = $4, to_review = $6, corrections_due_at = $7
    WHERE request_id = $1 AND review_token = $2 AND review_until > $7 AND corrections_count = $5 AND {_REVIEWED}
    RETURNING request_id"""
CLAIM_CORRECTIONS = f"""UPDATE requests SET corrections_due_at = $2 WHERE corrections_due_at <= $1 AND request_id IN (
    SELECT request_id FROM requests WHERE corrections_due_at <= $1 ORDER BY corrections_due_at LIMIT $3)
    RETURNING {_REVIEW}"""
CORRECTIONS_TOLD = """UPDATE requests SET
    corrections_told = CASE WHEN corrections_told < $3 THEN $3 ELSE corrections_told END,
    corrections_due_at = CASE WHEN corrections_due_at = $2 THEN $4 ELSE corrections_due_at END
    WHERE request_id = $1"""
COUNT_USE = """INSERT INTO uses (client_id, day, count) VALUES ($1, $2, 1)
    ON CONFLICT (client_id, day) DO UPDATE SET count = uses.count + 1 RETURNING count"""
FORGET_USES = "DELETE FROM uses WHERE day < $1"
PUT_KEY = """INSERT INTO api_keys (key_id, created_at, said) VALUES ($1, $2, $3)
    ON CONFLICT (key_id) DO UPDATE SET said = excluded.said"""
FIND_KEY = "SELECT said FROM api_keys WHERE key_id = $1"
KEYS = "SELECT said FROM api_keys ORDER BY created_at, key_id"
NOTHING = b""


def versions(count: int) -> str:
    """The statement for so many ids."""
    return f"SELECT request_id, version FROM requests WHERE request_id IN ({_places(1, count)})"


def page(query: Query) -> tuple[str, list[Any]]:
    """The statement of a list, and its parameters."""
    said: list[Any] = []
    where = [f"rank < {EXPIRED_RANK}"]

    def condition(text: str, *values: Any) -> None:
        places = [f"${len(said) + number + 1}" for number in range(len(values))]
        said.extend(values)
        where.append(text.format(*places, all=", ".join(places)))

    if query.client_id is not None:
        condition("client_id = {}", query.client_id)
    if query.statuses:
        condition("status IN ({all})", *(status.value for status in query.statuses))
    if query.use_case is not None:
        condition("use_case = {}", query.use_case)
    if query.since is not None:
        condition("created_at >= {}", query.since)
    if query.until is not None:
        condition("created_at < {}", query.until)
    if query.before is not None:
        condition("(created_at, request_id) < ({}, {})", *query.before)
    if query.to_review:
        where.append("to_review > 0")
    if query.free_at is not None:
        condition("review_until <= {}", query.free_at)
        condition("expires_at > {}", query.free_at)
    said.append(query.limit)
    text = f"SELECT {LIGHT} FROM requests WHERE {' AND '.join(where)}"
    order = "created_at, request_id" if query.oldest_first else "created_at DESC, request_id DESC"
    return f"{text} ORDER BY {order} LIMIT ${len(said)}", said


def move_values(request_id: str, client_id: str, change: Change) -> list[Any]:
    """The parameters of MOVE."""
    return [
        *(request_id, client_id, change.status.value, change.rank, change.at),
        *(change.result, change.error, change.to_review),
    ]


def judge_values(request_id: str, token: str, judged: Judged) -> list[Any]:
    """The parameters of JUDGE."""
    return [
        *(request_id, token, judged.corrections, judged.count),
        *(judged.known, judged.to_review, judged.at),
    ]


def as_review(row: Sequence[Any]) -> Review:
    """A row of REVIEW."""
    request_id, to_review, token, holder, until, *others = row
    return Review(request_id, to_review, Lock(token, holder, until), *others)


def entry_values(entry: Entry) -> list[Any]:
    """An entry in the order of the columns."""
    return [getattr(entry, name) for name in COLUMNS]


def as_entry(row: Mapping[str, Any] | Sequence[Any]) -> Entry:
    """A row in the order of the columns."""
    said = dict(zip(COLUMNS, row if not isinstance(row, Mapping) else row.values(), strict=True))
    return entry_of(said)


def entry_of(said: Mapping[str, Any]) -> Entry:
    """What a store says by name."""
    return Entry(**{**said, "status": RequestStatus(said["status"]), "origin": Origin(said["origin"])})


def key_text(key: ApiKey) -> str:
    """A key as JSON."""
    return json.dumps(dataclasses.asdict(key))


def key_of(text: str) -> ApiKey:
    """The key in a JSON."""
    said = json.loads(text)
    return ApiKey(**{**said, "scopes": tuple(Scope(scope) for scope in said["scopes"]), "allow": tuple(said["allow"])})


def _places(first: int, count: int) -> str:
    return ", ".join(f"${number}" for number in range(first, first + count))
