"""Results by request id, from the results topic."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from clients.reaching import reach_registry
from clients.request_records import read_result
from clients.topic_reader import TopicReader
from config.settings import Settings
from schemas.result import AnalysisResult

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord


def receive_results(
    ids: Collection[str], settings: Settings, *, since: datetime | None = None, wait_seconds: float = 0.0
) -> dict[str, AnalysisResult]:
    """The newest result of each id that has one; returns early once all are there.

    Reads what is there, then for up to `wait_seconds` in all what comes. A result that comes twice (redelivery,
    replay) counts with its last. Raises NotReady for an absent broker, registry or topic.
    """
    deadline = time.monotonic() + wait_seconds
    reach_registry(settings.registry)
    wanted = {request_id.encode() for request_id in ids}
    found: dict[bytes, ConsumerRecord] = {}
    with TopicReader(settings.kafka, settings.kafka.results_topic, since=since) as reader:
        # To the end first: an id that was answered twice must not be answered with the older result.
        _collect(reader.to_end(), wanted, found)
        if len(found) < len(wanted):
            _collect(reader.until(deadline), wanted, found, stop_when_all=True)
    return {key.decode(): read_result(record, settings.registry) for key, record in found.items()}


def _collect(
    records: Iterable[ConsumerRecord],
    wanted: Collection[bytes],
    found: dict[bytes, ConsumerRecord],
    *,
    stop_when_all: bool = False,
) -> None:
    for record in _with_value(records):
        if record.key in wanted:
            found[record.key] = record
            if stop_when_all and len(found) == len(wanted):
                return


def _with_value(records: Iterable[ConsumerRecord]) -> Iterator[ConsumerRecord]:
    return (record for record in records if record.value is not None)
