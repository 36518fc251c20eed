"""Answers to the results topic: keyed by request id, Avro with CloudEvents headers."""

from __future__ import annotations

import uuid
from dataclasses import replace

import apache_beam as beam

from analysis.result_size import fitted
from config.settings import KafkaSettings, RegistrySettings
from connections.schema_registry import wait_for_schema_id
from schemas.part import Answer
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec, frame
from transforms.kafka_sink import OutgoingRecord, PublishToKafka

CONTENT_TYPE = "application/vnd.confluent.avro"
EVENT_TYPE = "docbeam.analysis.result"
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
            | "fit into a message" >> beam.Map(_fit, self._kafka.max_message_bytes).with_output_types(Answer)
            | "publish results" >> publish.with_output_types(Answer)
        )


class _PublishResult(PublishToKafka):
    def __init__(self, kafka: KafkaSettings, registry: RegistrySettings) -> None:
        super().__init__(kafka)
        self._registry = registry

    def outgoing(self, element: Answer) -> OutgoingRecord:
        subject = f"{self._settings.results_topic}-value"
        schema_id = wait_for_schema_id(subject, "analysis_result", self._registry)
        result = element.result
        headers = [
            ("ce_specversion", "1.0"),
            ("ce_id", str(uuid.uuid5(uuid.NAMESPACE_URL, f"docbeam:{element.delivery.key}:{result.request_id}"))),
            ("ce_source", f"docbeam/{result.use_case}"),
            ("ce_type", EVENT_TYPE),
            ("ce_time", result.timings.finished_at.isoformat()),
            ("content-type", CONTENT_TYPE),
        ]
        return OutgoingRecord(
            topic=self._settings.results_topic,
            key=result.request_id.encode(),
            value=frame(schema_id, _CODEC.to_avro(result)),
            headers=[*((name, value.encode()) for name, value in headers), *element.echo],
        )


def _fit(answer: Answer, max_bytes: int) -> Answer:
    return replace(answer, result=fitted(answer.result, max_bytes))
