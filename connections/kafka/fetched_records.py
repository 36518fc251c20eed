"""Makes a consumer of kafka-python read what brokers send by our own reading of batches.

The consumer keeps fetching, positions and sessions; what it takes out of a response is decided here, for this one
consumer (its fetcher looks the class up on itself, so nothing is changed for others).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord, Fetcher
from kafka.protocol.consumer import IsolationLevel

from config.settings import KafkaSettings
from connections.kafka.record_batches import FORMAT, Batch, Bounds, LogRecord, batches, records_of, stretch, unreadable
from schemas.errors import DocbeamError


class ReadRecord(ConsumerRecord):
    """A record of kafka-python's, and what is wrong with it."""

    problem: DocbeamError | None = None
    again: bool = False


class BoundedRecords(Fetcher.PartitionRecords):
    """The records of one response for one partition; never raises, whatever the bytes are."""

    next_fetch_offset: int
    leader_epoch: int
    bytes_read: int

    def __init__(self, *arguments: Any, bounds: Bounds, **named: Any) -> None:
        self._bounds = bounds
        super().__init__(*arguments, **named)

    def _unpack_records(self, tp: Any, records: Any, *_: Any) -> Iterator[ReadRecord]:
        for batch, next_base in _followed(records._buffer):
            if batch is None:
                yield self._taken(tp, self._nonsense())
                break
            self.leader_epoch = batch.leader_epoch
            self.bytes_read += len(batch.raw)
            for record in self._of_batch(batch, next_base):
                yield self._taken(tp, record)
            self.next_fetch_offset = max(self.next_fetch_offset, _end(batch, next_base))
        if self.bytes_read and self.next_fetch_offset <= self.fetch_offset:
            # The same bytes would be fetched for ever.
            yield self._taken(tp, self._nonsense())
        self.drain()

    def _of_batch(self, batch: Batch, next_base: int | None) -> Iterator[LogRecord]:
        position = max(self.next_fetch_offset, self.fetch_offset)
        if batch.magic != FORMAT:
            yield from stretch(batch, position, self._bounds, unreadable("its format is older than that of Kafka 0.11"))
        elif not batch.is_sound():
            last = max(position, _end(batch, next_base) - 1)
            problem = unreadable("it is not as it was written, its checksum is wrong")
            yield from stretch(batch, position, self._bounds, problem, last=last, again=True)
        elif not self._is_left_out(batch):
            yield from records_of(batch, self._bounds, position)

    def _is_left_out(self, batch: Batch) -> bool:
        """Whether it belongs to an aborted transaction, or marks the end of one."""
        if self.isolation_level == IsolationLevel.READ_COMMITTED and batch.producer_id >= 0:
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if batch.is_control and batch.aborts:
                self.aborted_producer_ids.discard(batch.producer_id)
            elif batch.is_transactional and batch.producer_id in self.aborted_producer_ids:
                return True
        return batch.is_control

    def _taken(self, tp: Any, record: LogRecord) -> ReadRecord:
        self.records_read += 1
        self.next_fetch_offset = record.offset + 1
        taken = ReadRecord(
            tp.topic, tp.partition, self.leader_epoch, record.offset, record.timestamp, 0,
            record.key, record.value, list(record.headers), None, -1, -1, -1,
        )  # fmt: skip
        taken.problem, taken.again = record.problem, record.again
        return taken

    def _nonsense(self) -> LogRecord:
        """One offset further. Brokers find their batches by the same bytes, so that this should not be seen."""
        position = max(self.next_fetch_offset, self.fetch_offset)
        return LogRecord(
            position, -1, None, None, (), unreadable("its length or its offsets are impossible"), again=True
        )


def read_whatever_comes(consumer: KafkaConsumer, settings: KafkaSettings) -> None:
    """Bound and forgive what this consumer reads."""
    bounds = Bounds(settings.max_unpacked_bytes, settings.max_message_bytes)
    consumer._fetcher.PartitionRecords = functools.partial(BoundedRecords, bounds=bounds)


def _end(batch: Batch, next_base: int | None) -> int:
    """The offset behind a batch: what it says, but never past the one that follows, since that may be damaged too."""
    end = batch.last_offset + 1
    return end if next_base is None else min(end, next_base)


def _followed(log: Any) -> Iterator[tuple[Batch | None, int | None]]:
    """Each batch with the first offset of the one behind it."""
    previous: Batch | None = None
    for batch in batches(log):
        if previous is not None:
            yield previous, None if batch is None else batch.base_offset
        if batch is None:
            yield None, None
            return
        previous = batch
    if previous is not None:
        yield previous, None
