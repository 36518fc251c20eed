"""Send, receive, list."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from gateway import acceptance
from gateway.access.api_keys import Scope
from gateway.bodies import Receipt, RequestList, RequestView, SendBody, listed, view
from gateway.callbacks import check_callback
from gateway.clock import micros, moment, now_micros
from gateway.cursors import cursor_of, place_in
from gateway.entries import FINAL_RANK, MICROS, Entry
from gateway.etags import matches
from gateway.principal import Principal
from gateway.problems import Refusal, documented
from gateway.routes.given import Given, Receiver, Sender, permitted, services
from gateway.services import Services
from gateway.stores.contract import Query as StoreQuery
from schemas.errors import DocbeamError, ErrorCode
from schemas.progress import RequestStatus
from schemas.request import REQUEST_ID

router = APIRouter(tags=["requests"])
_POLL_SECONDS = 2
_DAY = 86_400 * MICROS
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_TRACE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_TIME = {"format": "date-time"}
_ETAG: dict[str, Any] = {
    "ETag": {"schema": {"type": "string"}, "description": "changes whenever the request does"},
    "Retry-After": {"schema": {"type": "integer"}, "description": "seconds until it is worth to ask again"},
}


@router.post(
    "/v1/requests",
    status_code=202,
    summary="Send a request",
    response_model=Receipt,
    responses={
        202: {
            "description": "The request is kept, and will end in exactly one result.",
            "headers": {
                "Location": {"schema": {"type": "string"}, "description": "the request's address"},
                "Retry-After": {"schema": {"type": "integer"}, "description": "seconds until it is worth to ask"},
            },
        },
        **documented(
            ErrorCode.INVALID_LOCATION,
            ErrorCode.LOCATION_FORBIDDEN,
            ErrorCode.CALLBACK_FORBIDDEN,
            ErrorCode.REQUEST_CONFLICT,
            ErrorCode.REQUEST_EXPIRED,
            ErrorCode.RECORD_TOO_LARGE,
            ErrorCode.QUOTA_EXCEEDED,
            ErrorCode.BACKLOG_FULL,
        ),
    },
)
async def send(
    body: SendBody,
    given: Given,
    caller: Sender,
    traceparent: Annotated[str | None, Header(description="W3C Trace Context; left out where it is none")] = None,
) -> Response:
    """Keep a request and put it on Kafka. The same id with the same content is answered alike, and worked on once."""
    now = now_micros()
    request = acceptance.request_of(body, caller, now)
    await acceptance.check_location(request, caller, given.settings)
    if body.callback_url is not None:
        check_callback(body.callback_url, given.settings)
    entry = acceptance.entry_of(request, given.settings.gateway, now, given.outbox.again_at(), body.callback_url or "")
    known = await given.store.find(request.request_id) if body.request_id is not None else None
    if known is None:
        await _check_room(given, caller, now)
        known = await given.store.add(entry)
    if known is None:
        given.backlog.took_one()
        # A proxy may write it: what is no trace, or of a later version, is no reason to refuse the request.
        traced = traceparent is not None and _TRACE.fullmatch(traceparent)
        given.outbox.send(entry, traceparent if traced else None)
    else:
        acceptance.check_same(known, entry)
        entry = known
    receipt = Receipt(
        request_id=entry.request_id,
        created_at=moment(entry.created_at),
        expires_at=moment(entry.expires_at),
        url=f"{given.settings.gateway.root_path}/v1/requests/{entry.request_id}",
    )
    headers = {"Location": receipt.url, "Retry-After": str(_POLL_SECONDS)}
    return JSONResponse(receipt.model_dump(mode="json"), 202, headers)


@router.get(
    "/v1/requests/{request_id}",
    summary="Receive a request's state and result",
    response_model=RequestView,
    responses={
        200: {"description": "As it is now.", "headers": _ETAG},
        304: {"description": "It is as `If-None-Match` says.", "headers": _ETAG},
        **documented(ErrorCode.REQUEST_NOT_FOUND, ErrorCode.REQUEST_EXPIRED),
    },
)
async def receive(
    request_id: str,
    # Of all calls the one that is made most: what FastAPI injects costs a fifth of it.
    request: Request,
    wait: Annotated[
        str | None,
        Query(pattern=r"^\d{1,4}s?$", description="seconds to wait for an end, or for a change of `If-None-Match`"),
    ] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The request's state, and its result once it has ended."""
    given, caller = services(request), permitted(request, Scope.RECEIVE)
    entry = await visible(request_id, given, caller)
    if wait is not None:
        entry = await _waited(entry, float(wait.rstrip("s")), request, given, caller)
    headers = {"ETag": entry.etag, "Cache-Control": "private, no-cache"}
    if not entry.ended:
        headers["Retry-After"] = str(_POLL_SECONDS)
    if matches(if_none_match, entry.etag):
        return Response(status_code=304, headers=headers)
    return Response(view(entry), media_type="application/json", headers=headers)


