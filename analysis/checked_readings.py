"""What a model answered about regions, held against its contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from analysis.writable import writable
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldState
from schemas.reading import Reading

_READINGS = TypeAdapter(list[Reading])


def checked_readings(model: str, answer: Any, expected: int) -> list[dict[str, Any]]:
    """The readings as JSON-ready values.

    Raises DocbeamError(MODEL_CONTRACT_BROKEN) for another count, other types, values that cannot be written,
    confidences that are none, and places left unread. The message quotes nothing that was read.
    """
    count = len(answer) if isinstance(answer, Sequence) else type(answer).__name__
    if count != expected:
        raise _broken(f"{model} answered {count} readings for {expected} regions")
    for reading in answer:
        if not isinstance(reading, Reading):
            raise _broken(f"{model} answered a {type(reading).__name__}, no Reading")
        if reading.state is FieldState.NOT_READ:
            raise _broken(f"{model} left a region unread")
    try:
        plain: list[dict[str, Any]] = writable(_READINGS, list(answer))
    except ValueError as error:
        raise _broken(f"{model} answered what cannot be written: {error}") from None
    if not all(0 <= confidence <= 1 for reading in answer for confidence in _confidences(reading)):
        raise _broken(f"{model} answered a confidence that is not within 0 to 1")
    return plain


def _confidences(reading: Reading) -> Iterator[float]:
    yield reading.confidence
    yield from reading.characters
    yield from reading.scores.values()
    yield from (other.confidence for other in reading.alternatives)


def _broken(message: str) -> DocbeamError:
    return DocbeamError(ErrorCode.MODEL_CONTRACT_BROKEN, message)
