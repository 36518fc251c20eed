"""The topics docbeam needs: what they must be, what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clients.reaching import kafka_problems
from config.settings import KafkaSettings

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

_OVERHEAD_BYTES = 65_536
"""Headers and framing on top of the largest value."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """One topic as it is, against what the settings ask for."""

    topic: str
    state: str
    """ok, created, warn or fail."""
    partitions: int
    remark: str = ""


def create_topics(admin: KafkaAdminClient, settings: KafkaSettings) -> list[TopicState]:
    """Create the topics that are not there; never changes one that is. Idempotent."""
    from kafka.admin import NewTopic
    from kafka.errors import TopicAlreadyExistsError

    created = []
    with kafka_problems(settings):
        missing = sorted(set(topics(settings)) - set(admin.list_topics()))
        for topic in missing:
            wanted = NewTopic(
                topic,
                num_partitions=settings.partitions,
                replication_factor=settings.replication,
                topic_configs=_configuration(topic, settings),
            )
            try:
                admin.create_topics([wanted], timeout_ms=10_000)
            except TopicAlreadyExistsError:
                continue  # Someone else was faster.
            created.append(topic)
        # Brokers learn of a new topic a moment after it is made.
        admin.wait_for_topics(missing, timeout_ms=10_000)
    return [
        TopicState(topic, "created", settings.partitions) if topic in created else state
        for topic, state in zip(topics(settings), check_topics(admin, settings, assume=created), strict=True)
    ]


def check_topics(admin: KafkaAdminClient, settings: KafkaSettings, assume: Sequence[str] = ()) -> list[TopicState]:
    """Each topic with what is wrong with it; those in `assume` are taken to be right."""
    with kafka_problems(settings):
        names = [topic for topic in topics(settings) if topic not in assume]
        known = {topic["name"]: topic for topic in admin.describe_topics()}
        limits = {topic: _message_limit(admin, topic) for topic in names if topic in known}
    return [
        _judge(topic, known.get(topic), limits.get(topic), settings)
        if topic in names
        else TopicState(topic, "ok", settings.partitions)
        for topic in topics(settings)
    ]


def topics(settings: KafkaSettings) -> tuple[str, ...]:
    """Requests, results, dead letters, corrections."""
    return settings.requests_topic, settings.results_topic, settings.dead_letters_topic, settings.corrections_topic


def _configuration(topic: str, settings: KafkaSettings) -> dict[str, str]:
    if topic == settings.requests_topic:
        return {}
    return {"max.message.bytes": str(settings.max_message_bytes + _OVERHEAD_BYTES)}


def _message_limit(admin: KafkaAdminClient, topic: str) -> int | None:
    """The topic's `max.message.bytes`; None where the login may not see it."""
    from kafka.admin import ConfigResource, ConfigResourceType
    from kafka.errors import KafkaError

    try:
        answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
        (entries,) = [found for kind in answer.values() for found in kind.values()]
        return int(entries["max.message.bytes"]["value"])
    except (KafkaError, KeyError, TypeError, ValueError):
        return None


def _judge(topic: str, found: dict[str, object] | None, limit: int | None, settings: KafkaSettings) -> TopicState:
    if found is None:
        return TopicState(topic, "fail", 0, "is not there; run `docbeam topics create`")
    partitions = found["partitions"]
    assert isinstance(partitions, list)
    count = len(partitions)
    if topic != settings.requests_topic and limit is not None and limit < settings.max_message_bytes:
        return TopicState(
            topic,
            "fail",
            count,
            f"takes messages up to {limit} bytes, kafka.max_message_bytes is {settings.max_message_bytes}; "
            "raise the topic's max.message.bytes or lower the setting",
        )
    if count < settings.partitions:
        return TopicState(
            topic, "warn", count, f"has fewer than the {settings.partitions} partitions of kafka.partitions"
        )
    replicas = min(len(partition["replica_nodes"]) for partition in partitions)
    if replicas < settings.replication:
        return TopicState(topic, "warn", count, f"has {replicas} replicas, kafka.replication is {settings.replication}")
    return TopicState(topic, "ok", count)
