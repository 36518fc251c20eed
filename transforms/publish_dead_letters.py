"""Dead letters: the original record untouched, and headers that say why it is here."""

from __future__ import annotations

import apache_beam as beam

from config.settings import KafkaSettings
from schemas.part import DeadLetter, Delivery
from transforms.kafka_sink import OutgoingRecord, PublishToKafka
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
    def outgoing(self, element: DeadLetter) -> OutgoingRecord:
        counter(f"dead_letters_{element.error.code.value}").inc()
        told = {
            f"{PREFIX}topic": element.delivery.topic,
            f"{PREFIX}partition": str(element.delivery.partition),
            f"{PREFIX}offset": str(element.delivery.offset),
            f"{PREFIX}connector.name": "docbeam",
            f"{PREFIX}task.id": self._settings.group,
            f"{PREFIX}stage": element.error.stage,
            f"{PREFIX}class.name": element.error.stage,
            f"{PREFIX}exception.class.name": "schemas.errors.DocbeamError",
            f"{PREFIX}exception.message": element.error.message,
            CODE_HEADER: element.error.code.value,
            "docbeam.error.retryable": str(element.error.retryable).lower(),
        }
        value = element.value
        if value is not None and len(value) > self._settings.max_message_bytes:
            told["docbeam.value_omitted_bytes"] = str(len(value))
            value = None
        if value is None and element.key is None:
            # kafka-python sends no record without both.
            told["docbeam.value_was_null"] = "true"
            value = b""
        return OutgoingRecord(
            topic=self._settings.dead_letters_topic,
            key=element.key,
            value=value,
            headers=[*element.headers, *((name, text.encode()) for name, text in told.items())],
        )


def _delivery(letter: DeadLetter) -> Delivery:
    return letter.delivery
