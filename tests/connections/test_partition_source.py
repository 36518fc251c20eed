"""One partition as the job reads it: throttled, chained, safe over what expired and what was aborted."""

from __future__ import annotations

import time

import pytest
from kafka import TopicPartition
from kafka.admin import NewPartitions

import connections.kafka.partition_source as partition_source
from config.settings import KafkaSettings, SourceSettings
from connections.kafka.attention import Attention
from connections.kafka.clients import admin, producer
from connections.kafka.partition_source import PartitionSource, Taken, place_at, position_of
from connections.offsets import Chain, Committer, GroupOffsets
from connections.settled import Settled

pytestmark = pytest.mark.stack
_SOURCE = SourceSettings(max_in_flight=3, poll_records=10, poll_seconds=0.5, stall_seconds=3600)


def source(kafka: KafkaSettings, job: str = "job-1", settings: SourceSettings = _SOURCE) -> PartitionSource:
    return PartitionSource(kafka, settings, kafka.requests_topic, 0, job)


def send(kafka: KafkaSettings, *values: bytes, abort: bool = False) -> None:
    more = {"transactional_id": f"t{time.time_ns()}"} if abort else {}
    out = producer(kafka, **more)
    if abort:
        out.init_transactions()
        out.begin_transaction()
    for value in values:
        out.send(kafka.requests_topic, value=value, partition=0)
    out.flush(timeout=30)
    if abort:
        out.abort_transaction()
    out.close()


def take(reading: PartitionSource, position: int, count: int = 1) -> Taken:
    """Until so many records were handed on; their claims are the caller's to make."""
    deadline = time.monotonic() + 60
    while len((taken := reading.take(position)).records) < count:
        assert time.monotonic() < deadline, taken
    for record in taken.records:
        reading.handed_on(record)
    return taken


def told(kafka: KafkaSettings) -> Settled | None:
    return GroupOffsets(kafka).settled(kafka.requests_topic, 0)


def test_no_more_is_handed_over_than_may_be_unfinished(kafka: KafkaSettings) -> None:
    send(kafka, *(b"%d" % number for number in range(10)))
    reading = source(kafka)
    first = take(reading, reading.first_position("earliest"), 3)
    assert [record.delivery.offset for record in first.records] == [0, 1, 2]
    position = position_of(first.records[-1].delivery) + 1
    assert reading.take(position) == Taken(full=True)
    chain = Chain(0)
    chain.finish(1, 2)
    Committer(kafka, "job-1").commit({first.records[0].delivery.partition_key: chain.settled})
    assert [record.delivery.offset for record in take(reading, position).records] == [3]


def test_a_partition_is_waited_for_no_longer_once_another_has_records(kafka: KafkaSettings) -> None:
    operator = admin(kafka)
    operator.create_partitions({kafka.requests_topic: NewPartitions(2)})
    operator.close()
    settings = _SOURCE.model_copy(update={"poll_seconds": 600})
    attention = Attention()
    attention._came -= 3600
    one, other = (
        PartitionSource(kafka, settings, kafka.requests_topic, number, "job-1", attention) for number in (0, 1)
    )
    positions = [reading.first_position("earliest") for reading in (one, other)]
    send(kafka, b"0")
    assert len(take(one, positions[0]).records) == 1
    assert not one.has_news()
    attention._came -= 3600
    send(kafka, b"1")
    # Returns, though nothing comes into the other one for ten minutes.
    assert not other.take(positions[1]).records
    deadline = time.monotonic() + 60
    while not one.has_news():
        # A glance does not wait for the broker.
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (record,) = take(one, positions[0] + 1).records
    assert record.value == b"1"


