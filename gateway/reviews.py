"""What is kept of people who look through a request's fields; the result itself stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from gateway.entries import packed, unpacked
from schemas.correction import Correction
from schemas.errors import DocbeamError, ErrorCode
from schemas.result import AnalysisResult, Field, FieldKey

MOST_BYTES = 16_000_000
"""Of one request's corrections as JSON, some ten thousand: all are read and written with each that comes."""
_CORRECTIONS = TypeAdapter(tuple[Correction, ...])


@dataclass(frozen=True, slots=True)
class Lock:
    """Who has a request for themselves. Times are microseconds since 1970, UTC."""

    token: str
    """Known to its holder only; empty where nobody has the request."""
    holder: str
    """For people."""
    until: int


@dataclass(frozen=True, slots=True)
class Review:
    """Of one request, as a store keeps it."""

    request_id: str
    to_review: int
    """Fields that nobody has judged yet and somebody should."""
    lock: Lock
    corrections: bytes | None
    """JSON, zstd; oldest first."""
    count: int
    """Of them."""
    told: int
    """So many of them, from the first, are on the topic and in BigQuery."""
    due_at: int | None
    """When to tell the others; None where there are none."""

    def judged(self) -> tuple[Correction, ...]:
        """Every correction, oldest first."""
        return () if self.corrections is None else _CORRECTIONS.validate_json(unpacked(self.corrections))


@dataclass(frozen=True, slots=True)
class Judged:
    """What a store takes on: all corrections of a request, with those that are new."""

    corrections: bytes
    count: int
    known: int
    """How many there were; the store refuses where there are more by now."""
    to_review: int
    at: int


def corrections_json(corrections: Sequence[Correction]) -> bytes:
    """As `Review.corrections` holds them. Raises DocbeamError(RECORD_TOO_LARGE)."""
    text = _CORRECTIONS.dump_json(tuple(corrections))
    if len(text) > MOST_BYTES:
        raise DocbeamError(
            ErrorCode.RECORD_TOO_LARGE, f"what was said of this request would have more than {MOST_BYTES} bytes"
        )
    return packed(text)


def newest(corrections: Sequence[Correction]) -> Mapping[FieldKey, Correction]:
    """The one that counts for each field that was judged."""
    return {each.read.key: each for each in corrections}


def doubtful(result: AnalysisResult | None, below: float) -> Iterator[Field]:
    """Fields that somebody should look at: marked by their form, or less sure than `below`."""
    for field in () if result is None else result.fields:
        if field.review or (field.confidence is not None and field.confidence < below):
            yield field
