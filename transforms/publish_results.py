"""Answers to the results topic: keyed by request id, Avro with CloudEvents headers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import apache_beam as beam

from analysis.result_size import emptied, fitted
from config.settings import KafkaSettings, RegistrySettings
from connections.kafka.outgoing import OutgoingRecord, fewer_headers, size, written
from connections.schema_registry import wait_for_schema_id
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Answer, Header
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec, frame
from transforms.kafka_sink import PublishToKafka

CONTENT_TYPE = "application/vnd.confluent.avro"
EVENT_TYPE = "docbeam.analysis.result"
STAGE = "publish results"
_ECHO_BYTES = 16_384
"""Of a request's headers that go back on its result."""
_CODEC = RecordCodec(AnalysisResult)


class PublishResults(beam.PTransform):
    """Answers to Kafka; passes each on when the brokers have it."""

    def __init__(self, kafka: KafkaSettings, registry: RegistrySettings) -> None:
        super().__init__()
        self._kafka = kafka
        self._registry = registry

    def expand(self, input_or_inputs: beam.PCollection[Answer]) -> beam.PCollection[Answer]:
        """The same answers, published."""
        publish = beam.ParDo(_PublishResult(self._kafka, self._registry))
        return (
            input_or_inputs
            # Before any sink, so that Kafka and BigQuery hold the same result.
            | "fit into a message" >> beam.Map(_fit, self._kafka).with_output_types(Answer)
            | "publish results" >> publish.with_output_types(Answer)
        )


class _PublishResult(PublishToKafka):
    def __init__(self, kafka: KafkaSettings, registry: RegistrySettings) -> None:
        super().__init__(kafka)
        self._registry = registry

    def forms(self, element: Answer) -> Iterator[tuple[Answer, OutgoingRecord]]:
        """The answer; a quarter of it; that it is too large."""
        subject = f"{self._settings.results_topic}-value"
        schema_id = wait_for_schema_id(subject, "analysis_result", self._registry)
        whole = _record(element, self._settings.results_topic, schema_id)
        yield element, whole
        refused = DocbeamError(ErrorCode.RESULT_TOO_LARGE, "the brokers refuse the result; raise the topic's limit")
        for smaller in (
            replace(element, result=fitted(element.result, size(whole) // 4)),
            Answer(element.delivery, emptied(element.result, refused.item(STAGE))),
        ):
            yield smaller, _record(smaller, self._settings.results_topic, schema_id)


def _record(answer: Answer, topic: str, schema_id: int) -> OutgoingRecord:
    result = answer.result
    return OutgoingRecord(
        topic=topic,
        key=result.request_id.encode(),
        value=frame(schema_id, _CODEC.to_avro(result)),
        headers=_headers(answer),
        carried=answer.echo,
    )


def _headers(answer: Answer) -> tuple[Header, ...]:
    result = answer.result
    event = f"docbeam:{answer.delivery.key}:{result.request_id}"
    headers = (
        ("ce_specversion", "1.0"),
        # Of the delivery and not by chance: repeats of one answer are known by it.
        ("ce_id", str(uuid.uuid5(uuid.NAMESPACE_URL, event))),
        ("ce_source", f"docbeam/{result.use_case[:128]}"),
        ("ce_type", EVENT_TYPE),
        ("ce_time", result.timings.finished_at.isoformat()),
        ("content-type", CONTENT_TYPE),
    )
    return tuple((name, value.encode("utf-8", "backslashreplace")) for name, value in headers)


def _fit(answer: Answer, kafka: KafkaSettings) -> Answer:
    """The answer as its whole record may be: first the echo is bounded, then the result gets what is left."""
    answer = replace(answer, echo=fewer_headers(written(answer.echo), _ECHO_BYTES))
    key = answer.result.request_id.encode("utf-8", "backslashreplace")
    around = size(OutgoingRecord("", key, frame(0, b""), _headers(answer), answer.echo))
    return replace(answer, result=fitted(answer.result, kafka.max_message_bytes - around))
