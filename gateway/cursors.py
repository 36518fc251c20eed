"""Where a page of a list ends, as an opaque text."""

from __future__ import annotations

import base64
import binascii
import json

from gateway.entries import Entry
from schemas.errors import DocbeamError, ErrorCode
from schemas.request import REQUEST_ID

_MOST = 2**62


def cursor_of(entry: Entry) -> str:
    """The page after the one that ends with this entry."""
    return base64.urlsafe_b64encode(json.dumps([entry.created_at, entry.request_id]).encode()).decode()


def place_in(cursor: str) -> tuple[int, str]:
    """created_at and request_id. Raises DocbeamError(INVALID_REQUEST) for a text of somebody else's making."""
    try:
        said = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError):
        said = None
    if (
        isinstance(said, list)
        and len(said) == 2
        and type(said[0]) is int
        and 0 <= said[0] < _MOST
        and isinstance(said[1], str)
        and REQUEST_ID.fullmatch(said[1])
    ):
        return said[0], said[1]
    raise DocbeamError(ErrorCode.INVALID_REQUEST, "cursor is not one that a list was answered with")
