"""Records out of the bytes a broker hands over, whatever those are.

kafka-python's own reading raises on some bytes, unpacks without a bound, takes counts and lengths at their word, and
after an error its next poll never returns (3.0.12). Here a stretch of the log that cannot be read is a record too:
it has an offset, the raw bytes, and what is wrong.

The layout is Kafka's message format 2 (https://kafka.apache.org/documentation/#recordbatch).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import google_crc32c
from kafka.record.util import decode_varint

from connections.kafka.codecs import Unpackable, unpack
from connections.kafka.outgoing import HEADERS_OMITTED, fitted_fields
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Header

FORMAT = 2
"""Of the messages that are read; Kafka has written it since 0.11."""
MAX_HEADERS = 20_000
"""Of one record. Two bytes of the log make a header of some 150 bytes in memory."""
_HEADER = struct.Struct(">qiibIhiqqqhii")
_LENGTH = struct.Struct(">qi")
_MAGIC = struct.calcsize(">qii")
_OLD_HEADER_BYTES = struct.calcsize(">qiIbb")
_COVERED_BY_CRC = struct.calcsize(">qiibI")
_CODEC_BITS, _LOG_APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x07, 0x08, 0x10, 0x20


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is taken, in bytes."""

    unpacked: int
    """Of one batch."""
    record: int
    """Of one record; also of a raw batch that is handed on."""


class LogRecord(NamedTuple):
    """One record, or a stretch of the log up to `offset` that is none."""

    offset: int
    timestamp: int
    """Milliseconds since 1970, as its producer or the broker says; any 64-bit number."""
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    problem: DocbeamError | None = None
    again: bool = False
    """The problem may be gone when the same bytes are fetched again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The head of a batch, and its bytes."""

    raw: bytes
    base_offset: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    first_timestamp: int
    max_timestamp: int
    producer_id: int
    count: int

    @property
    def last_offset(self) -> int:
        """Of the last record the batch had when it was written; compaction keeps it."""
        return self.base_offset + max(0, self.last_offset_delta)

    @property
    def is_control(self) -> bool:
        """Whether it marks the end of a transaction."""
        return bool(self.attributes & _CONTROL)

    @property
    def is_transactional(self) -> bool:
        """Whether it belongs to a transaction."""
        return bool(self.attributes & _TRANSACTIONAL)

    @property
    def aborts(self) -> bool:
        """Whether it marks the end of a transaction that was given up."""
        marker = next(records_of(self, Bounds(len(self.raw), len(self.raw))), None)
        return self.is_control and marker is not None and (marker.key or b"")[2:4] == b"\x00\x00"

    def is_sound(self) -> bool:
        """Whether the bytes are those that were written."""
        return bool(google_crc32c.value(self.raw[_COVERED_BY_CRC:]) == self.crc)


class _Damaged(Exception):
    """The bytes at a position are no record."""


def batches(log: bytes | memoryview) -> Iterator[Batch | None]:
    """The whole batches in what a broker sent; the last one may be cut and is left out.

    None, and then nothing more, where a length is impossible. Of another format than `FORMAT` only the offset is told.
    """
    view, position = memoryview(log), 0
    while len(view) - position >= _LENGTH.size:
        _, length = _LENGTH.unpack_from(view, position)
        end = position + _LENGTH.size + length
        if end > len(view):
            return
        if end - position < _OLD_HEADER_BYTES:
            yield None
            return
        raw = bytes(view[position:end])
        position, magic = end, raw[_MAGIC]
        if magic != FORMAT:
            yield Batch(raw, _LENGTH.unpack_from(raw)[0], -1, magic, 0, 0, 0, -1, -1, -1, 0)
            continue
        if len(raw) < _HEADER.size:
            yield None
            return
        (base, _, epoch, _, crc, attributes, last, first_time, max_time, producer, _, _, count) = _HEADER.unpack_from(
            raw
        )
        yield Batch(raw, base, epoch, magic, crc, attributes, last, first_time, max_time, producer, count)


