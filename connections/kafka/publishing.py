"""Records to Kafka, each known to be stored before `publish` returns. Imports no Beam.

One producer of the process serves all callers, so that records of several threads share a request. It is replaced
when a record fails: after a refusal kafka-python's idempotent producer (3.0.12) fails everything else it holds with
the same error. So nobody believes such an error: each record is sent once more by a producer of its own, and only
what that one says is said of this record.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import TypeVar

from kafka import KafkaProducer
from kafka.errors import (
    CorruptRecordError,
    InvalidRecordError,
    InvalidTimestampError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
)

from config.settings import KafkaSettings
from connections.kafka import record_building
from connections.kafka.clients import producer
from connections.kafka.outgoing import OutgoingRecord
from connections.retry import Pauses, until_it_answers

T = TypeVar("T")
log = logging.getLogger(__name__)
_MARGIN_SECONDS = 10
"""The producer's own time-out is the one that counts; this is for a producer that does not keep it."""
_REFUSALS = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidRecordError,
    InvalidTimestampError,
    CorruptRecordError,
    PolicyViolationError,
)


class NotPublished(KafkaError):
    """The brokers did not take a record within `kafka.delivery_seconds`, or refuse even the smallest form of it.

    The one exception that may leave a step: no input causes it. Nothing was committed; the job starts anew and reads
    the record again.
    """


class _Refused(Exception):
    """The client or a broker will not take this record, however often it is asked."""


class Publisher:
    """Publishes for every thread of the process."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._shared: KafkaProducer | None = None
        self._users = 0

    def publish(self, forms: Iterable[tuple[T, OutgoingRecord]]) -> T:
        """Store the first of `forms` that is not refused; returns what stands beside it.

        Later forms say the same in less and are only asked for when one was refused. Blocks until the brokers have
        the record. Raises NotPublished.
        """
        deadline = time.monotonic() + self._settings.delivery_seconds
        refusal: Exception | None = None
        for number, (meaning, record) in enumerate(forms):
            try:
                if number > 0 or not self._sent_with_others(record):
                    self._send_alone(record, deadline)
                return meaning
            except _Refused as error:
                log.warning("a record of %d bytes is refused: %s", len(record.value or b""), error)
                refusal = error
        raise NotPublished(f"the brokers take no form of a record: {refusal}")

    def acquire(self) -> None:
        """One more user: what is open stays open until the last one releases."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """One user less; the last one closes the producer. A later `publish` opens it again."""
        with self._lock:
            self._users = max(0, self._users - 1)
            unused = self._shared if self._users == 0 else None
            if unused is not None:
                self._shared = None
        if unused is not None:
            _close(unused, self._settings.delivery_seconds)

    def _sent_with_others(self, record: OutgoingRecord) -> bool:
        """Whether the shared producer stored the record; that it did not says nothing yet."""
        shared: KafkaProducer | None = None
        try:
            shared = self._open_shared()
            _stored(shared, record, self._settings.delivery_seconds)
            return True
        except Exception as error:
            log.warning("a record could not be published, trying it alone: %s", type(error).__name__)
            self._forget(shared)
            return False

    def _send_alone(self, record: OutgoingRecord, deadline: float) -> None:
        def attempt() -> None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            alone = _open(self._settings, left)
            try:
                _stored(alone, record, left)
            except _REFUSALS as error:
                raise _Refused(type(error).__name__) from error
            except (TypeError, ValueError, OverflowError, UnicodeError) as error:
                raise _Refused(type(error).__name__) from error
            finally:
                _close(alone, 1)

        def away(error: Exception) -> str | None:
            return None if isinstance(error, _Refused) else f"the brokers take no records: {type(error).__name__}"

        try:
            until_it_answers(attempt, away, log, pauses=Pauses(0.2, 5), give_up=deadline - time.monotonic())
        except _Refused:
            raise
        except Exception as error:
            seconds = self._settings.delivery_seconds
            raise NotPublished(f"the brokers took no record for {seconds:.0f} s: {type(error).__name__}") from error

    def _open_shared(self) -> KafkaProducer:
        with self._lock:
            if self._shared is None:
                self._shared = _open(self._settings, self._settings.delivery_seconds)
            return self._shared

    def _forget(self, broken: KafkaProducer | None) -> None:
        with self._lock:
            if self._shared is not broken:
                return
            self._shared = None
        if broken is not None:
            # What others have in it fails now, and is sent by them alone.
            _close(broken, 1)


_publishers: dict[KafkaSettings, Publisher] = {}
_lock = threading.Lock()


def publisher(settings: KafkaSettings) -> Publisher:
    """The publisher of this process."""
    with _lock:
        if settings not in _publishers:
            _publishers[settings] = Publisher(settings)
        return _publishers[settings]


def _open(settings: KafkaSettings, seconds: float) -> KafkaProducer:
    milliseconds = max(1000, round(seconds * 1000))
    return producer(
        settings,
        linger_ms=0,
        request_timeout_ms=min(30_000, milliseconds),
        delivery_timeout_ms=milliseconds,
        max_block_ms=min(60_000, milliseconds),
        bootstrap_timeout_ms=min(60_000, milliseconds),
    )


def _close(sender: KafkaProducer, seconds: float) -> None:
    """Never raises, and leaves no thread behind."""
    try:
        sender.close(timeout=seconds)
    except Exception as error:
        # What could not be sent in time keeps kafka-python 3.0.12 from closing at all.
        log.warning("a producer did not close by itself: %s", type(error).__name__)
        sender._sender.force_close()
        sender._closed = True


def _stored(sender: KafkaProducer, record: OutgoingRecord, seconds: float) -> None:
    """Wait until the brokers have the record. Raises what kafka-python does."""
    sender.send(
        record.topic,
        key=record.key,
        value=record_building.sendable_value(record.key, record.value),
        headers=record_building.sendable_headers((*record.carried, *record.headers)),
    ).get(timeout=seconds + _MARGIN_SECONDS)
