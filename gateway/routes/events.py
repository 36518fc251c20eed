"""A request's changes as server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from gateway.bodies import summary
from gateway.entries import Entry
from gateway.principal import Principal
from gateway.problems import documented
from gateway.routes.given import Given, Receiver
from gateway.routes.requests import visible
from gateway.services import Services
from gateway.stores.contract import StoreUnavailable
from schemas.errors import DocbeamError, ErrorCode

router = APIRouter(tags=["requests"])
_KEEP_ALIVE_SECONDS = 15.0
_SCHEMA = {
    "type": "object",
    "properties": {
        "event": {"const": "status"},
        "id": {"type": "string", "description": "grows with each change"},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "a `RequestSummary`"},
    },
}
_LONGEST_SECONDS = 600.0
"""Then the client connects anew, which browsers do by themselves."""


@router.get(
    "/v1/requests/{request_id}/events",
    summary="Follow a request",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "`status` events with the request, without its result; the stream ends with the request.",
            "content": {"text/event-stream": {"schema": _SCHEMA}},
        },
        **documented(ErrorCode.REQUEST_NOT_FOUND, ErrorCode.REQUEST_EXPIRED),
    },
)
async def events(request_id: str, given: Given, caller: Receiver) -> Response:
    """The request as it is now, and then at each change."""
    entry = await visible(request_id, given, caller)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_changes(entry, given, caller), media_type="text/event-stream", headers=headers)


async def _changes(entry: Entry, given: Services, caller: Principal) -> AsyncIterator[str]:
    ends = time.monotonic() + _LONGEST_SECONDS
    yield _event(entry)
    while not entry.ended and time.monotonic() < ends and not given.changes.stopping:
        if not given.changes.has_room(caller.client_id):
            return
        await given.changes.wait(entry.request_id, entry.version, _KEEP_ALIVE_SECONDS, caller.client_id)
        try:
            now = await visible(entry.request_id, given, caller)
        except (DocbeamError, StoreUnavailable):
            return
        # JSON of one line: what a client wrote cannot begin an event of its own.
        yield _event(now) if now.version != entry.version else ": still the same\n\n"
        entry = now


def _event(entry: Entry) -> str:
    return f"event: status\nid: {entry.version}\ndata: {json.dumps(summary(entry))}\n\n"