def test_a_job_after_another_leaves_out_what_that_one_had_finished(kafka: KafkaSettings) -> None:
    send(kafka, *(b"%d" % number for number in range(6)))
    GroupOffsets(kafka).commit(kafka.requests_topic, 0, Settled(1, frozenset({2, 4}), "job-0"))
    reading = source(kafka, settings=_SOURCE.model_copy(update={"max_in_flight": 10}))
    position = reading.first_position("earliest")
    links = [(each.delivery.previous, each.delivery.offset) for each in take(reading, position, 3).records]
    assert links == [(1, 1), (2, 3), (4, 5)], "the chain must go over what was left out"
    chain = Chain(1, {}, frozenset({2, 4}))
    for before, offset in links:
        chain.finish(before, offset + 1)
    assert chain.settled == Settled(6)


def test_a_restored_job_leaves_out_what_it_finished_after_its_checkpoint(kafka: KafkaSettings) -> None:
    send(kafka, *(b"%d" % number for number in range(8)))
    before = source(kafka, settings=_SOURCE.model_copy(update={"max_in_flight": 10}))
    checkpoint = before.first_position("earliest") + 2
    take(before, checkpoint + 2, 2)
    topic_id = (told(kafka) or Settled(0)).topic_id
    assert topic_id
    GroupOffsets(kafka).commit(kafka.requests_topic, 0, Settled(5, frozenset({6}), "job-1", topic_id))
    for reading in (source(kafka, settings=before._source), before):
        # In a process of its own, and in one that has read further before.
        links = [(each.delivery.previous, each.delivery.offset) for each in take(reading, checkpoint, 2).records]
        assert links == [(2, 5), (6, 7)], "the chain must go on from the checkpoint"
        chain = Chain(2)
        for low, offset in links:
            chain.finish(low, offset + 1)
        assert chain.settled == Settled(8)


def test_a_restored_job_follows_no_group_that_was_set_back(kafka: KafkaSettings) -> None:
    send(kafka, *(b"%d" % number for number in range(6)))
    reading = source(kafka, settings=_SOURCE.model_copy(update={"max_in_flight": 10}))
    position = reading.first_position("earliest") + 4
    assert [each.delivery.offset for each in take(reading, position, 2).records] == [4, 5]


def test_offsets_of_another_topic_of_that_name_leave_out_nothing(kafka: KafkaSettings) -> None:
    send(kafka, *(b"%d" % number for number in range(6)))
    GroupOffsets(kafka).commit(kafka.requests_topic, 0, Settled(5, frozenset(), "job-1", "another-topic"))
    assert [each.delivery.offset for each in take(source(kafka), 2, 3).records] == [2, 3, 4]


@pytest.mark.parametrize("start", ["earliest", "latest"])
def test_what_expired_is_passed_to_the_earliest_record_never_to_the_end(kafka: KafkaSettings, start: str) -> None:
    send(kafka, *(b"%d" % number for number in range(6)))
    GroupOffsets(kafka).commit(kafka.requests_topic, 0, Settled(1, job="job-0"))
    operator = admin(kafka)
    operator.delete_records({TopicPartition(kafka.requests_topic, 0): 4})
    operator.close()
    reading = source(kafka.model_copy(update={"start": start}))
    position = reading.first_position(start)
    assert place_at(position).offset == 1
    taken = take(reading, position, 2)
    assert [(each.delivery.previous, each.delivery.offset) for each in taken.records] == [(1, 4), (5, 5)]


def test_aborted_records_at_the_end_leave_no_lag(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_source, "_KEEP_SECONDS", 0.0)
    monkeypatch.setattr(partition_source, "_LOOK_SECONDS", 0.0)
    send(kafka, b"good")
    send(kafka, b"aborted", b"aborted too", abort=True)
    reading = source(kafka)
    (record,) = take(reading, reading.first_position("earliest")).records
    committing = Committer(kafka, "job-1")
    committing.commit({record.delivery.partition_key: Settled(1)})
    deadline = time.monotonic() + 60
    while (found := told(kafka)) is None or found.offset < 4:
        assert time.monotonic() < deadline, found
        assert not reading.take(1).records
    # The chain goes on from the record, over the gap.
    send(kafka, b"good again")
    (again,) = take(reading, 1).records
    assert again.value == b"good again"
    assert again.delivery.previous == 1
