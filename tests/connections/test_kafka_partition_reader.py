"""A partition of a real broker is read to its end, whatever is in it."""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.record.util import encode_varint

from config.settings import KafkaSettings
from connections.kafka.clients import admin, consumer, producer
from connections.kafka.partition_reader import OffsetGone, PartitionReader
from connections.offsets import Chain
from schemas.errors import ErrorCode
from schemas.part import ReceivedRecord
from tests.connections.kafka_batches import batch, sealed
from tests.kafka_broker import Broker

pytestmark = pytest.mark.stack


def _reader(settings: KafkaSettings) -> PartitionReader:
    return PartitionReader(settings, settings.requests_topic, 0)


def _send(settings: KafkaSettings, *values: bytes) -> None:
    out = producer(settings)
    for value in values:
        out.send(settings.requests_topic, value).get(30)
    out.close()


def _transaction(settings: KafkaSettings, commit: bool, *values: bytes) -> None:
    out = producer(settings, transactional_id=f"{settings.group}-{time.monotonic_ns()}")
    out.init_transactions()
    out.begin_transaction()
    for value in values:
        out.send(settings.requests_topic, value)
    out.flush()
    if commit:
        out.commit_transaction()
    else:
        out.abort_transaction()
    out.close()


def _end(settings: KafkaSettings) -> int:
    place = TopicPartition(settings.requests_topic, 0)
    looking = consumer(settings)
    end = int(looking.end_offsets([place])[place])
    looking.close()
    return end


def _read_until(
    reader: PartitionReader, position: int, done: Callable[[list[ReceivedRecord]], bool]
) -> list[ReceivedRecord]:
    """As the source reads: from where the last record ended."""
    found: list[ReceivedRecord] = []
    deadline = time.monotonic() + 60
    while not done(found):
        assert time.monotonic() < deadline, found
        found += reader.read(found[-1].delivery.offset + 1 if found else position, 4, 0.5)
    return found


def _values(found: list[ReceivedRecord]) -> list[bytes | None]:
    return [record.value for record in found]


def test_aborted_records_are_passed_over_and_the_chain_goes_over_the_gap(broker: Broker) -> None:
    settings = broker.topics()
    _send(settings, b"0")
    _transaction(settings, False, b"aborted", b"aborted")
    _transaction(settings, True, b"1", b"2")
    _send(settings, b"3")
    found = _read_until(_reader(settings), 0, lambda found: len(found) >= 4)
    assert _values(found) == [b"0", b"1", b"2", b"3"]
    links = [(record.delivery.previous, record.delivery.offset + 1) for record in found]
    assert links == [(0, 1), (1, 5), (5, 6), (6, 8)]


def test_reading_goes_on_behind_aborted_records_at_the_end(broker: Broker) -> None:
    settings = broker.topics()
    _send(settings, b"0")
    _transaction(settings, False, b"aborted")
    reader = _reader(settings)
    (first,) = _read_until(reader, 0, bool)
    _read_until(reader, 1, lambda _: reader.position(1) == _end(settings) == 3 or bool(reader.read(1, 4, 0.5)))

    _send(settings, b"1")
    (following,) = _read_until(reader, 1, bool)
    # With the state of the running job, and with that of one that learns of an offset that was moved over the gap.
    for mark in (first.delivery.offset + 1, 3):
        chain = Chain(mark)
        chain.finish(following.delivery.previous, following.delivery.offset + 1)
        assert chain.low == 4


def test_odd_records_of_other_producers_come_as_they_are(broker: Broker) -> None:
    settings = broker.topics(configs={"message.timestamp.type": "CreateTime"} | _ANY_TIME)
    name = b"caf\xe9"
    odd = bytearray(b"\x00\x00\x00\x01\x01")
    for number in (2, len(name)):
        encode_varint(number, odd.append)
    odd += name + b"\x01\x02n\x01"
    body = bytearray()
    encode_varint(len(odd), body.append)
    assert broker.append(settings.requests_topic, sealed(bytes(body + odd), base=0, last_delta=0, count=1)) == 0
    many = [(f"h{index}", None) for index in range(6500)]
    future = batch([(b"", b"", many)], codec=1, timestamp=2**62)
    assert broker.append(settings.requests_topic, future) == 0
    found = _read_until(_reader(settings), 0, lambda found: len(found) == 2)
    assert (found[0].key, found[0].value, found[0].headers) == (None, None, (("caf\\xe9", None), ("n", None)))
    assert (found[1].key, found[1].value, found[1].headers) == (b"", b"", tuple(many))
    assert all(abs((record.delivery.received_at - datetime.now(UTC)).total_seconds()) < 3600 for record in found)


_ANY_TIME = {"message.timestamp.after.max.ms": str(2**63 - 1), "message.timestamp.before.max.ms": str(2**63 - 1)}

_READ_BOMB = """
import sys
from config.settings import KafkaSettings
from connections.kafka.partition_reader import PartitionReader
settings = KafkaSettings(bootstrap=sys.argv[1], requests_topic=sys.argv[2], group=sys.argv[2])
reader, position, found = PartitionReader(settings, settings.requests_topic, 0), 0, []
while len(found) < 5:
    found += reader.read(found[-1].delivery.offset + 1 if found else 0, 4, 1)
for record in found:
    print(record.delivery.offset, len(record.value or b""), record.error.code.value if record.error else "")
from tests.processes import peak_mb
print(peak_mb())
"""


