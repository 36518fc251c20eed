"""Records become requests or dead letters, and bring back no more headers than a client needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.testing.util import assert_that, equal_to

from config.settings import RegistrySettings, SourceSettings
from connections.requests import decode_avro
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
