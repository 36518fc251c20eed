"""One real broker for these tests, whose log can be looked at and damaged."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import NewTopic

from config.settings import KafkaSettings
from connections.kafka.clients import admin
from devstack.stack import down, up


@dataclass(frozen=True)
class Broker:
    """Where it is, and where its log lies."""

    settings: KafkaSettings
    log: Path

    def with_topics(self, *, configs: dict[str, str] | None = None, **more: Any) -> KafkaSettings:
        """Settings with three fresh topics of one partition each, and a fresh group."""
        name = uuid.uuid4().hex[:8]
        topics = {f"{kind}_topic": f"{name}.{kind}" for kind in ("requests", "results", "dead_letters")}
        client = admin(self.settings)
        client.create_topics([NewTopic(topic, 1, 1, topic_configs=configs or {}) for topic in topics.values()])
        client.close()
        return self.settings.model_copy(update={**topics, "group": name, **more})

    def segment(self, topic: str) -> Path:
        """The file that holds a young topic's partition 0."""
        return self.log / f"{topic}-0" / ("0" * 20 + ".log")


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    state_dir = tmp_path_factory.mktemp("broker")
    try:
        endpoints = up(["kafka"], state_dir=state_dir)
        settings = KafkaSettings(**endpoints.offers["kafka"].settings["kafka"])
        yield Broker(settings, state_dir / "storage" / "kafka" / "log")
    finally:
        down(state_dir, wipe=True)


@pytest.fixture
def topics(broker: Broker) -> Callable[..., KafkaSettings]:
    """Makes settings with fresh topics."""
    return broker.with_topics
