"""Records of the two topics, read for the store. Runs in the threads that read them, and may wait for the registry."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from config.settings import RegistrySettings, Settings
from connections.requests import decode_avro
from connections.retry import Pauses, until_it_answers
from connections.writer_schemas import NotGiven, answers_otherwise, writer_schema
from schemas.errors import DocbeamError, ErrorCode
from schemas.frames import unframe
from schemas.part import Delivery, ReceivedRecord
from schemas.released import released_writers
from schemas.request import REQUEST_ID, AnalysisRequest, now
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

log = logging.getLogger(__name__)
_RESULTS = RecordCodec(AnalysisResult)


class _Undecided(Exception):
    """The registry does not say yet."""


def result_in(record: ConsumerRecord, registry: RegistrySettings) -> AnalysisResult:
    """The result; waits for a registry that is away unless a released schema reads it as the key's.

    Raises DocbeamError for what is none.
    """
    framed = unframe(record.value or b"", record.headers)
    subject = f"{record.topic}-value"

    def attempt() -> AnalysisResult:
        found = writer_schema(framed.schema_id, registry)
        if not isinstance(found, NotGiven):
            return _RESULTS.from_avro(framed.body, found)
        guess = _by_released_schema(framed.body, record.key)
        if guess is not None:
            return guess
        if answers_otherwise(found.said, subject, registry):
            raise DocbeamError(ErrorCode.UNKNOWN_SCHEMA, found.reason)
        raise _Undecided(f"a result waits for the schema registry: {found.reason}")

    return until_it_answers(
        attempt, lambda error: str(error) if isinstance(error, _Undecided) else None, log, pauses=Pauses(longest=5.0)
    )


def request_in(record: ConsumerRecord, settings: Settings) -> AnalysisRequest:
    """The request, valid or not but for its id, which has the form of one. Raises DocbeamError."""
    delivery = Delivery(record.topic, record.partition, record.offset, record.offset - 1, now())
    received = ReceivedRecord(delivery, record.key, record.value, tuple(record.headers))
    request = decode_avro(received, settings.registry, settings.source)
    if not REQUEST_ID.fullmatch(request.request_id):
        raise DocbeamError(ErrorCode.INVALID_REQUEST, "the record has no request id")
    return request


def _by_released_schema(body: bytes, key: bytes | None) -> AnalysisResult | None:
    for schema in released_writers("analysis_result"):
        try:
            found = _RESULTS.from_avro(body, schema)
        except DocbeamError:
            continue
        if key is not None and found.request_id.encode() == key:
            return found
    return None
