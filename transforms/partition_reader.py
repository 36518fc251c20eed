"""One partition's consumer, kept open by the process between the short calls of the source."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.structs import OffsetAndMetadata

from config.settings import KafkaSettings
from schemas.part import Delivery, ReceivedRecord
from transforms.kafka_connection import consumer


class PartitionReader:
    """Reads one partition from given positions: assigned, never subscribed, so no rebalance can move it.

    Thread-safe; Beam may continue a partition on another thread.
    """

    def __init__(self, settings: KafkaSettings, topic: str, partition: int) -> None:
        self._partition = TopicPartition(topic, partition)
        self._start = settings.start
        self._lock = threading.Lock()
        self._consumer: KafkaConsumer = consumer(
            settings,
            group_id=settings.group,
            auto_offset_reset=settings.start,
            max_poll_records=500,
            metrics_enabled=False,
        )
        self._consumer.assign([self._partition])
        self._position: int | None = None

    def start_position(self) -> int:
        """Where a job without a checkpoint begins: the group's offset, else by the `start` setting.

        Commits what the setting decided, so that the committing step knows where the chain of offsets begins.
        """
        with self._lock:
            committed = self._consumer.committed(self._partition)
            if committed is not None:
                return int(committed)
            ends = self._consumer.beginning_offsets if self._start == "earliest" else self._consumer.end_offsets
            position = int(ends([self._partition])[self._partition])
            self._consumer.commit({self._partition: OffsetAndMetadata(position, "", -1)})
            return position

    def committed(self) -> int | None:
        """The group's offset now."""
        with self._lock:
            offset = self._consumer.committed(self._partition)
            return None if offset is None else int(offset)

    def read(self, position: int, limit: int, seconds: float) -> Sequence[ReceivedRecord]:
        """At most `limit` records from `position` on; waits up to `seconds` for the first."""
        with self._lock:
            if self._position != position:
                self._consumer.seek(self._partition, position)
            polled = self._consumer.poll(timeout_ms=round(seconds * 1000), max_records=limit)
            records = polled.get(self._partition, [])
            self._position = records[-1].offset + 1 if records else position
        previous = position
        found = []
        for record in records:
            found.append(_received(record, previous))
            previous = record.offset + 1
        return found

    def backlog(self, position: int) -> int:
        """Records from `position` to the end of the partition, as last heard."""
        high = self._consumer.highwater(self._partition)
        return max(0, int(high) - position) if high is not None else 0


_readers: dict[tuple[KafkaSettings, str, int], PartitionReader] = {}
_lock = threading.Lock()


def partition_reader(settings: KafkaSettings, topic: str, partition: int) -> PartitionReader:
    """The reader of this process for a partition."""
    key = (settings, topic, partition)
    with _lock:
        if key not in _readers:
            _readers[key] = PartitionReader(settings, topic, partition)
        return _readers[key]


def _received(record: ConsumerRecord, previous: int) -> ReceivedRecord:
    return ReceivedRecord(
        delivery=Delivery(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            previous=previous,
            received_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        ),
        key=record.key,
        value=record.value,
        headers=tuple((name, value if value is not None else b"") for name, value in record.headers),
    )
