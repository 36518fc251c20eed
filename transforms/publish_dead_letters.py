"""Dead letters: the original record untouched, and headers that say why it is here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import apache_beam as beam

from config.settings import KafkaSettings
from connections.kafka.outgoing import OutgoingRecord, fewer_headers, fitted, written
from schemas.part import DeadLetter, Delivery, Header
from transforms.kafka_sink import PublishToKafka
from transforms.metrics import counter

PREFIX = "__connect.errors."
"""As Kafka Connect names its error headers (KIP-298)."""
CODE_HEADER = "docbeam.error.code"


class PublishDeadLetters(beam.PTransform):
    """Dead letters to their topic; passes on the delivery each of them settles."""

    def __init__(self, kafka: KafkaSettings) -> None:
        super().__init__()
        self._kafka = kafka

    def expand(self, input_or_inputs: beam.PCollection[DeadLetter]) -> beam.PCollection[Delivery]:
        """The deliveries whose dead letter is stored."""
        publish = beam.ParDo(_PublishDeadLetter(self._kafka)).with_output_types(DeadLetter)
        return (
            input_or_inputs
            | "publish dead letters" >> publish
            | "their deliveries" >> beam.Map(_delivery).with_output_types(Delivery)
        )


class _PublishDeadLetter(PublishToKafka):
    def forms(self, element: DeadLetter) -> Iterator[tuple[DeadLetter, OutgoingRecord]]:
        """The letter; a quarter of the largest; what is wrong with which record, under a key of ours."""
        counter(f"dead_letters_{element.error.code.value}").inc()
        limit = self._settings.max_message_bytes
        whole = OutgoingRecord(
            self._settings.dead_letters_topic,
            element.key,
            element.value,
            _told(element, self._settings.group),
            element.headers,
        )
        yield element, fitted(whole, limit)
        yield element, fitted(whole, max(limit // 4, 65_536))
        omitted: tuple[Header, ...] = (("docbeam.record_omitted", b"refused by the brokers"),)
        told = replace(
            whole,
            # Topics that are compacted take no record without a key.
            key=element.delivery.key.encode(),
            value=b"",
            headers=whole.headers + omitted,
            carried=fewer_headers(written(element.headers), 1024),
        )
        yield element, fitted(told, limit)


def _told(letter: DeadLetter, group: str) -> tuple[Header, ...]:
    told = {
        f"{PREFIX}topic": letter.delivery.topic,
        f"{PREFIX}partition": str(letter.delivery.partition),
        f"{PREFIX}offset": str(letter.delivery.offset),
        f"{PREFIX}connector.name": "docbeam",
        f"{PREFIX}task.id": group,
        f"{PREFIX}stage": letter.error.stage,
        f"{PREFIX}class.name": letter.error.stage,
        f"{PREFIX}exception.class.name": "schemas.errors.DocbeamError",
        f"{PREFIX}exception.message": letter.error.message,
        CODE_HEADER: letter.error.code.value,
        "docbeam.error.retryable": str(letter.error.retryable).lower(),
    }
    return tuple((name, text.encode("utf-8", "backslashreplace")) for name, text in told.items())


def _delivery(letter: DeadLetter) -> Delivery:
    return letter.delivery
