"""What is finished is committed, also when the broker was away just then and nothing more comes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import KafkaSettings
from connections.offsets import Committer, GroupOffsets
from connections.settled import Settled
from devstack.endpoints import Endpoints
from devstack.process import recorded
from devstack.state import StateFolder

pytestmark = pytest.mark.stack


@contextmanager
def stopped_broker(stack: Endpoints) -> Iterator[None]:
    """A broker that takes connections and answers nothing."""
    running = recorded(StateFolder.at(Path(stack.settings_file).parent).pid_file("kafka"))
    process = running.process() if running else None
    assert process is not None
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def told(kafka: KafkaSettings) -> Settled | None:
    return GroupOffsets(kafka).settled(kafka.requests_topic, 0)


def test_what_is_owed_is_paid_without_another_delivery(stack: Endpoints, kafka: KafkaSettings) -> None:
    partition = f"{kafka.requests_topic}/0"
    committing = Committer(kafka, "job-1")
    committing.commit({partition: Settled(1)})
    assert told(kafka) == Settled(1, job="job-1")
    with stopped_broker(stack):
        committing.commit({partition: Settled(5, frozenset({7}))})
    deadline = time.monotonic() + 120
    while (found := told(kafka)) != Settled(5, frozenset({7}), "job-1"):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def test_older_news_does_not_take_the_group_back(kafka: KafkaSettings) -> None:
    partition = f"{kafka.requests_topic}/0"
    committing = Committer(kafka, "job-1")
    for settled in (Settled(5), Settled(3), Settled(5, frozenset({8})), Settled(5)):
        committing.commit({partition: settled})
    assert told(kafka) == Settled(5, frozenset({8}), "job-1")


def test_a_restored_job_does_not_take_the_group_back(kafka: KafkaSettings) -> None:
    partition = f"{kafka.requests_topic}/0"
    Committer(kafka, "job-1").commit({partition: Settled(9)})
    restored = Committer(kafka, "job-1")
    restored.commit({partition: Settled(4, frozenset({6}))})
    restored.commit({partition: Settled(7)})
    assert told(kafka) == Settled(9, job="job-1")
    restored.commit({partition: Settled(10)})
    assert told(kafka) == Settled(10, job="job-1")


def test_a_topic_that_is_gone_commits_nothing_in_the_one_that_took_its_name(kafka: KafkaSettings) -> None:
    partition = f"{kafka.requests_topic}/0"
    committing = Committer(kafka, "job-1")
    committing.commit({partition: Settled(50)})
    committing.commit({f"{partition}#1.new-topic": Settled(2)})
    committing.commit({partition: Settled(51)})
    assert told(kafka) == Settled(2, job="job-1", topic_id="new-topic")
