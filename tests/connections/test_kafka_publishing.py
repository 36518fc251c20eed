"""Records reach a real broker or the caller hears that the brokers are away; one bad record costs no other."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from config.settings import KafkaSettings
from connections.kafka.clients import consumer
from connections.kafka.outgoing import OutgoingRecord
from connections.kafka.publishing import NotPublished, publisher
from tests.kafka_broker import Broker

pytestmark = pytest.mark.stack


def stored(settings: KafkaSettings, topic: str) -> list[ConsumerRecord]:
    """Everything in partition 0."""
    place = TopicPartition(topic, 0)
    looking = consumer(settings, auto_offset_reset="earliest")
    looking.assign([place])
    looking.seek(place, 0)
    found: list[ConsumerRecord] = []
    end = looking.end_offsets([place])[place]
    while looking.position(place) < end:
        found += looking.poll(500).get(place, [])
    looking.close()
    return found


def _forms(*records: OutgoingRecord) -> Iterator[tuple[int, OutgoingRecord]]:
    return ((number, record) for number, record in enumerate(records))


def test_nulls_are_written_as_nulls(broker: Broker) -> None:
    settings = broker.topics()
    topic = settings.results_topic
    headers = (("null", None), ("text", b"null"), ("empty", b""))
    publisher(settings).publish(_forms(OutgoingRecord(topic, None, None, headers[:1], headers[1:])))
    publisher(settings).publish(_forms(OutgoingRecord(topic, None, b"null", headers)))
    publisher(settings).publish(_forms(OutgoingRecord(topic, b"", None, ())))
    first, second, third = stored(settings, topic)
    assert (first.key, first.value, first.headers) == (None, None, [*headers[1:], headers[0]])
    assert (second.key, second.value, second.headers) == (None, b"null", list(headers))
    assert (third.key, third.value, third.headers) == (b"", None, [])


def test_a_record_that_the_broker_refuses_is_stored_smaller_and_its_neighbours_whole(broker: Broker) -> None:
    settings = broker.topics(configs={"max.message.bytes": "100000"})
    topic = settings.results_topic
    used: dict[int, int] = {}

    def publish(number: int) -> None:
        large = OutgoingRecord(topic, b"%d" % number, os.urandom(200_000 if number % 10 == 3 else 2000), ())
        small = OutgoingRecord(topic, b"%d" % number, b"small", ())
        used[number] = publisher(settings).publish(_forms(large, small))

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert used == {number: int(number % 10 == 3) for number in range(40)}
    # At least once: a neighbour may stand there twice, but never in a smaller form.
    assert {(record.key, record.value == b"small") for record in stored(settings, topic)} == {
        (b"%d" % number, number % 10 == 3) for number in range(40)
    }


@pytest.mark.parametrize(
    "record",
    [
        OutgoingRecord("", b"k", b"v" * 7_000_000),
        OutgoingRecord("", b"k", b"v", (("\ud800", b"v"),)),
        OutgoingRecord("", "text", b"v"),  # type: ignore[arg-type]
        OutgoingRecord("", b"k", b"v", ((None, b"v"),)),  # type: ignore[arg-type]
    ],
)
def test_a_record_that_the_client_refuses_is_stored_in_its_next_form(broker: Broker, record: OutgoingRecord) -> None:
    settings = broker.topics()
    topic = settings.results_topic
    bad = OutgoingRecord(topic, record.key, record.value, record.headers)
    assert publisher(settings).publish(_forms(bad, OutgoingRecord(topic, b"k", b"next", ()))) == 1
    assert [found.value for found in stored(settings, topic)] == [b"next"]


def test_a_topic_that_takes_no_record_without_a_key_gets_the_form_that_has_one(broker: Broker) -> None:
    settings = broker.topics(configs={"cleanup.policy": "compact"})
    topic = settings.results_topic
    forms = _forms(OutgoingRecord(topic, None, b"v", ()), OutgoingRecord(topic, b"k", b"v", ()))
    assert publisher(settings).publish(forms) == 1


def test_brokers_that_stay_away_are_told_as_such() -> None:
    settings = KafkaSettings(bootstrap="127.0.0.1:1", delivery_seconds=2)
    with pytest.raises(NotPublished, match="took no record for 2 s"):
        publisher(settings).publish(_forms(OutgoingRecord("t", b"k", b"v", ())))


def test_after_brokers_were_away_for_too_long_records_are_taken_again(broker: Broker) -> None:
    settings = broker.topics(delivery_seconds=3)
    topic = settings.results_topic
    publisher(settings).publish(_forms(OutgoingRecord(topic, b"k", b"before", ())))
    threads = threading.active_count()
    process = broker.process()
    process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            with pytest.raises(NotPublished):
                publisher(settings).publish(_forms(OutgoingRecord(topic, b"k", b"meanwhile", ())))
    finally:
        process.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + 60
    while True:
        try:
            publisher(settings).publish(_forms(OutgoingRecord(topic, b"k", b"after", ())))
            break
        except NotPublished:
            assert time.monotonic() < deadline
    found = [record.value for record in stored(settings, topic)]
    assert (found[0], found[-1]) == (b"before", b"after")
    deadline = time.monotonic() + 30
    while threading.active_count() > threads + 1:
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.2)


def test_after_a_refusal_records_share_a_producer_again(broker: Broker) -> None:
    settings = broker.topics(configs={"max.message.bytes": "20000"})
    topic = settings.results_topic
    before = _connections(settings)
    large, small = OutgoingRecord(topic, b"k", os.urandom(50_000), ()), OutgoingRecord(topic, b"k", b"v", ())
    assert publisher(settings).publish(_forms(large, small)) == 1
    assert _connections(settings) == before
    publisher(settings).publish(_forms(small))
    assert _connections(settings) > before


def test_the_last_user_closes_and_the_next_record_opens_again(broker: Broker) -> None:
    settings = broker.topics()
    topic = settings.results_topic
    before = _connections(settings)
    shared = publisher(settings)
    shared.acquire()
    shared.acquire()
    shared.publish(_forms(OutgoingRecord(topic, b"k", b"1", ())))
    shared.release()
    assert _connections(settings) > before
    shared.release()
    assert _connections(settings) == before
    shared.publish(_forms(OutgoingRecord(topic, b"k", b"2", ())))
    shared.release()
    assert [record.value for record in stored(settings, topic)] == [b"1", b"2"]


def _connections(settings: KafkaSettings) -> int:
    port = int(settings.bootstrap.rpartition(":")[2])
    return sum(bool(one.raddr) and one.raddr.port == port for one in psutil.Process().net_connections("tcp"))