@router.get(
    "/v1/requests",
    summary="List requests",
    response_model=RequestList,
    responses=documented(),
)
async def list_requests(
    given: Given,
    caller: Receiver,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    status: Annotated[list[RequestStatus] | None, Query(max_length=10)] = None,
    use_case: Annotated[str | None, Query(pattern="^[a-z0-9][a-z0-9-]{0,62}$")] = None,
    to_review: Annotated[bool, Query(description="only those with fields that a person should look at")] = False,
    since: Annotated[str | None, Query(description="created then or later", json_schema_extra=_TIME)] = None,
    until: Annotated[str | None, Query(description="created before", json_schema_extra=_TIME)] = None,
) -> Response:
    """The caller's requests without their results, newest first."""
    query = StoreQuery(
        client_id=caller.seen_client,
        statuses=tuple(dict.fromkeys(status or ())),
        use_case=use_case,
        since=None if since is None else _time(since),
        until=None if until is None else _time(until),
        before=None if cursor is None else place_in(cursor),
        limit=limit + 1,
        to_review=to_review,
    )
    now = now_micros()
    entries = await given.store.page(query)
    more = len(entries) > limit
    rows = [listed(entry) for entry in entries[:limit] if entry.expires_at > now]
    following = cursor_of(entries[limit - 1]) if more else None
    return JSONResponse({"requests": rows, "next": following})


async def visible(request_id: str, given: Services, caller: Principal) -> Entry:
    """The entry, from the cache or the store. Raises Refusal where there is none for this client."""
    entry = None
    if REQUEST_ID.fullmatch(request_id):
        entry = await given.cache.find(request_id)
        if entry is None:
            entry = await given.store.find(request_id)
            if entry is not None and entry.rank == FINAL_RANK and given.cache.holds_anything and not entry.expired:
                await given.cache.put(entry)
    if entry is None or not caller.may_see(entry):
        raise Refusal(ErrorCode.REQUEST_NOT_FOUND, "there is no request of this id", request_id=None)
    if entry.expired or entry.expires_at <= now_micros():
        raise Refusal(ErrorCode.REQUEST_EXPIRED, "the request has expired", request_id=entry.request_id)
    return entry


async def _waited(entry: Entry, seconds: float, request: Request, given: Services, caller: Principal) -> Entry:
    """The entry once it has ended, or is no longer as the caller knows it, or the time or the caller is gone."""
    deadline = time.monotonic() + min(seconds, given.settings.gateway.max_wait_seconds)
    etag = request.headers.get("if-none-match")
    gone = asyncio.create_task(_gone(request))
    try:
        while _worth_waiting(entry, etag) and not gone.done():
            changed = asyncio.create_task(
                given.changes.wait(entry.request_id, entry.version, deadline - time.monotonic(), caller.client_id)
            )
            try:
                await asyncio.wait({gone, changed}, return_when=asyncio.FIRST_COMPLETED)
                if not changed.done() or not changed.result():
                    break
            finally:
                changed.cancel()
            entry = await visible(entry.request_id, given, caller)
        return entry
    finally:
        gone.cancel()


async def _gone(request: Request) -> None:
    """Returns when the caller hangs up: it must not keep the place of one that waits."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _worth_waiting(entry: Entry, etag: str | None) -> bool:
    if entry.rank == FINAL_RANK:
        return False
    return not entry.ended if etag is None else matches(etag, entry.etag)


async def _check_room(given: Services, caller: Principal, now: int) -> None:
    if given.backlog.is_full:
        raise Refusal(
            ErrorCode.BACKLOG_FULL, f"{given.backlog.size} requests wait already; send it again later", retry_after=30
        )
    limit = caller.requests_per_day or given.settings.gateway.requests_per_day
    if limit is not None and await given.store.count_use(caller.client_id, now // _DAY) > limit:
        raise Refusal(
            ErrorCode.QUOTA_EXCEEDED, f"{limit} requests a day are allowed", retry_after=(_DAY - now % _DAY) / MICROS
        )


def _time(text: str) -> int:
    """Of an RFC 3339 time, in microseconds. Raises DocbeamError(INVALID_REQUEST)."""
    try:
        if not _RFC_3339.fullmatch(text):
            raise ValueError
        found = datetime.fromisoformat(text.upper())
        if not 1970 <= found.year <= 9998:
            raise ValueError
    except ValueError:
        raise DocbeamError(
            ErrorCode.INVALID_REQUEST, "times are written as 2031-05-01T12:00:00Z, and lie between 1970 and 9998"
        ) from None
    return micros(found)
