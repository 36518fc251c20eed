"""What a client does, without doing it: generators that yield calls and pauses and are sent the answers.

One driver waits with threads, the other with asyncio; what is tried again, and when, is decided here for both.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from clients.rest.failure import NotReached, Refused, TimedOut
from clients.rest.records import (
    Corrections,
    Page,
    Receipt,
    RequestState,
    Upload,
    corrections_in,
    page_in,
    receipt_in,
    state_in,
    upload_in,
)
from schemas.progress import RequestStatus

T = TypeVar("T")
Progress = Callable[[RequestState], None]
LONG_POLL_SECONDS = 20.0
_ANSWER_SECONDS = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_LATER = (429, 502, 503, 504)
"""Answers of a gateway, or of what stands before one, that may be others soon."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    timeout: float = _ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds to wait."""

    seconds: float


Steps = Generator[Call | Pause, Any, T]
"""Is sent an `httpx.Response` for a call, or thrown what httpx raised; anything for a pause."""


def send(
    location: str,
    use_case: str,
    *,
    request_id: str | None,
    parameters: Mapping[str, str] | None,
    media_type: str | None,
    sha256: str | None,
    generation: str | None,
    callback_url: str | None,
    patience: float,
) -> Steps[Receipt]:
    """Send a request; the id is made here, so that a call that is repeated makes no second one."""
    said = {
        "request_id": request_id or str(uuid.uuid4()), "location": location, "use_case": use_case,
        "parameters": dict(parameters or {}), "media_type": media_type, "sha256": sha256, "generation": generation,
        "callback_url": callback_url,
    }  # fmt: skip
    content = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
    headers = {"Content-Type": "application/json"}
    answer = yield from _answered(Call("POST", "/v1/requests", headers=headers, content=content), patience)
    return receipt_in(answer.content)


def receive(request_id: str, *, wait: float, patience: float) -> Steps[RequestState]:
    """The state now, or once the request has ended or `wait` seconds are over."""
    params = {"wait": f"{round(wait)}s"} if wait >= 1 else {}
    call = Call("GET", _address(request_id), params, timeout=_ANSWER_SECONDS + wait)
    answer = yield from _answered(call, patience)
    return state_in(answer.content, answer.headers.get("etag", ""))


def wait(request_id: str, *, timeout: float, progress: Progress | None, patience: float) -> Steps[RequestState]:
    """The state once the request has ended; `progress` is told each status on the way."""
    deadline = time.monotonic() + timeout
    known: RequestState | None = None
    while True:
        left = deadline - time.monotonic()
        params = {} if known is None else {"wait": f"{max(0, round(min(left, LONG_POLL_SECONDS)))}s"}
        headers = {} if known is None else {"If-None-Match": known.etag}
        asked = time.monotonic()
        call = Call("GET", _address(request_id), params, headers, timeout=_ANSWER_SECONDS + LONG_POLL_SECONDS)
        answer = yield from _answered(call, max(patience, left))
        if answer.status_code != httpx.codes.NOT_MODIFIED:
            known = state_in(answer.content, answer.headers.get("etag", ""))
            if progress is not None:
                progress(known)
            if known.status.ended:
                return known
        if time.monotonic() >= deadline:
            status = "unknown" if known is None else known.status.value
            raise TimedOut(f"{request_id} has not ended within {timeout:g} s; it is {status}")
        if params and time.monotonic() - asked < 0.5:
            # Too many wait there already: this one asks now and then.
            yield Pause(min(1.0, max(0.0, deadline - time.monotonic())))


def page(
    statuses: Sequence[RequestStatus],
    use_case: str | None,
    period: tuple[datetime | None, datetime | None],
    *,
    cursor: str | None,
    patience: float,
) -> Steps[Page]:
    """One page of a list, of requests from the first to before the second time of `period`."""
    since, until = (None if time is None else time.isoformat() for time in period)
    said = {
        "status": [status.value for status in statuses], "use_case": use_case, "cursor": cursor, "limit": 200,
        "since": since, "until": until,
    }  # fmt: skip
    params = {name: value for name, value in said.items() if value}
    answer = yield from _answered(Call("GET", "/v1/requests", params), patience)
    return page_in(answer.content)


def corrections(request_id: str, *, patience: float) -> Steps[Corrections]:
    """What people have said of its fields."""
    answer = yield from _answered(Call("GET", f"{_address(request_id)}/corrections"), patience)
    return corrections_in(answer.content)


def upload(content: bytes, *, patience: float) -> Steps[Upload]:
    """Have a document kept."""
    headers = {"Content-Type": "application/octet-stream"}
    call = Call("POST", "/v1/documents", headers=headers, content=content, timeout=600)
    answer = yield from _answered(call, patience)
    return upload_in(answer.content)


def picture(request_id: str, number: int, *, overlay: bool, patience: float) -> Steps[bytes]:
    """A page as PNG."""
    path = f"{_address(request_id)}/pages/{number}.png"
    answer = yield from _answered(Call("GET", path, {"overlay": str(overlay).lower()}, timeout=120), patience)
    return bytes(answer.content)


def _answered(call: Call, patience: float) -> Steps[httpx.Response]:
    """The answer to a call, which is repeated for up to `patience` seconds where that may help.

    Raises Refused, NotReached.
    """
    ends = time.monotonic() + patience
    pause = _FIRST_PAUSE
    while True:
        problem: Refused | NotReached
        asked_for: float | None = None
        try:
            response: httpx.Response = yield call
            if response.status_code < 300 or response.status_code == httpx.codes.NOT_MODIFIED:
                return response
            problem = _refused(response)
            if response.status_code not in _LATER:
                raise problem
            asked_for = problem.retry_after
        except (httpx.TransportError, httpx.InvalidURL) as error:
            problem = NotReached(f"no gateway answers ({type(error).__name__}); check client.url")
            if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
                raise problem from None
        seconds = max(asked_for or 0.0, pause * random.uniform(0.5, 1.0))
        if time.monotonic() + seconds > ends:
            raise problem
        yield Pause(seconds)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _refused(response: httpx.Response) -> Refused:
    try:
        said = response.json()
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    return Refused(
        str(said.get("code", f"http_{response.status_code}")),
        str(said.get("detail") or response.reason_phrase)[:500],
        response.status_code,
        retryable=bool(said.get("retryable", response.status_code in _LATER)),
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _seconds(header: str | None) -> float | None:
    if header is None:
        return None
    if header.isdecimal():
        return float(min(int(header[:9]), 86_400))
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _address(request_id: str) -> str:
    return f"/v1/requests/{quote(request_id, safe='')}"
