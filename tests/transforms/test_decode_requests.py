"""Records become requests or dead letters, and bring back no more headers than a client needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from analysis.accept_request import STAGE
from config.settings import RegistrySettings, SourceSettings
from connections.requests import decode_avro
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Delivery, Header, ReceivedRecord
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec, frame
from transforms import coders
from transforms.decode_requests import UNDECODABLE, DecodeRequests

REQUEST = AnalysisRequest("r-1", DocumentReference("gs://bucket/document"), "receipt")
VALUE = frame(7, RecordCodec(AnalysisRequest).to_avro(REQUEST))
NOWHERE = RegistrySettings(url="http://127.0.0.1:9", timeout_seconds=1)


def decoded(*records: ReceivedRecord) -> Any:
    """The step's two outputs, checked in a pipeline."""
    coders.register()
    decode = partial(decode_avro, registry=NOWHERE, source=SourceSettings(max_request_bytes=2000))
    pipeline = beam.Pipeline(runner="FnApiRunner")
    made = pipeline | beam.Create(records, reshuffle=False).with_output_types(ReceivedRecord)
    return pipeline, made | DecodeRequests(decode, ("receipt",))


def record(value: bytes | None = VALUE, *headers: Header) -> ReceivedRecord:
    return ReceivedRecord(Delivery("requests", 0, 5, 5, datetime.now(UTC)), b"key", value, headers)


def check_echo(sent: Sequence[Header], expected: Sequence[Header]) -> None:
    pipeline, outputs = decoded(record(VALUE, *sent))
    with pipeline:
        assert_that(outputs.requests | beam.Map(lambda each: list(each.echo)), equal_to([list(expected)]))


def test_a_header_without_a_value_is_not_echoed() -> None:
    check_echo([("traceparent", None), ("tracestate", b"a"), ("mine", b"b")], [("tracestate", b"a")])


def test_the_first_value_of_each_echoed_header_goes_back() -> None:
    many = [("traceparent", str(number).encode()) for number in range(6_500)]
    sent = [("traceparent", None), *many, ("kafka_correlationId", b"c")]
    check_echo(sent, [("traceparent", b"0"), ("kafka_correlationId", b"c")])


def test_a_long_header_is_not_echoed() -> None:
    kept = ("traceparent", b"x" * 1024)
    check_echo([("tracestate", b"x" * 1025), kept], [kept])


def test_a_request_beyond_the_limit_is_a_dead_letter_with_its_bytes() -> None:
    large = frame(7, b"x" * 2000)
    pipeline, outputs = decoded(record(large), record())
    with pipeline:
        assert_that(outputs.requests | beam.Map(lambda each: each.request), equal_to([REQUEST]), "read")
        told = outputs[UNDECODABLE] | beam.Map(lambda each: (each.value, each.error.code.value, each.error.message))
        assert_that(
            told, equal_to([(large, "undecodable_record", "2005 bytes; source.max_request_bytes is 2000")]), "buried"
        )


def read_on(decode: Callable[[ReceivedRecord], AnalysisRequest], *records: ReceivedRecord) -> dict[str, int]:
    """What was counted by a job that decodes so; its one dead letter holds the first record as it came."""
    pipeline = beam.Pipeline("FnApiRunner", PipelineOptions([]))
    made = pipeline | beam.Create(records, reshuffle=False).with_output_types(ReceivedRecord)
    outputs = made | DecodeRequests(decode, ("receipt",))
    letters = outputs[UNDECODABLE] | "letters" >> beam.Map(
        lambda each: (each.delivery, each.key, each.value, each.headers, each.error.code.value, each.error.message)
    )
    first, code = records[0], "batch_unreadable" if records[0].error else "internal_error"
    message = records[0].error.message if records[0].error else "ZeroDivisionError while decoding the record"
    assert_that(
        letters, equal_to([(first.delivery, first.key, first.value, first.headers, code, message)]), "one letter"
    )
    assert_that(outputs.requests | "ids" >> beam.Map(lambda each: each.request), equal_to([REQUEST]), "the other")
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(MetricsFilter().with_namespace("docbeam"))["counters"]
    return {each.key.metric.name: each.committed for each in found}


def decode_or_divide(record: ReceivedRecord) -> AnalysisRequest:
    assert record.value is not None
    return AnalysisRequest(str(1 // (len(record.value) - 7)), REQUEST.document) if len(record.value) < 10 else REQUEST


def test_a_defect_of_ours_costs_one_record_and_names_no_content() -> None:
    counted = read_on(decode_or_divide, record(b"private", ("mine", b"b")), record())
    assert counted == {"records_undecodable": 1, "requests_received": 1}


def test_what_was_no_record_to_begin_with_is_a_dead_letter_as_it_is() -> None:
    error = DocbeamError(ErrorCode.BATCH_UNREADABLE, "the batch is damaged").item("read")
    damaged = replace(record(None, ("mine", b"b")), error=error)
    assert read_on(decode_or_divide, damaged, record()) == {"records_unreadable": 1, "requests_received": 1}


def decode_by_key(record: ReceivedRecord) -> AnalysisRequest:
    return {
        b"none": replace(REQUEST, request_id=""),
        b"long": replace(REQUEST, request_id="x" * 10_000),
        b"unknown": replace(REQUEST, use_case="no-such-use-case"),
    }.get(record.key or b"", REQUEST)


def test_a_request_without_an_id_to_answer_with_is_a_dead_letter_and_one_without_a_use_case_will_fail() -> None:
    records = [replace(record(), key=key) for key in (b"none", b"long", b"unknown", b"good")]
    with beam.Pipeline("FnApiRunner") as pipeline:
        made = pipeline | beam.Create(records, reshuffle=False).with_output_types(ReceivedRecord)
        outputs = made | DecodeRequests(decode_by_key, ("receipt",))
        told = outputs.requests | "told" >> beam.Map(lambda each: [error.code.value for error in each.errors])
        assert_that(told, equal_to([["unknown_use_case"], []]), "requests")
        codes = outputs[UNDECODABLE] | "codes" >> beam.Map(
            lambda each: (each.key, each.error.code.value, each.error.stage)
        )
        expected = [(key, "undecodable_record", STAGE) for key in (b"none", b"long")]
        assert_that(codes, equal_to(expected), "buried")
