"""Errors as `application/problem+json` (RFC 9457), with the codes of the one catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from schemas.errors import DocbeamError, ErrorCode

MEDIA_TYPE = "application/problem+json"
STATUSES: Mapping[ErrorCode, int] = {
    ErrorCode.INVALID_REQUEST: 400,
    ErrorCode.INVALID_LOCATION: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.PERMISSION_DENIED: 403,
    ErrorCode.LOCATION_FORBIDDEN: 403,
    ErrorCode.CALLBACK_FORBIDDEN: 403,
    ErrorCode.REQUEST_NOT_FOUND: 404,
    ErrorCode.NO_SUCH_RESOURCE: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.REQUEST_CONFLICT: 409,
    ErrorCode.REVIEW_TAKEN: 409,
    ErrorCode.REVIEW_LOST: 409,
    ErrorCode.REQUEST_EXPIRED: 410,
    ErrorCode.RECORD_TOO_LARGE: 413,
    ErrorCode.DOCUMENT_TOO_LARGE: 413,
    ErrorCode.DOCUMENT_EMPTY: 422,
    ErrorCode.DOCUMENT_INFECTED: 422,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 422,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.QUOTA_EXCEEDED: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.BACKLOG_FULL: 503,
    ErrorCode.SERVICE_UNAVAILABLE: 503,
}
"""What a call is answered with; every other code is told as 422: it is about the document or its reading."""
_OTHERS = 422


class Pointer(BaseModel):
    """One field that is wrong."""

    pointer: str
    """JSON pointer into the body, or the parameter's name."""
    detail: str


class Problem(BaseModel):
    """Why a call was not done."""

    model_config = ConfigDict(use_enum_values=True)

    type: str
    """Where the code is explained, relative to this server."""
    title: str
    status: int
    detail: str
    code: ErrorCode
    retryable: bool
    """Whether the same call may succeed later."""
    request_id: str | None = None
    errors: list[Pointer] = Field(default_factory=list)


class Refusal(DocbeamError):
    """A failure with what only HTTP says about it."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        retry_after: float | None = None,
        request_id: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.request_id = request_id
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(max(1, round(retry_after)))


def status_of(code: ErrorCode) -> int:
    """The HTTP status of a code."""
    return STATUSES.get(code, _OTHERS)


def problem(error: DocbeamError, errors: Sequence[Pointer] = (), status: int | None = None) -> Response:
    """The answer that tells a failure; `status` where HTTP has a closer one than the code's."""
    meaning = error.code.meaning
    told = Problem(
        type=f"/v1/errors/{error.code.value}",
        title=meaning.text,
        status=status or status_of(error.code),
        detail=error.message,
        code=error.code,
        retryable=meaning.retryable,
        request_id=getattr(error, "request_id", None),
        errors=list(errors),
    )
    headers = dict(getattr(error, "headers", {}))
    if error.code is ErrorCode.UNAUTHENTICATED:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if told.status == 503:
        headers.setdefault("Retry-After", "5")
    return Response(
        told.model_dump_json(exclude_none=True), status_code=told.status, media_type=MEDIA_TYPE, headers=headers
    )


def documented(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """What an operation's documentation says of the failures it may answer with."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in (*codes, *_EVERYWHERE):
        status = status_of(code)
        names = [each.value for each in (*codes, *_EVERYWHERE) if status_of(each) == status]
        found[status] = {
            "description": ", ".join(dict.fromkeys(names)),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found


_EVERYWHERE = (
    ErrorCode.INVALID_REQUEST,
    ErrorCode.UNAUTHENTICATED,
    ErrorCode.PERMISSION_DENIED,
    ErrorCode.RATE_LIMITED,
    ErrorCode.SERVICE_UNAVAILABLE,
)
