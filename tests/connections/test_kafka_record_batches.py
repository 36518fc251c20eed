"""Bytes of a log to records: what producers write comes out as it was, and anything else ends somewhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.record import MemoryRecords
from kafka.record.util import encode_varint

from connections.kafka.fetched_records import BoundedRecords
from connections.kafka.record_batches import MAX_HEADERS, Bounds, LogRecord, batches, records_of
from schemas.errors import ErrorCode
from tests.connections.kafka_batches import HEAD, Record, batch, sealed

_BOUNDS = Bounds(unpacked=100_000, record=50_000)
_NULLABLE = st.none() | st.binary(max_size=40)
_NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
_RECORDS = st.lists(
    st.tuples(_NULLABLE, _NULLABLE, st.lists(st.tuples(_NAMES, _NULLABLE), max_size=4)), min_size=1, max_size=8
)


def _read(log: bytes, bounds: Bounds = _BOUNDS, position: int = 0) -> list[LogRecord]:
    return [record for found in batches(log) if found is not None for record in records_of(found, bounds, position)]


def _varint(number: int) -> bytes:
    found = bytearray()
    encode_varint(number, found.append)
    return bytes(found)


def _record(delta: int, value: bytes, headers: bytes = b"\x00") -> bytes:
    body = b"\x00\x00" + _varint(delta) + _varint(-1) + _varint(len(value)) + value + headers
    return _varint(len(body)) + body


@pytest.mark.parametrize("codec", range(5))
@settings(deadline=None)
@given(records=_RECORDS, base=st.integers(0, 2**40))
def test_every_record_comes_out_as_it_was_written(codec: int, records: list[Record], base: int) -> None:
    found = _read(batch(records, base=base, codec=codec))
    assert [(one.key, one.value, list(one.headers)) for one in found] == [(k, v, list(h)) for k, v, h in records]
    assert [one.offset for one in found] == list(range(base, base + len(records)))
    assert all(one.problem is None and one.timestamp == 1_700_000_000_000 for one in found)


def test_a_header_name_that_is_no_utf_8_stands_escaped() -> None:
    name = b"caf\xe9"
    headers = _varint(1) + _varint(len(name)) + name + _varint(-1)
    (found,) = _read(sealed(_record(0, b"v", headers), base=3, last_delta=0, count=1))
    assert found.headers == (("caf\\xe9", None),)


def test_reading_from_inside_a_batch_begins_there() -> None:
    log = batch([(None, b"%d" % index, []) for index in range(5)], base=10, codec=1)
    assert [one.value for one in _read(log, position=13)] == [b"3", b"4"]


def test_what_is_behind_the_bound_is_one_record_at_the_last_offset_with_the_raw_batch() -> None:
    log = batch([(None, bytes([65 + index]) * 30_000, []) for index in range(5)], base=10, codec=1)
    *read, rest = _read(log)
    assert [one.offset for one in read] == [10, 11, 12]
    assert all(one.problem is None for one in read)
    assert rest.problem is not None
    assert (rest.offset, rest.value, rest.problem.code) == (14, log, ErrorCode.BATCH_TOO_LARGE)
    assert dict(rest.headers)["docbeam.log.first_offset"] == b"13"


def test_a_record_larger_than_a_message_keeps_what_fits() -> None:
    log = batch([(b"k", b"v" * 60_000, [("a", b"1")]), (None, b"next", [])], codec=1)
    large, following = _read(log)
    assert large.problem is not None
    assert (large.problem.code, large.key, large.value) == (ErrorCode.RECORD_TOO_LARGE, b"k", None)
    assert dict(large.headers) == {"a": b"1", "docbeam.value_omitted_bytes": b"60000"}
    assert (following.value, following.problem) == (b"next", None)


def test_a_request_under_too_many_bytes_of_headers_stays_one() -> None:
    headers = [("traceparent", b"00-trace"), *((f"h{index}", b"x" * 1000) for index in range(60))]
    (found,) = _read(batch([(b"k", b"request", headers)], codec=1))
    assert (found.problem, found.key, found.value) == (None, b"k", b"request")
    assert ("traceparent", b"00-trace") in found.headers
    assert dict(found.headers)["docbeam.headers_omitted"] == b"%d" % (62 - len(found.headers))


def test_more_headers_than_memory_should_hold_are_not_read() -> None:
    headers = _varint(30_000) + b"\x00\x00" * 30_000
    log = sealed(_record(0, b"v", headers), base=0, last_delta=0, count=1)
    (found,) = _read(log, Bounds(1_000_000, 1_000_000))
    assert (found.problem, found.value, found.headers) == (None, b"v", (("docbeam.headers_omitted", b"30000"),))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff" * 30,
        _varint(-5),
        _varint(2**31),
        _varint(3) + b"\x00\x00\x00",
        _record(0, b"v", _varint(-1)),
        _record(0, b"v", _varint(2**31 - 1)),
        _record(0, b"v", _varint(1) + _varint(-3)),
        _record(7, b"offset of another batch"),
        _record(0, b"v")[:-1],
    ],
)
def test_damage_becomes_one_record_at_the_last_offset(body: bytes) -> None:
    log = sealed(body, base=20, last_delta=4, count=5)
    (found,) = _read(log)
    assert found.problem is not None
    assert (found.offset, found.value, found.problem.code) == (24, log, ErrorCode.BATCH_UNREADABLE)


@pytest.mark.parametrize("count", [2**31 - 1, 4])
def test_records_in_front_of_damage_or_of_a_lie_are_kept(count: int) -> None:
    log = sealed(_record(0, b"one") + _record(1, b"two"), base=20, last_delta=4, count=count)
    *read, rest = _read(log)
    assert [one.value for one in read] == [b"one", b"two"]
    assert rest.problem is not None
    assert (rest.offset, rest.problem.code) == (24, ErrorCode.BATCH_UNREADABLE)


def test_a_changed_byte_is_seen() -> None:
    log = bytearray(batch([(b"k", b"value", [])]))
    log[-3] ^= 1
    (found,) = batches(bytes(log))
    assert found is not None
    assert not found.is_sound()


@settings(deadline=None)
@given(
    body=st.binary(max_size=200) | st.lists(st.binary(max_size=30).map(lambda value: _record(0, value))).map(b"".join),
    base=st.integers(-(2**63), 2**63 - 1),
    last_delta=st.integers(-(2**31), 2**31 - 1),
    count=st.integers(-(2**31), 2**31 - 1),
    codec=st.integers(-(2**15), 2**15 - 1),
    length=st.none() | st.integers(-(2**31), 2**31 - 1),
    position=st.integers(0, 2**40),
)
def test_no_batch_hangs_raises_or_goes_back(
    body: bytes, base: int, last_delta: int, count: int, codec: int, length: int | None, position: int
) -> None:
    log = sealed(body, base=base, last_delta=last_delta, count=count, codec=codec, length=length)
    found = _read(log + log, position=position)
    for one in found:
        assert one.offset >= position
    first = _read(log, position=position)
    assert all(before.offset < after.offset for before, after in pairwise(first))


@settings(deadline=None)
@given(records=_RECORDS, codec=st.integers(0, 4), flips=st.lists(st.integers(0, 100_000), min_size=1, max_size=6))
def test_no_damage_to_a_real_batch_hangs_or_raises(records: list[Record], codec: int, flips: list[int]) -> None:
    log = bytearray(batch(records, codec=codec))
    for flip in flips:
        log[flip // 8 % len(log)] ^= 1 << flip % 8
    _read(bytes(log))


@settings(deadline=None)
@given(
    parts=st.lists(st.tuples(_RECORDS, st.integers(0, 4)), min_size=1, max_size=4),
    flips=st.lists(st.integers(0, 100_000), max_size=6),
    behind=st.binary(max_size=80),
    position=st.integers(0, 20),
)
def test_a_response_moves_the_position_on_and_gives_each_offset_once(
    parts: list[tuple[list[Record], int]], flips: list[int], behind: bytes, position: int
) -> None:
    log, base = bytearray(), 0
    for records, codec in parts:
        log += batch(records, base=base, codec=codec)
        base += len(records)
    for flip in flips:
        log[flip // 8 % len(log)] ^= 1 << flip % 8
    position = min(position, base - 1)
    response = BoundedRecords(position, TopicPartition("t", 0), MemoryRecords(bytes(log) + behind), bounds=_BOUNDS)
    found = []
    while response:
        found += response.take(3)
    offsets = [record.offset for record in found]
    assert all(before < after for before, after in pairwise([position - 1, *offsets]))
    if not flips:
        assert offsets[: base - position] == list(range(position, base))
    # A length that is damaged may say that the first batch is not here yet; the broker is asked again then.
    assert response.next_fetch_offset > position or not found


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_hang_or_raise(log: bytes) -> None:
    _read(log)
    _read(HEAD.pack(0, len(log) + HEAD.size - 12, 0, 2, 0, 0, 5, 0, 0, -1, -1, -1, 3) + log)


def test_a_field_longer_than_its_record_is_damage_and_takes_nothing_of_the_next() -> None:
    short = b"\x00\x00" + _varint(0) + _varint(-1) + _varint(10) + b"ab"
    log = sealed(_varint(len(short)) + short + _record(1, b"x" * 20), base=20, last_delta=1, count=2)
    (found,) = _read(log)
    assert found.problem is not None
    assert (found.offset, found.problem.code) == (21, ErrorCode.BATCH_UNREADABLE)


def test_as_many_headers_as_are_read_are_all_read() -> None:
    headers = _varint(MAX_HEADERS) + b"\x00\x00" * MAX_HEADERS
    log = sealed(_record(0, b"v", headers), base=0, last_delta=0, count=1)
    (found,) = _read(log, Bounds(1_000_000, 1_000_000))
    assert len(found.headers) == MAX_HEADERS
