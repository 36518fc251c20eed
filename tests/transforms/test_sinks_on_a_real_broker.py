"""Whatever a request or a garbage record was like, its result or dead letter reaches the topic."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
import pytest
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

import transforms.coders  # noqa: F401
from clients.replaying import from_dead_letters
from clients.request_records import publish
from clients.topic_reader import TopicReader
from config.settings import KafkaSettings, Settings
from connections.kafka.clients import consumer
from connections.requests import decode_json
from schemas.errors import DocbeamError, ErrorCode
from schemas.frames import unframe
from schemas.part import Answer, DeadLetter, Delivery, Header, ReceivedRecord
from schemas.prediction import Prediction, TextLine
from schemas.released import newest_schema
from schemas.result import AnalysisResult, Outcome, OutcomeState, PageResult, ResultStatus, Timings
from schemas.wire import RecordCodec
from tests.kafka_broker import Broker
from transforms.decode_requests import UNDECODABLE, DecodeRequests
from transforms.publish_dead_letters import PublishDeadLetters
from transforms.publish_results import PublishResults

pytestmark = pytest.mark.stack

_NOW = datetime(2026, 11, 28, tzinfo=UTC)
_TRACE: tuple[Header, ...] = (
    ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("tracestate", b"congo=t61rcWkgMzE"),
    ("kafka_correlationId", b"\x00\xff"),
)
_RESULTS = RecordCodec(AnalysisResult)


_given: list[Any] = []
_passed: list[Any] = []


def _element(index: int) -> Any:
    return _given[index]


def _keep(element: Any) -> None:
    _passed.append(element)


def _run(transform: beam.PTransform, elements: Iterable[Any]) -> list[Any]:
    """What comes out of the transform; elements are not in the graph, which Beam packs with bzip2."""
    _passed.clear()
    _given[:] = elements
    with beam.Pipeline(runner="FnApiRunner") as pipeline:
        given = pipeline | beam.Create(list(range(len(_given)))) | beam.Map(_element)
        given | transform | "keep" >> beam.Map(_keep)  # type: ignore[operator]
    return list(_passed)


def _stored(settings: KafkaSettings, topic: str) -> list[ConsumerRecord]:
    place = TopicPartition(topic, 0)
    looking = consumer(settings)
    looking.assign([place])
    looking.seek(place, 0)
    found: list[ConsumerRecord] = []
    end = looking.end_offsets([place])[place]
    while looking.position(place) < end:
        found += looking.poll(500).get(place, [])
    looking.close()
    return found


def _delivery(offset: int) -> Delivery:
    return Delivery("requests", 3, offset, offset, _NOW)


def _letter(offset: int, key: bytes | None, value: bytes | None, headers: tuple[Header, ...]) -> DeadLetter:
    error = DocbeamError(ErrorCode.UNDECODABLE_RECORD, "not a request").item("decode requests")
    return DeadLetter(_delivery(offset), error, key, value, headers)


def test_every_dead_letter_arrives_with_what_fits(broker: Broker) -> None:
    settings = broker.topics()
    letters = [
        _letter(0, b"k", b"garbage", (("null", None), ("empty", b""), ("mine", b"kept"))),
        _letter(1, b"k", os.urandom(6_000_000), (("large", os.urandom(300_000)),)),
        _letter(2, b"k", os.urandom(5_990_000), (("large", os.urandom(300_000)), ("mine", b"kept"))),
        _letter(3, os.urandom(6_000_000), b"garbage", (("mine", b"kept"),)),
        _letter(4, None, None, ()),
        _letter(5, None, b"garbage", tuple((f"h{index}", b"x" * 1024) for index in range(6500))),
    ]
    assert len(_run(PublishDeadLetters(settings), letters)) == 6
    found = {_offset(record): record for record in _stored(settings, settings.dead_letters_topic)}
    assert set(found) == set(range(6))
    assert (found[0].key, found[0].value) == (b"k", b"garbage")
    assert found[0].headers[:3] == [("null", None), ("empty", b""), ("mine", b"kept")]
    assert (found[1].value, dict(found[1].headers)["docbeam.value_omitted_bytes"]) == (None, b"6000000")
    assert len(dict(found[1].headers)["large"]) == 300_000
    assert (found[2].value, dict(found[2].headers)["mine"]) == (letters[2].value, b"kept")
    assert dict(found[2].headers)["docbeam.headers_omitted"] == b"1"
    assert (found[3].key, found[3].value, dict(found[3].headers)["mine"]) == (None, b"garbage", b"kept")
    assert (found[4].key, found[4].value) == (None, None)
    assert found[5].value == b"garbage"


@pytest.mark.parametrize("configs", [{"max.message.bytes": "20000"}, {"cleanup.policy": "compact"}])
def test_a_topic_that_takes_less_gets_less(broker: Broker, configs: dict[str, str]) -> None:
    settings = broker.topics(configs=configs)
    letters = [_letter(0, None, os.urandom(50_000), (("mine", os.urandom(50_000)),)), _letter(1, b"k", b"small", ())]
    assert len(_run(PublishDeadLetters(settings), letters)) == 2
    large, small = sorted(_stored(settings, settings.dead_letters_topic), key=_offset)
    told = dict(large.headers)
    assert (large.key, large.value) == (b"requests/3/0", b"")
    assert (told["docbeam.error.code"], "docbeam.record_omitted" in told) == (b"undecodable_record", True)
    assert (small.key, small.value) == (b"k", b"small")


def test_what_is_no_record_is_not_sent_again(broker: Broker) -> None:
    settings = broker.topics(configs={"max.message.bytes": "20000"})
    damaged = ReceivedRecord(_delivery(0), None, b"raw", (), DocbeamError(ErrorCode.BATCH_UNREADABLE, "x").item("read"))
    refused = _letter(1, None, os.urandom(50_000), (("mine", os.urandom(50_000)),))
    garbage = _letter(2, b"k", b"garbage", (("null", None), ("mine", b"kept")))
    _run(_ToDeadLetters(settings), [damaged])
    _run(PublishDeadLetters(settings), [refused, garbage])
    with TopicReader(settings, settings.dead_letters_topic) as reader:
        found = from_dead_letters(reader, (), 5)
    (again,) = found.records
    assert found.without_value == 2
    assert (again.key, again.value) == (b"k", b"garbage")
    assert [header for header in again.headers if not header[0].startswith("docbeam.")] == [
        ("null", None),
        ("mine", b"kept"),
    ]
    assert len(publish([again], Settings(kafka=settings))) == 1
    (record,) = _stored(settings, settings.requests_topic)
    assert ("null", None) in record.headers


class _ToDeadLetters(beam.PTransform):
    """From received records to dead letters, past decoding."""

    def __init__(self, settings: KafkaSettings) -> None:
        super().__init__()
        self._settings = settings

    def expand(self, input_or_inputs: beam.PCollection[ReceivedRecord]) -> Any:
        decoded = input_or_inputs | DecodeRequests(decode_json, ("notes",))
        return decoded[UNDECODABLE] | PublishDeadLetters(self._settings)


def _offset(letter: ConsumerRecord) -> int:
    return int(dict(letter.headers)["__connect.errors.offset"])


def _answer(offset: int, echo: tuple[Header, ...] = _TRACE, lines: int = 0, use_case: str = "notes") -> Answer:
    quad = (0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)
    prediction = Prediction(lines=tuple(TextLine(os.urandom(3000).hex(), quad, 0.5) for _ in range(lines)))
    page = PageResult(1, outcomes=(Outcome("ocr", OutcomeState.FOUND, prediction=prediction),))
    finished = datetime.fromtimestamp(time.time(), UTC)
    result = AnalysisResult(f"r-{offset}", use_case, ResultStatus.COMPLETE, Timings(_NOW, finished), pages=(page,))
    return Answer(_delivery(offset), result, echo)


def _published(
    broker: Broker, settings: KafkaSettings, answers: list[Answer]
) -> tuple[list[Answer], list[ConsumerRecord]]:
    passed = _run(PublishResults(settings, broker.registry), answers)
    return passed, _stored(settings, settings.results_topic)


def _result(record: ConsumerRecord) -> AnalysisResult:
    return _RESULTS.from_avro(unframe(record.value).body, newest_schema("analysis_result"))


def test_trace_context_and_correlation_go_back_on_the_result(broker: Broker) -> None:
    _, (record,) = _published(broker, broker.topics(), [_answer(0)])
    assert [header for header in record.headers if header in _TRACE] == list(_TRACE)
    assert record.key == b"r-0"


def test_a_repeat_has_the_id_of_the_first_and_another_delivery_has_its_own(broker: Broker) -> None:
    settings = broker.topics()
    _published(broker, settings, [_answer(0)])
    _, records = _published(broker, settings, [_answer(0), _answer(1)])
    ids = {(record.key, dict(record.headers)["ce_id"]) for record in records}
    assert (len(records), len(ids)) == (3, 2)
    moved = _answer(0)
    moved = Answer(_delivery(9), moved.result, moved.echo)
    _, records = _published(broker, settings, [moved])
    assert len({dict(record.headers)["ce_id"] for record in records}) == 3


def test_no_echo_stops_a_result(broker: Broker) -> None:
    many = (*_TRACE, *(("kafka_correlationId", os.urandom(1024)) for _ in range(6500)), ("tracestate", None))
    passed, (record,) = _published(broker, broker.topics(), [_answer(0, many)])
    assert set(_TRACE) <= set(record.headers)
    assert ("tracestate", None) in record.headers
    assert sum(len(value or b"") for _, value in record.headers) < 20_000
    assert int(dict(record.headers)["docbeam.headers_omitted"]) > 6000
    assert passed[0].result.status is ResultStatus.COMPLETE


def test_a_result_of_any_size_leaves_room_for_its_headers(broker: Broker) -> None:
    settings = broker.topics(max_message_bytes=65_536)
    passed, (record,) = _published(broker, settings, [_answer(0, _TRACE, lines=30)])
    assert set(_TRACE) <= set(record.headers)
    assert _result(record) == passed[0].result
    assert _result(record).errors[0].code is ErrorCode.RESULT_TOO_LARGE


def test_a_result_that_the_broker_refuses_is_published_smaller_and_passed_on_as_published(broker: Broker) -> None:
    settings = broker.topics(configs={"max.message.bytes": "50000"})
    passed, (record,) = _published(broker, settings, [_answer(0, _TRACE, lines=30)])
    assert _result(record) == passed[0].result
    assert _result(record).errors[-1].code is ErrorCode.RESULT_TOO_LARGE
    assert set(_TRACE) <= set(record.headers)


def test_names_of_any_length_in_a_failed_request_stop_nothing(broker: Broker) -> None:
    passed, (record,) = _published(broker, broker.topics(), [_answer(0, use_case="x" * 7_000_000)])
    assert _result(record) == passed[0].result
    assert _result(record).errors[-1].code is ErrorCode.RESULT_TOO_LARGE
