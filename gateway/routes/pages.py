"""Pictures of a request's pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from gateway.etags import matches
from gateway.problems import documented
from gateway.routes.given import Given, Receiver
from gateway.routes.requests import visible
from schemas.errors import ErrorCode

router = APIRouter(tags=["requests"])


@router.get(
    "/v1/requests/{request_id}/pages/{number}.png",
    summary="Draw a page",
    response_class=Response,
    responses={
        200: {"description": "PNG.", "content": {"image/png": {}}},
        304: {"description": "It is as `If-None-Match` says."},
        **documented(
            ErrorCode.REQUEST_NOT_FOUND,
            ErrorCode.NO_SUCH_RESOURCE,
            ErrorCode.REQUEST_EXPIRED,
            ErrorCode.PAGE_UNREADABLE,
            ErrorCode.DOCUMENT_NOT_FOUND,
            ErrorCode.DOCUMENT_CHANGED,
        ),
    },
)
async def page(
    request_id: str,
    number: Annotated[int, Path(ge=1, le=100_000)],
    given: Given,
    caller: Receiver,
    overlay: Annotated[bool, Query(description="with what was found drawn in")] = True,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A page of the document as a viewer shows it, from the store it lies in, as long as it is the same document."""
    entry = await visible(request_id, given, caller)
    headers = {"ETag": entry.etag, "Cache-Control": "private, max-age=300"}
    # Until the end there is no picture, and after it the tag is another.
    if entry.result is not None and matches(if_none_match, entry.etag):
        return Response(status_code=304, headers=headers)
    picture = await given.pages.picture(entry, number, caller, overlay=overlay)
    return Response(picture, media_type="image/png", headers=headers)
