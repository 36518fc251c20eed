"""Records to Kafka, known to be stored before they are passed on."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.utils.windowed_value import WindowedValue
from kafka import KafkaProducer

from config.settings import KafkaSettings
from connections.kafka.clients import producer
from schemas.part import Header

_FLUSH_EVERY = 8
"""Records between flushes inside a bundle: a kill repeats at most that many results for each bundle."""
_FLUSH_SECONDS = 130


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """A record to be written."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


_producers: dict[KafkaSettings, KafkaProducer] = {}
_lock = threading.Lock()


def _producer(settings: KafkaSettings) -> KafkaProducer:
    with _lock:
        if settings not in _producers:
            _producers[settings] = producer(settings)
        return _producers[settings]


def _forget_producer(settings: KafkaSettings) -> None:
    with _lock:
        broken = _producers.pop(settings, None)
    if broken is not None:
        broken.close(timeout=1)


class PublishToKafka(beam.DoFn):
    """Publish what `outgoing` makes of each element; yield the element once the brokers have the record.

    A broker that stays away longer than the delivery time-out raises: nothing is committed, the job starts
    anew, and the records are read again. It is the one exception that may leave a step, since no input causes it.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._sent: list[tuple[Any, Any, Any, Any]] = []

    def outgoing(self, element: Any) -> OutgoingRecord:
        """The record for an element. Must not raise."""
        raise NotImplementedError

    def start_bundle(self) -> None:
        self._sent = []

    def process(
        self,
        element: Any,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        record = self.outgoing(element)
        future = _producer(self._settings).send(
            record.topic, key=record.key, value=record.value, headers=list(record.headers)
        )
        self._sent.append((future, element, timestamp, window))
        if len(self._sent) >= _FLUSH_EVERY:
            yield from (value.value for value in self._flush())

    def finish_bundle(self) -> Iterator[WindowedValue]:
        yield from self._flush()

    def _flush(self) -> Iterator[WindowedValue]:
        if not self._sent:
            return
        sent, self._sent = self._sent, []
        try:
            _producer(self._settings).flush(timeout=_FLUSH_SECONDS)
            for future, *_ in sent:
                future.get(timeout=_FLUSH_SECONDS)
        except Exception:
            # An idempotent producer that failed once stays broken; workers that live on must get a new one.
            _forget_producer(self._settings)
            raise
        for _, element, timestamp, window in sent:
            yield WindowedValue(element, timestamp, [window])
