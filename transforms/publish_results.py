"""Answers to the results topic: keyed by request id, Avro with CloudEvents headers."""

from __future__ import annotations

import uuid
from dataclasses import replace

import apache_beam as beam

from config.settings import KafkaSettings, RegistrySettings
from schemas.errors import DocbeamError, ErrorCode, ErrorItem
from schemas.part import Answer
from schemas.prediction import Prediction
from schemas.result import AnalysisResult, Outcome, PageResult, ResultStatus
from schemas.wire import RecordCodec, frame
from transforms.kafka_sink import OutgoingRecord, PublishToKafka
from transforms.schema_registry import wait_for_schema_id

CONTENT_TYPE = "application/vnd.confluent.avro"
EVENT_TYPE = "docbeam.analysis.result"
_CODEC = RecordCodec(AnalysisResult)
_STAGE = "publish results"


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


def fitted(result: AnalysisResult, max_bytes: int) -> AnalysisResult:
    """The result, with less in it where it would be larger than a message may be, or could not be written.

    First the words inside the lines go, then every prediction, then the pages; each is told by an error.
    """
    try:
        for reduce in (_whole, _without_words, _without_predictions, _without_pages):
            smaller = reduce(result)
            if len(_CODEC.to_avro(smaller)) <= max_bytes:
                return smaller
    except Exception as error:
        # What plug-ins answer is checked where they run; whatever still gets through must not end the job.
        unwritable = DocbeamError(ErrorCode.INTERNAL_ERROR, f"the result cannot be written: {type(error).__name__}")
        return _emptied(result, unwritable.item(_STAGE))
    return _emptied(result, DocbeamError(ErrorCode.RESULT_TOO_LARGE, "even without its pages").item(_STAGE))


def _fit(answer: Answer, max_bytes: int) -> Answer:
    return replace(answer, result=fitted(answer.result, max_bytes))


def _emptied(result: AnalysisResult, error: ErrorItem) -> AnalysisResult:
    return replace(result, status=ResultStatus.FAILED, pages=(), fields=(), models=(), errors=(error,))


def _without_pages(result: AnalysisResult) -> AnalysisResult:
    error = DocbeamError(
        ErrorCode.RESULT_TOO_LARGE, "the result is larger than a message may be; the pages were left out"
    )
    status = ResultStatus.PARTIAL if result.status is ResultStatus.COMPLETE else result.status
    errors = (*result.errors[:100], error.item(_STAGE))
    return replace(result, status=status, pages=(), fields=(), errors=errors)


def _whole(result: AnalysisResult) -> AnalysisResult:
    return result


def _without_words(result: AnalysisResult) -> AnalysisResult:
    def reduce(outcome: Outcome) -> Outcome:
        lines = tuple(replace(line, words=()) for line in outcome.prediction.lines)
        return replace(outcome, prediction=replace(outcome.prediction, lines=lines))

    return _reduced(result, reduce, "the words inside the lines were left out")


def _without_predictions(result: AnalysisResult) -> AnalysisResult:
    return _reduced(result, lambda outcome: replace(outcome, prediction=Prediction()), "the predictions were left out")


def _reduced(result: AnalysisResult, reduce: object, what: str) -> AnalysisResult:
    assert callable(reduce)

    def page_reduced(page: PageResult) -> PageResult:
        return replace(page, outcomes=tuple(reduce(outcome) for outcome in page.outcomes))

    error = DocbeamError(ErrorCode.RESULT_TOO_LARGE, f"the result is larger than a message may be; {what}")
    status = ResultStatus.PARTIAL if result.status is ResultStatus.COMPLETE else result.status
    return replace(
        result,
        status=status,
        pages=tuple(page_reduced(page) for page in result.pages),
        errors=(*result.errors, error.item(_STAGE)),
    )
