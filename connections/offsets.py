"""The group's offsets: how far a chain of finished deliveries goes, and committing it without being a member."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from config.settings import KafkaSettings
from connections.kafka.clients import consumer

log = logging.getLogger(__name__)
_ATTEMPTS = 3


def advance(low: int, finished: dict[int, int], before: int, after: int) -> int:
    """The low-water mark after one more finished delivery; `finished` (before to after) keeps those above it."""
    if before >= low:
        finished[before] = after
    while low in finished:
        low = finished.pop(low)
    return low


class Committer:
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
                    return
                except KafkaError as error:
                    log.warning("cannot commit offsets: %s", type(error).__name__)
                    time.sleep(2**attempt)

    def committed(self, partition: str) -> int | None:
        """The group's offset of `topic/number` now."""
        name = _topic_partition(partition)
        with self._lock:
            self._assign(name)
            offset = self._consumer.committed(name)
            return None if offset is None else int(offset)

    def _assign(self, name: TopicPartition) -> None:
        assigned = self._consumer.assignment()
        if name not in assigned:
            self._consumer.assign([*assigned, name])


_committers: dict[KafkaSettings, Committer] = {}
_lock = threading.Lock()


def committer(kafka: KafkaSettings) -> Committer:
    """The committer of this process."""
    with _lock:
        if kafka not in _committers:
            _committers[kafka] = Committer(kafka)
        return _committers[kafka]


def chain_start(kafka: KafkaSettings, partition: str, before: int) -> int:
    """Where the chain begins: the source has committed its start before it read anything.

    Waits for the broker: to guess could skip deliveries that are not finished.
    """
    while True:
        try:
            committed = committer(kafka).committed(partition)
        except KafkaError as error:
            log.warning("cannot learn the offset of %s yet: %s", partition, type(error).__name__)
            time.sleep(1)
            continue
        return before if committed is None else committed


def parse_chain(text: str) -> tuple[int, dict[int, int]]:
    """The low-water mark, and the finished deliveries above it."""
    low, finished = json.loads(text)
    return low, dict(finished)


def _topic_partition(partition: str) -> TopicPartition:
    topic, _, number = partition.rpartition("/")
    return TopicPartition(topic, int(number))