def test_a_gigabyte_of_zeros_in_one_batch_is_one_dead_letter_and_little_memory(broker: Broker) -> None:
    settings = broker.topics()
    _send(settings, b"before")
    bomb = _bomb()
    assert broker.append(settings.requests_topic, bomb) == 0
    _send(settings, b"after")
    command = [sys.executable, "-c", _READ_BOMB, settings.bootstrap, settings.requests_topic]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    *lines, peak = done.stdout.splitlines()
    # The two small records of the batch lie in front of the bound.
    assert lines == ["0 6 ", "1 5 ", "2 5 ", f"4 {len(bomb)} batch_too_large", "5 5 "]
    assert int(peak) < 400


def _bomb() -> bytes:
    """Two records of 5 bytes, 1.2 GB of zeros as a third, and one behind it."""

    def head(delta: int, length: int) -> bytes:
        inner = bytearray(b"\x00\x00")
        encode_varint(delta, inner.append)
        inner += b"\x01"
        encode_varint(length, inner.append)
        outer = bytearray()
        encode_varint(len(inner) + length + 1, outer.append)
        return bytes(outer + inner)

    zeros = bytes(1_000_000)
    packing = zlib.compressobj(9, wbits=31)
    packed = [packing.compress(head(delta, 5) + b"small" + b"\x00") for delta in range(2)]
    packed.append(packing.compress(head(2, 1_200_000_000)))
    packed += [packing.compress(zeros) for _ in range(1200)]
    packed += [packing.compress(b"\x00" + head(3, 5) + b"small" + b"\x00"), packing.flush()]
    now = round(time.time() * 1000)
    return sealed(b"".join(packed), base=0, last_delta=3, count=4, codec=1, timestamp=now)


def test_bytes_that_changed_on_disk_are_one_dead_letter_and_the_rest_is_read(broker: Broker) -> None:
    settings = broker.topics()
    values = [(None, b"value %d" % index, []) for index in range(6)]
    for start in (0, 2, 4):
        now = round(time.time() * 1000)
        assert broker.append(settings.requests_topic, batch(values[start : start + 2], timestamp=now)) == 0
    log = broker.segment(settings.requests_topic)
    whole = log.read_bytes()
    place = whole.index(b"value 2")
    reader = _reader(settings)
    _change(log, place, b"VALUE 2")
    assert _values(list(reader.read(0, 8, 5))) == [b"value 0", b"value 1"]

    _change(log, place, b"value 2")
    assert _values(list(reader.read(2, 8, 5))) == [b"value 2", b"value 3", b"value 4", b"value 5"]

    _change(log, place, b"VALUE 2")
    found = _read_until(_reader(settings), 0, lambda found: len(found) == 5)
    assert [record.delivery.offset for record in found] == [0, 1, 3, 4, 5]
    damaged = found[2]
    assert damaged.error is not None
    assert (damaged.error.code, damaged.delivery.previous) == (ErrorCode.BATCH_UNREADABLE, 2)
    assert b"VALUE 2" in (damaged.value or b"")
    assert dict(damaged.headers)["docbeam.log.first_offset"] == b"2"


def _change(log: object, place: int, data: bytes) -> None:
    with open(str(log), "r+b") as file:
        file.seek(place)
        file.write(data)


def test_an_offset_that_expired_is_told_and_not_jumped_over(broker: Broker) -> None:
    settings = broker.topics()
    _send(settings, b"0", b"1", b"2", b"3")
    client = admin(settings)
    client.delete_records({TopicPartition(settings.requests_topic, 0): 2})
    client.close()
    reader = _reader(settings)
    for position in (1, 9):
        gone = _gone(reader, position)
        assert (gone.earliest, gone.latest) == (2, 4)
    assert _values(list(reader.read(2, 8, 5))) == [b"2", b"3"]


def _gone(reader: PartitionReader, position: int) -> OffsetGone:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            reader.read(position, 8, 1)
        except OffsetGone as gone:
            return gone
    raise AssertionError("nothing was said")


def test_a_topic_that_was_made_anew_has_another_id_and_can_be_read(broker: Broker) -> None:
    settings = broker.topics()
    topic = settings.requests_topic
    _send(settings, b"old 0", b"old 1", b"old 2")
    reader = _reader(settings)
    assert _values(list(reader.read(0, 8, 5))) == [b"old 0", b"old 1", b"old 2"]
    old = reader.topic_id()

    client = admin(settings)
    client.delete_topics([topic])
    _eventually(lambda: topic not in client.list_topics())
    client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
    client.close()
    _send(settings, b"new 0")
    gone = None
    deadline = time.monotonic() + 60
    while gone is None:
        assert time.monotonic() < deadline
        try:
            assert not reader.read(3, 8, 0.5)
        except OffsetGone as error:
            gone = error
        except KafkaError:
            continue
    assert (gone.earliest, gone.latest) == (0, 1)
    assert _values(_read_until(reader, 0, bool)) == [b"new 0"]
    assert reader.topic_id() not in ("", old)


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)
