"""Commit a partition's offset only past finished work: the group's lag is the unfinished work."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping

import apache_beam as beam
from apache_beam.coders import StrUtf8Coder
from apache_beam.transforms.userstate import ReadModifyWriteRuntimeState, ReadModifyWriteStateSpec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from config.settings import KafkaSettings
from schemas.part import Delivery
from transforms.kafka_connection import consumer
from transforms.metrics import counter

log = logging.getLogger(__name__)
_Position = tuple[int, int]
_ATTEMPTS = 3


class CommitOffsets(beam.PTransform):
    """Finished deliveries to commits.

    Each delivery names the position before it, so a partition's deliveries form a chain over any gaps:
    (5 to 6), (6 to 9), (9 to 10). With the first and the last finished, 6 is committed; with all, 10.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        super().__init__()
        self._kafka = kafka

    def expand(self, input_or_inputs: beam.PCollection[Delivery]) -> beam.PCollection[str]:
        """The partitions whose offset moved, for whoever wants to watch."""
        return (
            input_or_inputs
            | "key by partition" >> beam.Map(_keyed).with_output_types(tuple[str, tuple[int, int]])
            | "commit offsets" >> beam.ParDo(_Commit(self._kafka)).with_output_types(str)
        )


class _Commit(beam.DoFn):
    CHAIN = ReadModifyWriteStateSpec("chain", StrUtf8Coder())

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._moved: dict[str, int] = {}

    def start_bundle(self) -> None:
        self._moved = {}

    def process(
        self,
        element: tuple[str, _Position],
        chain: ReadModifyWriteRuntimeState = beam.DoFn.StateParam(CHAIN),
    ) -> Iterator[str]:
        partition, (before, after) = element
        text = chain.read()
        low, finished = _parse(text) if text else (_start(self._kafka, partition, before), {})
        new_low = advance(low, finished, before, after)
        chain.write(json.dumps([new_low, sorted(finished.items())]))
        if new_low > low:
            self._moved[partition] = new_low
            yield partition

    def finish_bundle(self) -> None:
        if self._moved:
            _committer(self._kafka).commit(self._moved)


def advance(low: int, finished: dict[int, int], before: int, after: int) -> int:
    """The low-water mark after one more finished delivery; `finished` (before to after) keeps those above it."""
    if before >= low:
        finished[before] = after
    while low in finished:
        low = finished.pop(low)
    return low


class _Committer:
    """Commits for the group without being a member of it."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._lock = threading.Lock()
        self._owed: dict[str, int] = {}
        self._consumer: KafkaConsumer = consumer(kafka, group_id=kafka.group, metrics_enabled=False)

    def commit(self, moved: Mapping[str, int]) -> None:
        """Commit these and whatever could not be committed before; what fails now is tried with the next."""
        with self._lock:
            for partition, offset in moved.items():
                self._owed[partition] = max(offset, self._owed.get(partition, 0))
            for attempt in range(_ATTEMPTS):
                try:
                    for partition in list(self._owed):
                        name = _topic_partition(partition)
                        self._assign(name)
                        self._consumer.commit({name: OffsetAndMetadata(self._owed[partition], "", -1)})
                        del self._owed[partition]
                        counter("offset_commits").inc()
                    return
                except KafkaError as error:
                    log.warning("cannot commit offsets: %s", type(error).__name__)
                    time.sleep(2**attempt)

    def committed(self, partition: str) -> int | None:
        name = _topic_partition(partition)
        with self._lock:
            self._assign(name)
            offset = self._consumer.committed(name)
            return None if offset is None else int(offset)

    def _assign(self, name: TopicPartition) -> None:
        assigned = self._consumer.assignment()
        if name not in assigned:
            self._consumer.assign([*assigned, name])


_committers: dict[KafkaSettings, _Committer] = {}
_lock = threading.Lock()


def _committer(kafka: KafkaSettings) -> _Committer:
    with _lock:
        if kafka not in _committers:
            _committers[kafka] = _Committer(kafka)
        return _committers[kafka]


def _start(kafka: KafkaSettings, partition: str, before: int) -> int:
    """Where the chain begins: the source has committed its start before it read anything.

    Waits for the broker: to guess could skip deliveries that are not finished.
    """
    while True:
        try:
            committed = _committer(kafka).committed(partition)
        except KafkaError as error:
            log.warning("cannot learn the offset of %s yet: %s", partition, type(error).__name__)
            time.sleep(1)
            continue
        return before if committed is None else committed


def _parse(text: str) -> tuple[int, dict[int, int]]:
    low, finished = json.loads(text)
    return low, dict(finished)


def _topic_partition(partition: str) -> TopicPartition:
    topic, _, number = partition.rpartition("/")
    return TopicPartition(topic, int(number))


def _keyed(delivery: Delivery) -> tuple[str, _Position]:
    return f"{delivery.topic}/{delivery.partition}", (delivery.previous, delivery.offset + 1)
