"""What calls carry and are answered with, as OpenAPI tells it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.clock import moment
from gateway.entries import Entry, Origin, unpacked
from schemas.errors import ErrorItem
from schemas.progress import RequestStatus
from schemas.request import MAX_LOCATION_CHARACTERS, DocumentReference
from schemas.result import AnalysisResult

RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
Short = Annotated[str, StringConstraints(max_length=256)]
_NO_DOTS = frozenset({".", ".."})
"""Valid ids, but an address that ends so is another address to every client."""


class SendBody(BaseModel):
    """One document to analyse."""

    model_config = ConfigDict(extra="forbid")

    location: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LOCATION_CHARACTERS)]
    """gs://, s3://, https:// or file:// URL of the document."""
    use_case: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    request_id: RequestId | None = None
    """Chosen by the client, or by the gateway. The same id with the same content is the same request."""
    media_type: Short | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    generation: Short | None = None
    parameters: Annotated[dict[Short, Short], Field(max_length=64)] = Field(default_factory=dict)
    callback_url: Annotated[str, StringConstraints(max_length=MAX_LOCATION_CHARACTERS)] | None = None
    """Called with a signed message when the request has ended."""

    @property
    def names_a_path(self) -> bool:
        """Whether the id would be lost from the request's own address."""
        return self.request_id in _NO_DOTS


class Receipt(BaseModel):
    """The request is kept and will be worked on."""

    request_id: str
    status: Literal["received"] = "received"
    created_at: datetime
    expires_at: datetime
    url: str
    """Where its state is, relative to this server."""


class RequestSummary(BaseModel):
    """A request without its result."""

    request_id: str
    status: RequestStatus
    use_case: str
    client_id: str
    document: DocumentReference
    origin: Origin
    created_at: datetime
    updated_at: datetime
    deadline_at: datetime
    expires_at: datetime
    attempts: int
    """How often it was written to Kafka; more than once after a crash or an outage."""
    error: ErrorItem | None = None


class ListedRequest(RequestSummary):
    """A request in a list."""

    to_review: int
    """Fields that a person should still look at."""


class RequestView(RequestSummary):
    """A request and, once it has ended, its result."""

    result: AnalysisResult | None = None


class RequestList(BaseModel):
    """A page of requests, newest first."""

    requests: list[ListedRequest]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


def summary(entry: Entry) -> dict[str, Any]:
    """JSON-ready `RequestSummary`."""
    return {
        "request_id": entry.request_id,
        "status": entry.status.value,
        "use_case": entry.use_case,
        "client_id": entry.client_id,
        "document": json.loads(entry.request)["document"],
        "origin": entry.origin.value,
        "created_at": _time(entry.created_at),
        "updated_at": _time(entry.updated_at),
        "deadline_at": _time(entry.deadline_at),
        "expires_at": _time(entry.expires_at),
        "attempts": entry.attempts,
        "error": None if entry.error is None else json.loads(entry.error),
    }


def listed(entry: Entry) -> dict[str, Any]:
    """JSON-ready `ListedRequest`."""
    return summary(entry) | {"to_review": entry.to_review}


def view(entry: Entry) -> bytes:
    """`RequestView` as JSON; the result is taken as it is kept, since reading it would cost more than all the rest."""
    head = json.dumps(summary(entry))[:-1].encode()
    return head + b', "result": ' + (b"null" if entry.result is None else unpacked(entry.result)) + b"}"


def _time(micros: int) -> str:
    return moment(micros).isoformat()