def records_of(batch: Batch, bounds: Bounds, position: int = 0) -> Iterator[LogRecord]:
    """The records of a sound batch from offset `position` on, rising; what cannot be read is the last of them."""
    following = max(batch.base_offset, position)
    try:
        unpacked = unpack(batch.attributes & _CODEC_BITS, batch.raw[_HEADER.size :], bounds.unpacked)
        place, count, offset = 0, 0, batch.base_offset - 1
        while place < len(unpacked.data):
            try:
                record, place = _record(unpacked.data, place, batch, bounds)
            except _Damaged:
                if unpacked.whole:
                    raise
                break
            if not offset < record.offset <= batch.last_offset:
                raise _Damaged("an offset is not of the batch")
            offset, count = record.offset, count + 1
            if offset >= position:
                following = offset + 1
                yield record
        if not unpacked.whole:
            yield from stretch(batch, following, bounds, _too_large(batch, bounds))
        elif count < batch.count:
            yield from stretch(batch, following, bounds, unreadable("it holds fewer records than it says"))
    except (Unpackable, _Damaged) as error:
        yield from stretch(batch, following, bounds, unreadable(str(error)))


def stretch(
    batch: Batch, first: int, bounds: Bounds, problem: DocbeamError, *, last: int | None = None, again: bool = False
) -> Iterator[LogRecord]:
    """The offsets from `first` to the end of the batch as one record, with the raw batch; nothing if there are none."""
    last = batch.last_offset if last is None else last
    if first > last:
        return
    headers: tuple[Header, ...] = (
        ("docbeam.log.first_offset", str(first).encode()),
        ("docbeam.log.last_offset", str(last).encode()),
        ("docbeam.log.batch_bytes", str(len(batch.raw)).encode()),
    )
    raw = batch.raw if len(batch.raw) <= bounds.record else None
    yield LogRecord(last, batch.max_timestamp, None, raw, headers, problem, again)


def unreadable(reason: str) -> DocbeamError:
    """The error for a batch that cannot be read."""
    return DocbeamError(
        ErrorCode.BATCH_UNREADABLE, f"a batch of records cannot be read: {reason}; send its records again"
    )


def _record(data: bytes, position: int, batch: Batch, bounds: Bounds) -> tuple[LogRecord, int]:
    try:
        length, position = decode_varint(data, position)
        end = position + length
        if length < 1 or end > len(data):
            raise _Damaged("a record does not end where it says")
        position += 1  # Attributes, of which none are defined.
        later, position = decode_varint(data, position)
        delta, position = decode_varint(data, position)
        key, position = _nullable(data, position, end)
        value, position = _nullable(data, position, end)
        count, position = decode_varint(data, position)
        if not 0 <= 2 * count <= end - position:
            raise _Damaged("a record cannot have so many headers")
        problem: DocbeamError | None = None
        headers: tuple[Header, ...] = ()
        if count > MAX_HEADERS:
            headers = ((HEADERS_OMITTED, str(count).encode()),)
        else:
            headers, position = _headers(data, position, end, count)
            if position != end:
                raise _Damaged("a record does not end where it says")
    except (IndexError, ValueError) as error:
        raise _Damaged("a number does not end") from error
    if length > bounds.record:
        whole = value
        key, value, headers = fitted_fields(key, value, headers, bounds.record)
        # Without some of its headers, or its key, a request is still a request.
        problem = None if value is whole else _too_long(length, bounds)
    timestamp = batch.max_timestamp if batch.attributes & _LOG_APPEND_TIME else batch.first_timestamp + later
    return LogRecord(batch.base_offset + delta, timestamp, key, value, headers, problem), end


def _too_long(length: int, bounds: Bounds) -> DocbeamError:
    return DocbeamError(
        ErrorCode.RECORD_TOO_LARGE, f"the record has {length} bytes, kafka.max_message_bytes is {bounds.record}"
    )


def _nullable(data: bytes, position: int, end: int) -> tuple[bytes | None, int]:
    length, position = decode_varint(data, position)
    if length < 0:
        return None, position
    if length > end - position:
        raise _Damaged("a field is longer than its record")
    return data[position : position + length], position + length


def _headers(data: bytes, position: int, end: int, count: int) -> tuple[tuple[Header, ...], int]:
    found: list[Header] = []
    for _ in range(count):
        name, position = _nullable(data, position, end)
        if name is None:
            raise _Damaged("a header has no name")
        value, position = _nullable(data, position, end)
        found.append((name.decode("utf-8", "backslashreplace"), value))
    return tuple(found), position


def _too_large(batch: Batch, bounds: Bounds) -> DocbeamError:
    return DocbeamError(
        ErrorCode.BATCH_TOO_LARGE,
        f"a batch of {len(batch.raw)} bytes unpacks to more than {bounds.unpacked} (kafka.max_unpacked_bytes); "
        "send what is behind that in smaller batches",
    )
