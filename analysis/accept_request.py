"""Whether a request that could be read may be worked on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from schemas.errors import DocbeamError, ErrorCode
from schemas.part import ReceivedRequest
from schemas.request import check_request

STAGE = "decode requests"


def accept(received: ReceivedRequest, use_cases: Collection[str]) -> ReceivedRequest:
    """The request, with the error it must end with if it is not valid or asks for what is not installed."""
    try:
        check_request(received.request)
        if received.request.use_case not in use_cases:
            known = ", ".join(sorted(use_cases)) or "none"
            raise DocbeamError(
                ErrorCode.UNKNOWN_USE_CASE,
                f"there is no use case {received.request.use_case!r}; known use cases: {known}",
            )
    except DocbeamError as error:
        return replace(received, errors=(error.item(STAGE),))
    return received
