"""Requests as Kafka records, and results out of them."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from clients.failure import Failed, NotReady
from clients.reaching import ANSWER_SECONDS, kafka_problems, open_producer
from config.settings import RegistrySettings, Settings
from schemas.errors import DocbeamError
from schemas.frames import unframe
from schemas.part import Header
from schemas.request import AnalysisRequest, now
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec, frame

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

Record = TypeVar("Record")
EVENT_TYPE = "docbeam.analysis.request"
CONTENT_TYPE = "application/vnd.confluent.avro"
_REQUESTS = RecordCodec(AnalysisRequest)
_RESULTS = RecordCodec(AnalysisResult)


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A record for the requests topic."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the broker put a record."""

    partition: int
    offset: int


def request_record(
    request: AnalysisRequest, schema_id: int, source: str = "docbeam/command-line", traceparent: str | None = None
) -> RequestRecord:
    """The request keyed by its id, Confluent-framed, with CloudEvents headers (binary mode) and a `traceparent`."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid4()),
        "ce_source": source,
        "ce_type": EVENT_TYPE,
        "ce_time": now().isoformat(),
        "content-type": CONTENT_TYPE,
        "traceparent": traceparent or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
    }
    return RequestRecord(
        key=request.request_id.encode(),
        value=frame(schema_id, _REQUESTS.to_avro(request)),
        headers=[(name, text.encode()) for name, text in headers.items()],
    )


def publish(records: Sequence[RequestRecord], settings: Settings, topic: str | None = None) -> list[Stored]:
    """Write records to the requests topic, or another; returns where each is once all replicas have it.

    Raises NotReady when the brokers do not take them in time, or there is no such topic.
    """
    from kafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError

    from connections.kafka.record_building import sendable_headers

    topic = topic or settings.kafka.requests_topic
    producer = open_producer(settings.kafka)
    try:
        with kafka_problems(settings.kafka):
            try:
                known = producer.partitions_for(topic)
            except (KafkaTimeoutError, UnknownTopicOrPartitionError):
                known = None
            if not known:
                raise NotReady(f"there is no topic {topic}. Create it with `docbeam topics create`.")
            futures = [
                producer.send(topic, key=record.key, value=record.value, headers=sendable_headers(record.headers))
                for record in records
            ]
            # A generous total: many records share the time one may take.
            deadline = time.monotonic() + ANSWER_SECONDS + 4 + len(records) / 100
            stored = [future.get(timeout=max(0.1, deadline - time.monotonic())) for future in futures]
    finally:
        producer.close(timeout=1)
    return [Stored(metadata.partition, metadata.offset) for metadata in stored]


def read_result(record: ConsumerRecord, registry: RegistrySettings) -> AnalysisResult:
    """The result in a record of the results topic.

    Raises Failed naming the record when it cannot be read.
    """
    return read_record(record, _RESULTS, "result", registry)


def read_record(record: ConsumerRecord, codec: RecordCodec[Record], what: str, registry: RegistrySettings) -> Record:
    """What a record of a topic with a schema holds.

    Raises Failed naming the record when it cannot be read.
    """
    from connections.writer_schemas import NotGiven, writer_schema

    try:
        framed = unframe(record.value or b"", record.headers)
        found = writer_schema(framed.schema_id, registry)
        if isinstance(found, NotGiven):
            # A released schema might read the bytes as something that was never written.
            raise ValueError(f"the registry at {registry.url} gives no schema {framed.schema_id}: {found.reason}")
        return codec.from_avro(framed.body, found)
    except (DocbeamError, ValueError) as error:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        raise Failed(f"{place} is no readable {what}: {error}") from error
