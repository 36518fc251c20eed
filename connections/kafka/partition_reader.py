"""One partition's consumer, kept open by the process between the short calls of the source."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, LogTruncationError, OffsetOutOfRangeError, RetriableError

from config.settings import KafkaSettings
from connections.kafka.clients import METADATA_MS, consumer
from connections.kafka.fetched_records import ReadRecord
from schemas.part import Delivery, ReceivedRecord

log = logging.getLogger(__name__)
_TRIES = 3
"""For bytes that were not what was written: the network or a broker's memory may have changed them."""
_STAGE = "read requests"
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
        self._after: int | None = None
        self._tries = (-1, 0)

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
            return otherwise if self._after is None else self._after

    def read(self, position: int, limit: int, seconds: float) -> Sequence[ReceivedRecord]:
        """At most `limit` records from `position` on; waits up to `seconds` for the first.

        What cannot be read of the log is among them, with an `error`. Raises OffsetGone, and KafkaError when the
        brokers are away; both leave the reader usable.
        """
        with self._lock:
            try:
                records = self._poll(position, limit, seconds)
            except (OffsetOutOfRangeError, LogTruncationError) as error:
                self._say_gone(position, error)
            except RetriableError:
                raise
            except KafkaError:
                self._reopen()
                raise
            except Exception as error:
                # A defect of the client must not end the job.
                self._reopen()
                raise KafkaError(f"the client failed: {type(error).__name__}") from error
        previous = position
        found = []
        for record in records:
            found.append(_received(record, previous))
            previous = record.offset + 1
        return found

    def _poll(self, position: int, limit: int, seconds: float) -> list[ReadRecord]:
        # Between the last record and the next fetch nothing stands for us.
        if position not in (self._position, self._after):
            self._consumer.seek(self._partition, position)
        self._position = self._after = None
        polled = self._consumer.poll(timeout_ms=round(seconds * 1000), max_records=limit)
        records: list[ReadRecord] = []
        for record in polled.get(self._partition, []):
            # Offsets below the position belong to a topic that was deleted and made again.
            if record.offset < position:
                continue
            if record.again and self._is_tried_again(record.offset):
                # Without a position the next read seeks, and so fetches the bytes anew.
                return records
            records.append(record)
        self._position = records[-1].offset + 1 if records else position
        self._after = max(self._position, int(self._consumer.position(self._partition) or 0))
        return records

    def _is_tried_again(self, offset: int) -> bool:
        self._tries = (offset, self._tries[1] + 1 if self._tries[0] == offset else 1)
        return self._tries[1] < _TRIES

    def _say_gone(self, position: int, cause: Exception) -> NoReturn:
        earliest = int(self._consumer.beginning_offsets([self._partition])[self._partition])
        latest = int(self._consumer.end_offsets([self._partition])[self._partition])
        if earliest <= position <= latest:
            log.error("%s: a broker lost records that it had confirmed; reading on at %d", self._partition, position)
            raise KafkaError("records were lost") from cause
        raise OffsetGone(earliest, latest) from cause

    def _reopen(self) -> None:
        """kafka-python's next poll after an error may never return (3.0.12)."""
        closing, self._consumer = self._consumer, self._open()
        closing.close()

    def backlog(self, position: int) -> int:
        """Records from `position` to the end of the partition, as last heard."""
        high = self._consumer.highwater(self._partition)
        return max(0, int(high) - position) if high is not None else 0

    def _open(self) -> KafkaConsumer:
        opened = consumer(
            self._settings,
            group_id=self._settings.group,
            # Nothing that expired or was made anew may be jumped over in silence.
            auto_offset_reset="none",
            max_poll_records=500,
            metadata_max_age_ms=METADATA_MS,
            metrics_enabled=False,
        )
        opened.assign([self._partition])
        return opened


def _received(record: ReadRecord, previous: int) -> ReceivedRecord:
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
        headers=tuple(record.headers),
        error=None if record.problem is None else record.problem.item(_STAGE),
    )


def _received_at(timestamp_ms: int) -> datetime:
    """The record's time, or now where its producer's clock says what BigQuery would not take as a partition."""
    now = datetime.now(UTC)
    try:
        told = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return told if now - _OLDEST < told < now + _NEWEST else now
