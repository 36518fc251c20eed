"""What a consumer takes out of a broker's response: every record that counts, once, and what is wrong as a record."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.protocol.consumer import IsolationLevel
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.util import encode_varint

from connections.kafka import record_building
from connections.kafka.fetched_records import BoundedRecords, ReadRecord
from connections.kafka.record_batches import Bounds, batches, records_of
from schemas.errors import ErrorCode
from tests.connections.kafka_batches import batch, sealed

TRANSACTIONAL, CONTROL, LOG_APPEND_TIME = 0x10, 0x20, 0x08
ABORT, COMMIT = b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"


def varint(number: int) -> bytes:
    found = bytearray()
    encode_varint(number, found.append)
    return bytes(found)


def record(value: bytes, key: bytes | None = None, delta: int = 0, later: int = 0) -> bytes:
    keyed = varint(-1) if key is None else varint(len(key)) + key
    body = b"\x00" + varint(later) + varint(delta) + keyed + varint(len(value)) + value + b"\x00"
    return varint(len(body)) + body


def of_transaction(base: int, producer: int, value: bytes) -> bytes:
    return sealed(record(value), base=base, last_delta=0, count=1, codec=TRANSACTIONAL, producer=producer)


def marker(base: int, producer: int, key: bytes) -> bytes:
    kind = TRANSACTIONAL | CONTROL
    return sealed(record(b"", key), base=base, last_delta=0, count=1, codec=kind, producer=producer)


def response(
    log: bytes, position: int = 0, aborted: Sequence[tuple[int, int]] = (), committed: bool = True
) -> BoundedRecords:
    return BoundedRecords(
        position,
        TopicPartition("t", 3),
        MemoryRecords(log),
        isolation_level=IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED,
        aborted_transactions=[SimpleNamespace(producer_id=each, first_offset=first) for each, first in aborted],
        bounds=Bounds(100_000, 50_000),
    )


def taken(response: BoundedRecords) -> list[ReadRecord]:
    found: list[ReadRecord] = response.take()
    assert not response, "nothing is left, so that the consumer fetches again"
    return found


def values(found: list[ReadRecord]) -> list[tuple[int, bytes | None]]:
    return [(each.offset, each.value) for each in found]


def test_a_record_has_all_that_was_written() -> None:
    log = batch([(b"k", b"v", [("h", b"1"), ("n", None)]), (None, None, [])], base=7, timestamp=1_700_000_000_123)
    answer = response(log, 7)
    first, second = taken(answer)
    assert (first.topic, first.partition, first.offset, first.timestamp) == ("t", 3, 7, 1_700_000_000_123)
    assert (first.key, first.value, first.headers) == (b"k", b"v", [("h", b"1"), ("n", None)])
    assert (first.problem, first.again) == (None, False)
    assert (second.offset, second.key, second.value) == (8, None, None)
    assert (answer.next_fetch_offset, answer.bytes_read, answer.records_read) == (9, len(log), 2)


TRANSACTIONS = (
    of_transaction(0, 5, b"given up")
    + of_transaction(1, 6, b"kept")
    + sealed(record(b"beside"), base=2, last_delta=0, count=1, producer=5)
    + marker(3, 5, ABORT)
    + of_transaction(4, 5, b"next try")
    + marker(5, 6, COMMIT)
    + marker(6, 5, COMMIT)
)


def test_what_was_given_up_is_left_out_and_nothing_else() -> None:
    answer = response(TRANSACTIONS, aborted=[(5, 0)])
    assert values(taken(answer)) == [(1, b"kept"), (2, b"beside"), (4, b"next try")]
    assert answer.next_fetch_offset == 7, "behind the markers"
    assert answer.bytes_read == len(TRANSACTIONS)


def test_a_transaction_that_is_given_up_later_hides_nothing_before_it() -> None:
    log = of_transaction(0, 5, b"first") + marker(1, 5, COMMIT) + of_transaction(2, 5, b"second") + marker(3, 5, ABORT)
    assert values(taken(response(log, aborted=[(5, 2)]))) == [(0, b"first")]


def test_a_commit_marker_does_not_end_what_was_given_up() -> None:
    log = of_transaction(0, 5, b"one") + marker(1, 6, COMMIT) + of_transaction(2, 5, b"two") + marker(3, 5, ABORT)
    assert values(taken(response(log, aborted=[(5, 0)]))) == []


def test_who_reads_uncommitted_gets_all_but_the_markers() -> None:
    found = values(taken(response(TRANSACTIONS, aborted=[(5, 0)], committed=False)))
    assert [offset for offset, _ in found] == [0, 1, 2, 4]


def test_only_what_lies_behind_the_position_is_taken() -> None:
    log = batch([(None, b"%d" % number, []) for number in range(4)], base=10) + batch([(None, b"4", [])], base=14)
    assert values(taken(response(log, 12))) == [(12, b"2"), (13, b"3"), (14, b"4")]


def old_format(offset: int) -> bytes:
    body = struct.pack(">Ibb", 0, 1, 0) + bytes(14)
    return struct.pack(">qi", offset, len(body)) + body


def test_messages_of_before_kafka_0_11_are_told_as_such_and_passed() -> None:
    answer = response(batch([(None, b"0", [])]) + old_format(1) + batch([(None, b"2", [])], base=2))
    before, old, after = taken(answer)
    assert (before.value, after.value, after.offset) == (b"0", b"2", 2)
    assert old.problem is not None
    assert (old.offset, old.problem.code, old.again) == (1, ErrorCode.BATCH_UNREADABLE, False)
    assert "older than that of Kafka 0.11" in old.problem.message
    assert old.value == old_format(1)


def test_changed_bytes_are_one_record_that_is_worth_another_try_up_to_the_next_batch() -> None:
    damaged = bytearray(batch([(None, b"%d" % number, []) for number in range(3)], base=4))
    # It says that it goes on to offset 1004.
    struct.pack_into(">i", damaged, 23, 1000)
    log = batch([(None, b"before", [])], base=3) + bytes(damaged) + batch([(None, b"after", [])], base=9)
    before, bad, after = taken(response(log, 3))
    assert (before.offset, bad.offset, after.offset) == (3, 8, 9)
    assert bad.problem is not None
    assert (bad.problem.code, bad.again, bad.value) == (ErrorCode.BATCH_UNREADABLE, True, bytes(damaged))
    assert "its checksum is wrong" in bad.problem.message
    assert dict(bad.headers)["docbeam.log.first_offset"] == b"4"


def test_a_damaged_batch_that_says_it_lies_behind_is_passed_by_one() -> None:
    damaged = bytearray(batch([(None, b"v", [])], base=4))
    damaged[-1] ^= 1
    answer = response(bytes(damaged), 7)
    (bad,) = taken(answer)
    assert (bad.offset, bad.again) == (7, True)
    assert answer.next_fetch_offset == 8


@pytest.mark.parametrize("behind", [b"", batch([(None, b"never reached", [])], base=6)])
def test_an_impossible_length_is_one_record_that_is_worth_another_try(behind: bytes) -> None:
    nonsense = struct.pack(">qi", 5, 3) + bytes(3)
    answer = response(batch([(None, b"v", [])], base=4) + nonsense + behind, 4)
    good, bad = taken(answer)
    assert good.value == b"v"
    assert bad.problem is not None
    assert (bad.offset, bad.problem.code, bad.again) == (5, ErrorCode.BATCH_UNREADABLE, True)
    assert "its length or its offsets are impossible" in bad.problem.message
    assert answer.next_fetch_offset == 6


def test_sound_batches_that_lie_below_the_position_are_passed_by_one() -> None:
    answer = response(batch([(None, b"v", [])], base=2), 7)
    (bad,) = taken(answer)
    assert (bad.offset, bad.again, answer.next_fetch_offset) == (7, True, 8)


def test_a_response_without_a_whole_batch_moves_nothing() -> None:
    whole = batch([(None, b"v", [])], base=4)
    for log in (b"", whole[:-1], whole[:11]):
        answer = response(log, 4)
        assert taken(answer) == []
        assert answer.next_fetch_offset == 4


def test_times_are_those_of_the_producer_or_of_the_log() -> None:
    body = record(b"0") + record(b"1", delta=1, later=50)
    written = sealed(body, base=0, last_delta=1, count=2, timestamp=1000, newest=9000)
    appended = sealed(body, base=2, last_delta=1, count=2, timestamp=1000, newest=9000, codec=LOG_APPEND_TIME)
    assert [each.timestamp for each in taken(response(written + appended))] == [1000, 1050, 9000, 9000]


def test_what_producers_of_ours_build_holds_nulls_as_nulls_under_a_right_checksum() -> None:
    record_building.install()
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=2**20,
    )  # fmt: skip
    headers = (("null", None), ("text", b"null"), ("empty", b""))
    sent: list[tuple[bytes | None, bytes | None]] = [(None, None), (None, b"null"), (b"", None), (b"k", b"v")]
    for index, (key, value) in enumerate(sent):
        ready = record_building.sendable_value(key, value)
        assert ready is not None or key is not None, "`send` takes no record without both"
        builder.append(index, 1000, key, ready, record_building.sendable_headers(headers))
    (found,) = batches(bytes(builder.build()))
    assert found is not None
    assert found.is_sound()
    read = list(records_of(found, Bounds(10_000, 10_000)))
    assert [(each.key, each.value, each.headers) for each in read] == [(*each, headers) for each in sent]
