"""What lies in a job's topics, read anew from their beginnings."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from kafka import TopicPartition

from config.settings import Settings
from connections.kafka.clients import consumer
from schemas.frames import unframe
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec

RESULT = RecordCodec(AnalysisResult)


def records_of(topic: str, settings: Settings) -> list[Any]:
    reader = consumer(settings.kafka)
    partitions = [TopicPartition(topic, number) for number in reader.partitions_for_topic(topic) or ()]
    reader.assign(partitions)
    ends = reader.end_offsets(partitions)
    reader.seek_to_beginning()
    found: list[Any] = []
    while any(reader.position(each) < ends[each] for each in partitions):
        for records in reader.poll(timeout_ms=500).values():
            found += records
    reader.close()
    return found


def results_of(settings: Settings) -> dict[str, list[AnalysisResult]]:
    found: dict[str, list[AnalysisResult]] = defaultdict(list)
    for record in records_of(settings.kafka.results_topic, settings):
        found[record.key.decode()].append(RESULT.from_avro(unframe(record.value).body, RESULT.schema))
    return found


def dead_letters_of(settings: Settings) -> list[tuple[bytes, dict[str, bytes]]]:
    records = records_of(settings.kafka.dead_letters_topic, settings)
    assert all(record.key == b"garbage" and dict(record.headers)["mine"] == b"kept" for record in records)
    return [(record.value, dict(record.headers)) for record in records]


def without_times(result: AnalysisResult) -> str:
    """What repeats of one result have in common."""
    plain = RESULT.to_plain(result)
    plain.pop("timings")
    for page in plain["pages"]:
        for outcome in page["outcomes"]:
            outcome.pop("duration_ms")
            outcome.pop("waited_ms")
    return str(plain)
