"""How records are written between stages and into state: JSON, which added fields do not break."""

from __future__ import annotations

from functools import cache
from typing import Any

from apache_beam import coders
from pydantic import TypeAdapter

from schemas.part import Answer, DeadLetter, Delivery, DocumentPart, ReceivedRecord, ReceivedRequest


@cache
def _adapter(record: type) -> TypeAdapter[Any]:
    """Made once a process: it takes longer than a bundle, and Beam makes coders anew for each concurrent one."""
    return TypeAdapter(record)


class _RecordCoder(coders.Coder):
    """A record as JSON. Subclasses name the record, so that a coder pickles to a name only."""

    record: type

    def encode(self, value: Any) -> bytes:
        return _adapter(self.record).dump_json(value)

    def decode(self, encoded: bytes) -> Any:
        return _adapter(self.record).validate_json(encoded)

    def is_deterministic(self) -> bool:
        return True

    def to_type_hint(self) -> type:
        return self.record

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class DeliveryCoder(_RecordCoder):
    """Of `Delivery`."""

    record = Delivery


class ReceivedRecordCoder(_RecordCoder):
    """Of `ReceivedRecord`."""

    record = ReceivedRecord


class ReceivedRequestCoder(_RecordCoder):
    """Of `ReceivedRequest`."""

    record = ReceivedRequest


class DocumentPartCoder(_RecordCoder):
    """Of `DocumentPart`."""

    record = DocumentPart


class AnswerCoder(_RecordCoder):
    """Of `Answer`."""

    record = Answer


class DeadLetterCoder(_RecordCoder):
    """Of `DeadLetter`."""

    record = DeadLetter


def register() -> None:
    """Make Beam use these coders wherever it infers one of the records."""
    for coder in (
        DeliveryCoder,
        ReceivedRecordCoder,
        ReceivedRequestCoder,
        DocumentPartCoder,
        AnswerCoder,
        DeadLetterCoder,
    ):
        coders.registry.register_coder(coder.record, coder)


register()
