"""What the gateway answers, as records."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from clients.rest.failure import NotReached
from schemas.correction import Correction
from schemas.errors import ErrorItem
from schemas.progress import RequestStatus
from schemas.request import DocumentReference
from schemas.result import AnalysisResult

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The request is kept and will end in exactly one result."""

    request_id: str
    created_at: datetime
    expires_at: datetime
    """Until then the result can be received."""


@dataclass(frozen=True, slots=True)
class RequestState:
    """A request as the gateway has it now."""

    request_id: str
    status: RequestStatus
    use_case: str
    client_id: str
    document: DocumentReference
    created_at: datetime
    updated_at: datetime
    deadline_at: datetime
    expires_at: datetime
    attempts: int
    error: ErrorItem | None = None
    """Why it failed."""
    result: AnalysisResult | None = None
    """Once it has ended; never in a list."""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A document that the gateway keeps for its client."""

    location: str
    """To be sent."""
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """What people have said of a request's fields."""

    corrections: tuple[Correction, ...]
    """Oldest first; the last of a field counts."""
    to_review: int
    """Fields that a person should still look at."""


@dataclass(frozen=True, slots=True)
class Page:
    """Of a list."""

    requests: tuple[RequestState, ...]
    next: str | None


_RECEIPT = TypeAdapter(Receipt)
_STATE = TypeAdapter(RequestState)
_UPLOAD = TypeAdapter(Upload)
_PAGE = TypeAdapter(Page)
_CORRECTIONS = TypeAdapter(Corrections)


def receipt_in(body: bytes) -> Receipt:
    """The receipt. Raises NotReached for what no gateway says."""
    return _read(_RECEIPT, body)


def state_in(body: bytes, etag: str) -> RequestState:
    """The state. Raises NotReached for what no gateway says."""
    return dataclasses.replace(_read(_STATE, body), etag=etag)


def upload_in(body: bytes) -> Upload:
    """The upload. Raises NotReached for what no gateway says."""
    return _read(_UPLOAD, body)


def corrections_in(body: bytes) -> Corrections:
    """What people have said. Raises NotReached for what no gateway says."""
    return _read(_CORRECTIONS, body)


def page_in(body: bytes) -> Page:
    """A page of a list. Raises NotReached for what no gateway says."""
    return _read(_PAGE, body)


def _read(adapter: TypeAdapter[T], body: bytes) -> T:
    try:
        return adapter.validate_json(body)
    except ValidationError:
        raise NotReached("what answers there is no docbeam gateway of this version; check the URL") from None
