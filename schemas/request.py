"""What a client asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from schemas.errors import DocbeamError, ErrorCode

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_USE_CASE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_LOCATION_CHARACTERS = 2048


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """Where the document is, and which one exactly if the client knows."""

    location: str
    """gs://, s3://, https:// or file:// URL."""
    media_type: str | None = None
    """What the client believes it is; the content decides."""
    sha256: str | None = None
    """Lower-case hex; a document of another hash is refused."""
    generation: str | None = None
    """Object generation (gs) or version id (s3) to read."""


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """One document to analyse for one use case; answered by exactly one result."""

    request_id: str
    """1 to 128 of `[A-Za-z0-9._:-]`, chosen by the client; the key of the answer."""
    document: DocumentReference
    use_case: str
    parameters: dict[str, str] = field(default_factory=dict)
    """Free settings the use case may read."""
    client_id: str = ""
    submitted_at: datetime | None = None


def as_meant(request: AnalysisRequest) -> AnalysisRequest:
    """The request with what languages write that have no null: empty text where nothing is; and hex as it is compared.

    .NET writes hex in capitals.
    """
    document = request.document
    meant = replace(
        document,
        media_type=document.media_type or None,
        sha256=document.sha256.lower() if document.sha256 else None,
        generation=document.generation or None,
    )
    return replace(request, document=meant)


def as_avro_means(request: AnalysisRequest) -> AnalysisRequest:
    """As `as_meant`, of a request in Avro: symbols of its enums have no dashes, so `ANY_FORM` is `any-form`."""
    return as_meant(replace(request, use_case=request.use_case.lower().replace("_", "-")))


def check_request(request: AnalysisRequest) -> AnalysisRequest:
    """Return `request` if its fields are valid.

    Raises DocbeamError(INVALID_REQUEST) naming the first field that is not.
    """
    if not REQUEST_ID.fullmatch(request.request_id):
        raise _invalid("request_id must be 1 to 128 characters of A-Z a-z 0-9 . _ : -")
    if not _USE_CASE.fullmatch(request.use_case):
        raise _invalid("use_case must be lower-case letters, digits and dashes, at most 63")
    location = request.document.location
    if not location or len(location) > MAX_LOCATION_CHARACTERS:
        raise _invalid(f"document.location must be 1 to {MAX_LOCATION_CHARACTERS} characters")
    if request.document.sha256 is not None and not _SHA256.fullmatch(request.document.sha256):
        raise _invalid("document.sha256 must be 64 lower-case hexadecimal digits")
    return request


def now() -> datetime:
    """The current time as every record carries it: aware, UTC."""
    return datetime.now(UTC)


def _invalid(message: str) -> DocbeamError:
    return DocbeamError(ErrorCode.INVALID_REQUEST, message)
