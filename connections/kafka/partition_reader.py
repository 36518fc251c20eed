"""One partition's consumer, kept open by the process between the short calls of the source."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import CorruptRecordError

from config.settings import KafkaSettings
from connections.kafka import lenient_headers
from connections.kafka.clients import METADATA_MS, consumer
from schemas.part import Delivery, ReceivedRecord

_OLDEST, _NEWEST = timedelta(days=4 * 365), timedelta(days=1)


class OffsetGone(Exception):
    """The partition no longer has, or does not have yet, the offset that was asked for."""

    def __init__(self, earliest: int, latest: int) -> None:
        super().__init__(f"the partition has offsets {earliest} to {latest - 1}")
        self.earliest = earliest
        self.latest = latest


class PartitionReader:
    """Reads one partition from given positions: assigned, never subscribed, so no rebalance can move it.

    Thread-safe; Beam may continue a partition on another thread.
    """

    def __init__(self, settings: KafkaSettings, topic: str, partition: int) -> None:
        self._partition = TopicPartition(topic, partition)
        self._settings = settings
        self._lock = threading.Lock()
        self._consumer = self._open()
        self._position: int | None = None

    def topic_id(self) -> str:
        """Of the topic as last heard of; "" where the broker tells none. A topic that was made anew has another."""
        found = self._consumer._client.cluster.topic_id(self._partition.topic)
        return str(found) if found is not None else ""

    def earliest(self) -> int:
        """The first offset that is kept. Raises KafkaError."""
        with self._lock:
            return int(self._consumer.beginning_offsets([self._partition])[self._partition])

    def latest(self) -> int:
        """The offset the next record will get. Raises KafkaError."""
        with self._lock:
            return int(self._consumer.end_offsets([self._partition])[self._partition])

    def position(self, otherwise: int) -> int:
        """Where the last `read` ended, also over what is no record for us; `otherwise` where that is not known."""
        with self._lock:
            return otherwise if self._position is None else self._position

    def read(self, position: int, limit: int, seconds: float) -> Sequence[ReceivedRecord]:
        """At most `limit` records from `position` on; waits up to `seconds` for the first."""
        with self._lock:
            if self._position != position:
                self._consumer.seek(self._partition, position)
            try:
                polled = self._consumer.poll(timeout_ms=round(seconds * 1000), max_records=limit)
            except CorruptRecordError:
                # After it, the same consumer's next poll never returns (kafka-python 3.0.12).
                self._consumer.close()
                self._consumer = self._open()
                self._position = None
                raise
            # Offsets below the position belong to a topic that was deleted and made again.
            records = [record for record in polled.get(self._partition, []) if record.offset >= position]
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

    def _open(self) -> KafkaConsumer:
        lenient_headers.install()
        opened = consumer(
            self._settings,
            group_id=self._settings.group,
            auto_offset_reset=self._settings.start,
            max_poll_records=500,
            metadata_max_age_ms=METADATA_MS,
            metrics_enabled=False,
        )
        opened.assign([self._partition])
        return opened


def _received(record: ConsumerRecord, previous: int) -> ReceivedRecord:
    return ReceivedRecord(
        delivery=Delivery(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            previous=previous,
            received_at=_received_at(record.timestamp),
        ),
        key=record.key,
        value=record.value,
        headers=tuple((name, value) for name, value in record.headers),
    )


def _received_at(timestamp_ms: int) -> datetime:
    """The record's time, or now where its producer's clock says what BigQuery would not take as a partition."""
    now = datetime.now(UTC)
    try:
        told = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return told if now - _OLDEST < told < now + _NEWEST else now
