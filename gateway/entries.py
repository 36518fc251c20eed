"""What the gateway keeps of a request, and how its status moves: forward only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import zstandard

from schemas.errors import ErrorItem
from schemas.progress import RequestStatus
from schemas.request import AnalysisRequest
from schemas.result import AnalysisResult, ResultStatus
from schemas.wire import RecordCodec

MICROS = 1_000_000
_REQUESTS = RecordCodec(AnalysisRequest)
_RESULTS = RecordCodec(AnalysisResult)
_ERRORS = RecordCodec(ErrorItem)
_MOST_UNPACKED_BYTES = 256_000_000


class Origin(StrEnum):
    """Which door a request came through."""

    REST = "rest"
    KAFKA = "kafka"


SENT_RANK, RETRYABLE_RANK, FINAL_RANK, EXPIRED_RANK = 1, 2, 3, 4
_RANKS = {RequestStatus.RECEIVED: 0, RequestStatus.PROCESSING: SENT_RANK}
_STATUSES = {
    ResultStatus.COMPLETE: RequestStatus.READY,
    ResultStatus.PARTIAL: RequestStatus.PARTIAL,
    ResultStatus.REJECTED: RequestStatus.REJECTED,
    ResultStatus.FAILED: RequestStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as a store keeps it. Times are microseconds since 1970, UTC."""

    request_id: str
    client_id: str
    use_case: str
    origin: Origin
    status: RequestStatus
    rank: int
    """Only ever grows: 0 received, 1 processing, 2 failed in a way that may pass, 3 ended for good, 4 expired."""
    version: int
    """Changes since the entry was made."""
    created_at: int
    updated_at: int
    deadline_at: int
    expires_at: int
    request: bytes
    """`AnalysisRequest` as JSON; empty once expired."""
    body_hash: str
    """Of what the client asked for: the same id may only be used for the same."""
    attempts: int = 0
    """How often it was written to Kafka, or tried."""
    due_at: int | None = None
    """When to write it to Kafka (again); None when there is nothing to write."""
    result: bytes | None = None
    """`AnalysisResult` as JSON, zstd; None until there is one, and once expired."""
    error: bytes | None = None
    """`ErrorItem` as JSON."""
    callback_url: str = ""
    callback_due_at: int | None = None
    callback_attempts: int = 0
    to_review: int = 0
    """Fields that a person should still look at. Changes after the end, so a cached entry does not know it."""

    @property
    def ended(self) -> bool:
        """Whether there is an answer."""
        return self.rank >= RETRYABLE_RANK

    @property
    def expired(self) -> bool:
        """Whether only the id is left."""
        return self.rank >= EXPIRED_RANK

    @property
    def etag(self) -> str:
        """Changes whenever the entry does."""
        # Sending it again is told, and no change of status.
        return f'"{self.created_at:x}-{self.version:x}-{self.attempts:x}"'

    def analysis_request(self) -> AnalysisRequest:
        """What was asked."""
        return _REQUESTS.from_json(self.request)


@dataclass(frozen=True, slots=True)
class Change:
    """A step forward; a store takes it only where it increases the entry's rank."""

    status: RequestStatus
    rank: int
    at: int
    result: bytes | None = None
    error: bytes | None = None
    to_review: int = 0

    @classmethod
    def sent(cls, at: int) -> Change:
        """The request is on Kafka."""
        return cls(RequestStatus.PROCESSING, SENT_RANK, at)

    @classmethod
    def failed(cls, error: ErrorItem, at: int) -> Change:
        """The gateway itself ends the request."""
        return cls(RequestStatus.FAILED, _ended_rank(error), at, error=_ERRORS.to_json(error).encode())

    @classmethod
    def answered(cls, result: AnalysisResult, at: int, to_review: int = 0) -> Change:
        """The job's answer, so many of whose fields are for a person."""
        status = _STATUSES[result.status]
        error = result.errors[0] if status is RequestStatus.FAILED and result.errors else None
        return cls(
            status,
            _ended_rank(error),
            at,
            packed(_RESULTS.to_json(result).encode()),
            None if error is None else _ERRORS.to_json(error).encode(),
            to_review,
        )


def rank_of(status: RequestStatus) -> int:
    """Of a request without an answer."""
    return _RANKS[status]


def packed(text: bytes) -> bytes:
    """Compressed: a result is mostly names of fields."""
    return zstandard.compress(text, 3)


def unpacked(data: bytes) -> bytes:
    """What `packed` was given. Raises zstandard.ZstdError."""
    return zstandard.decompress(data, max_output_size=_MOST_UNPACKED_BYTES)


def stored_result(entry: Entry) -> AnalysisResult | None:
    """The result as a record."""
    return None if entry.result is None else _RESULTS.from_json(unpacked(entry.result))


def request_json(request: AnalysisRequest) -> bytes:
    """As `Entry.request` holds it."""
    return _REQUESTS.to_json(request).encode()


def _ended_rank(error: ErrorItem | None) -> int:
    """What may pass is not the last word: `docbeam replay`, or a late result, may still answer better."""
    return RETRYABLE_RANK if error is not None and error.retryable else FINAL_RANK
