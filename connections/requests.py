"""The request in a record, or why nobody can read it. Imports no Beam."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from config.settings import RegistrySettings, SourceSettings
from connections.doubts import Doubts
from connections.recent import Recent
from connections.retry import Pauses, until_it_answers
from connections.writer_schemas import NotGiven, Said, answers_otherwise, writer_schema
from schemas.errors import DocbeamError, ErrorCode
from schemas.frames import Framed, unframe
from schemas.part import ReceivedRecord
from schemas.released import released_writers
from schemas.request import AnalysisRequest, as_avro_means, as_meant, check_request
from schemas.wire import RecordCodec

log = logging.getLogger(__name__)
_CODEC = RecordCodec(AnalysisRequest)
_TRIES = 3
_ODD_FACTOR = 3
"""So much longer than a plain no an odd answer has to last: it may be a registry that is being started."""
_AGAIN_SECONDS = 10.0
"""So long a record that a released schema reads does not ask for an id that was not given."""

_doubts = Doubts()
_lately: Recent[float] = Recent()

Guard = Callable[[ReceivedRecord], AbstractContextManager[object]]
"""What surrounds decoding, but not the waiting for a schema; may raise DocbeamError instead."""


def decode_avro(
    record: ReceivedRecord,
    registry: RegistrySettings,
    source: SourceSettings | None = None,
    guard: Guard = lambda record: nullcontext(),
) -> AnalysisRequest:
    """The request in a Confluent-framed Avro value. Waits for the registry where only it can tell.

    The registry's schema decides. While it gives none, a released schema that reads the body as a valid request is
    believed: bytes of another schema decode so by chance only. Raises DocbeamError.
    """
    limit = (source or SourceSettings()).max_request_bytes
    if record.value is None:
        raise DocbeamError(ErrorCode.UNDECODABLE_RECORD, "the record has no value")
    if len(record.value) > limit:
        size = len(record.value)
        raise DocbeamError(ErrorCode.UNDECODABLE_RECORD, f"{size} bytes; source.max_request_bytes is {limit}")
    framed = unframe(record.value, record.headers)
    return _Reading(record, framed, registry, guard).request()


def decode_json(record: ReceivedRecord) -> AnalysisRequest:
    """The request in a JSON value, as bounded runs read it.

    Raises DocbeamError(UNDECODABLE_RECORD).
    """
    return as_meant(_CODEC.from_json(record.value or b""))


class _Undecided(Exception):
    """Nobody can tell yet; the message says why."""


class _Reading:
    """One record on its way to a request."""

    def __init__(self, record: ReceivedRecord, framed: Framed, registry: RegistrySettings, guard: Guard) -> None:
        self._record = record
        self._framed = framed
        self._registry = registry
        self._guard = guard
        self._key = (registry.url, framed.schema_id)
        self._guessed = False
        self._guess: AnalysisRequest | None = None

    def request(self) -> AnalysisRequest:
        return until_it_answers(self._attempt, _why, log, pauses=Pauses(longest=5.0))

    def _attempt(self) -> AnalysisRequest:
        if self._lately_not_given() and self._guess is not None:
            return self._guess
        found = writer_schema(self._framed.schema_id, self._registry)
        if not isinstance(found, NotGiven):
            self._believe_nothing()
            _lately.drop(self._key)
            with self._guard(self._record):
                return as_avro_means(_CODEC.from_avro(self._framed.body, found))
        guess = self._released()
        if guess is not None and found.said is not Said.FOREIGN:
            _lately.put(self._key, time.monotonic() + _AGAIN_SECONDS)
            return guess
        raise self._judged(found)

    def _lately_not_given(self) -> bool:
        """Whether to spare the registry, and this record a time-out of it; if so, the guess is made.

        After a while one record asks again, and the others go on.
        """
        until = _lately.get(self._key)
        if until is None:
            return False
        if time.monotonic() < until:
            self._released()
            return True
        _lately.put(self._key, time.monotonic() + _AGAIN_SECONDS)
        return False

    def _released(self) -> AnalysisRequest | None:
        """The request as a released schema reads it."""
        if not self._guessed:
            self._guessed = True
            with self._guard(self._record):
                self._guess = _guess(self._framed.body)
        return self._guess

    def _judged(self, found: NotGiven) -> Exception:
        """The error of the record, once what was said of its schema can be believed."""
        told = f"schema id {self._framed.schema_id}: {found.reason}"
        if not answers_otherwise(found.said, f"{self._record.delivery.topic}-value", self._registry):
            self._believe_nothing()
            known = "" if found.said is not Said.UNKNOWN else "; it knows neither the topic's subject nor earlier ids"
            return _Undecided(f"a record waits for the schema registry; {told}{known}")
        unknown = found.said is Said.UNKNOWN
        seconds = self._registry.doubt_seconds * (1 if unknown else _ODD_FACTOR)
        if not _doubts.refused((self._key, found.said), _TRIES, seconds):
            return _Undecided(f"a record waits for its schema; {told}")
        return DocbeamError(ErrorCode.UNKNOWN_SCHEMA if unknown else ErrorCode.SCHEMA_UNAVAILABLE, told)

    def _believe_nothing(self) -> None:
        for said in Said:
            _doubts.forget((self._key, said))


def _guess(body: bytes) -> AnalysisRequest | None:
    for schema in released_writers("analysis_request"):
        try:
            return check_request(as_avro_means(_CODEC.from_avro(body, schema)))
        except DocbeamError:
            continue
    return None


def _why(error: Exception) -> str | None:
    return str(error) if isinstance(error, _Undecided) else None
