"""One partition's consumer, kept open by the process between the short calls of the source."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import CorruptRecordError
from kafka.structs import OffsetAndMetadata

from config.settings import KafkaSettings
from connections.kafka import lenient_headers
from connections.kafka.clients import consumer
from schemas.part import Delivery, ReceivedRecord

_KEEP_SECONDS = 3600
_OLDEST, _NEWEST = timedelta(days=4 * 365), timedelta(days=1)


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
        self._kept = time.monotonic()

    def start_position(self, start: str) -> int:
        """Where a job without a checkpoint begins: the group's offset, else the `earliest` or `latest`.

        Commits what was decided, so that the committing step knows where the chain of offsets begins.
        """
        with self._lock:
            committed = self._consumer.committed(self._partition)
            if committed is not None:
                return int(committed)
            ends = self._consumer.beginning_offsets if start == "earliest" else self._consumer.end_offsets
            position = int(ends([self._partition])[self._partition])
            self._commit(position)
            return position

    def keep_offset(self, position: int) -> None:
        """Commit the group's offset again now and then while a partition is idle.

        The broker forgets offsets of a group without members some days after their last commit (KIP-211); a cold
        start would then begin wherever the settings say.
        """
        if time.monotonic() - self._kept < _KEEP_SECONDS:
            return
        with self._lock:
            if self._consumer.committed(self._partition) == position:
                self._commit(position)
            self._kept = time.monotonic()

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
            metrics_enabled=False,
        )
        opened.assign([self._partition])
        return opened

    def _commit(self, position: int) -> None:
        self._consumer.commit({self._partition: OffsetAndMetadata(position, "", -1)})


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
