"""Logs of a partition as no producer writes them, and the consumer that hands them to a reader."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import google_crc32c
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.protocol.consumer import IsolationLevel
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.util import encode_varint

from connections.kafka.fetched_records import BoundedRecords, ReadRecord
from connections.kafka.partition_reader import PartitionReader
from connections.kafka.record_batches import Bounds
from tests.connections.kafka_batches import HEAD, sealed
from tests.fuzz.hostile import HEADERS, INT64, KAFKA, damaged, one_of_these

BOUNDS = Bounds(unpacked=20_000, record=9_000)
_NULLABLE = st.none() | st.binary(max_size=30) | one_of_these([b"", b"v" * 8_500, b"z" * 30_000])
_TIMES = st.sampled_from([0, -1, 2**63 - 1, -(2**63), 1_700_000_000_000, 253_402_300_800_000]) | INT64
_VARINTS = st.sampled_from([0, 1, -1, -2, 63, 64, 2**31 - 1, 2**31, -(2**31), 2**62, 2**63 - 1]) | st.integers(-70, 70)


@st.composite
def written(draw: st.DrawFn, base: int) -> bytes:
    """A batch as producers write it, but for what it says."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=draw(st.integers(0, 4)), is_transactional=draw(st.booleans()),
        producer_id=draw(st.sampled_from([-1, 7, 8])), producer_epoch=0, base_sequence=0, batch_size=2**40,
    )  # fmt: skip
    for number in range(draw(st.integers(1, 5))):
        builder.append(number, draw(_TIMES) // 2, draw(_NULLABLE), draw(_NULLABLE), list(draw(HEADERS)))
    found = bytearray(builder.build())
    struct.pack_into(">q", found, 0, base)
    return bytes(found)


@st.composite
def record(draw: st.DrawFn, delta: int) -> bytes:
    """A record whose lengths and counts may be lies."""
    inside = b"\x00" + _varint(draw(_VARINTS)) + _varint(delta if draw(st.booleans()) else draw(_VARINTS))
    for _ in range(2):
        inside += draw(_field())
    count = draw(st.integers(0, 3))
    inside += _varint(count if draw(st.booleans()) else draw(_VARINTS))
    for _ in range(2 * count):
        inside += draw(_field())
    return _varint(len(inside) if draw(st.booleans()) else draw(_VARINTS)) + inside


@st.composite
def _field(draw: st.DrawFn) -> bytes:
    value = draw(st.none() | st.binary(max_size=12))
    length = -1 if value is None else len(value)
    return _varint(length if draw(st.integers(0, 5)) else draw(_VARINTS)) + (value or b"")


@st.composite
def forged(draw: st.DrawFn, base: int) -> bytes:
    """A batch with a right checksum round a body that may be anything."""
    parts = [draw(record(number)) for number in range(draw(st.integers(0, 4)))]
    body = draw(damaged(st.just(b"".join(parts)) | st.binary(max_size=60)))
    return sealed(
        body,
        base=base,
        last_delta=draw(st.integers(0, 6) | st.integers(-(2**31), 2**31 - 1)),
        count=draw(st.integers(0, 6) | st.integers(-(2**31), 2**31 - 1)),
        codec=draw(st.integers(0, 7) | st.integers(-(2**15), 2**15 - 1)),
        timestamp=draw(_TIMES),
    )


@st.composite
def spoilt(draw: st.DrawFn, base: int) -> bytes:
    """A real batch, damaged behind its head, whose checksum may have been made again."""
    found = draw(written(base))
    changed = bytearray(found[: HEAD.size] + draw(damaged(st.just(found[HEAD.size :]))))
    struct.pack_into(">i", changed, 8, len(changed) - 12)
    if draw(st.booleans()):
        struct.pack_into(">I", changed, 17, google_crc32c.value(bytes(changed[21:])))
    if draw(st.integers(0, 9)) == 9:
        changed[16] = draw(st.integers(0, 255))
    return bytes(changed)


@dataclass(frozen=True, slots=True)
class Log:
    """Batches one behind the other; offsets rise, as brokers see to."""

    batches: list[bytes]
    owed: frozenset[int]
    """Offsets of records that nothing is wrong with."""


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Any log. Brokers check what producers say of offsets, so with forged heads in it nothing is owed."""
    found: list[bytes] = []
    owed: set[int] = set()
    base, forgeries = draw(st.sampled_from([0, 5, 2**40])), draw(st.booleans())
    for _ in range(draw(st.integers(1, 4))):
        kinds = [written(base), spoilt(base), *([forged(base)] if forgeries else [])]
        kind = draw(st.integers(0, len(kinds) - 1))
        found.append(draw(kinds[kind]))
        *_, last_delta, _, _, producer, _, _, count = HEAD.unpack_from(found[-1])
        if kind == 0 and producer < 0:
            assert count == last_delta + 1
            owed |= set(range(base, base + count))
        base += draw(st.integers(6, 40))
    return Log(found, frozenset() if forgeries else frozenset(owed))


class LogReader(PartitionReader):
    """A reader whose consumer is no client but a log."""

    def __init__(self, log: list[bytes], aborted: list[Any]) -> None:
        self._consumer_of_log = _LogConsumer(log, aborted)
        super().__init__(KAFKA, "requests", 0)

    def _open(self) -> Any:
        return self._consumer_of_log


class _LogConsumer:
    """What a reader asks of kafka-python's consumer. Like a broker it finds batches by what it wrote in their heads."""

    def __init__(self, log: list[bytes], aborted: list[Any]) -> None:
        self._log = log
        self._aborted = aborted
        self._place = 0
        self._response: BoundedRecords | None = None

    def seek(self, partition: TopicPartition, position: int) -> None:
        self._place, self._response = position, None

    def position(self, partition: TopicPartition) -> int:
        return self._place

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[ReadRecord]]:
        partition = TopicPartition("requests", 0)
        if not self._response:
            self._response = BoundedRecords(
                self._place, partition, MemoryRecords(b"".join(self._from(self._place))), bounds=BOUNDS,
                isolation_level=IsolationLevel.READ_COMMITTED, aborted_transactions=self._aborted,
            )  # fmt: skip
        taken = self._response.take(max_records)
        self._place = self._response.next_fetch_offset
        return {partition: taken}

    def close(self) -> None:
        raise AssertionError("the client failed")

    def _from(self, position: int) -> list[bytes]:
        for number, following in enumerate([*(HEAD.unpack_from(batch)[0] for batch in self._log[1:]), None]):
            if following is None or following > position:
                return self._log[number:]
        return []


def _varint(number: int) -> bytes:
    found = bytearray()
    encode_varint(number, found.append)
    return bytes(found)
