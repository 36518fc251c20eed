"""A real broker and registry for tests that look at the log, damage it, or send what no client library would."""

from __future__ import annotations

import socket
import struct
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka.admin import NewTopic

from config.settings import KafkaSettings, RegistrySettings
from connections.kafka.clients import admin
from devstack.stack import down, up

_NO_LEADER_YET = (3, 5, 6)


@dataclass(frozen=True)
class Broker:
    """Where it is, and where its log lies."""

    settings: KafkaSettings
    registry: RegistrySettings
    log: Path

    def topics(self, *, configs: dict[str, str] | None = None, **more: Any) -> KafkaSettings:
        """Settings with three fresh topics of one partition each, and a fresh group."""
        name = uuid.uuid4().hex[:8]
        topics = {f"{kind}_topic": f"{name}.{kind}" for kind in ("requests", "results", "dead_letters")}
        client = admin(self.settings)
        client.create_topics([NewTopic(topic, 1, 1, topic_configs=configs or {}) for topic in topics.values()])
        client.close()
        return self.settings.model_copy(update={**topics, "group": name, **more})

    def process(self) -> psutil.Process:
        """Of the broker."""
        (found,) = (
            process
            for process in psutil.process_iter(["cmdline"])
            if "kafka.Kafka" in (line := process.info["cmdline"] or []) and str(self.log.parents[2]) in line[-1]
        )
        return found

    def segment(self, topic: str) -> Path:
        """The file that holds a young topic's partition 0."""
        return self.log / f"{topic}-0" / ("0" * 20 + ".log")

    def append(self, topic: str, batch: bytes) -> int:
        """Write a batch as it is to partition 0, past any client library; the broker's error code."""
        while (code := self._append(topic, batch)) in _NO_LEADER_YET:
            time.sleep(0.1)
        return code

    def _append(self, topic: str, batch: bytes) -> int:
        name = topic.encode()
        body = struct.pack(">hhih", 0, 3, 7, -1) + struct.pack(">hhi", -1, -1, 30_000)
        body += struct.pack(">ih", 1, len(name)) + name + struct.pack(">iii", 1, 0, len(batch)) + batch
        host, _, port = self.settings.bootstrap.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.makefile("rb").read(4 + 4 + 4 + 2 + len(name) + 4 + 4 + 2)
        return int(struct.unpack(">h", answer[-2:])[0])


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One for all tests that ask for it."""
    state_dir = tmp_path_factory.mktemp("broker")
    try:
        offers = up(["kafka", "registry"], state_dir=state_dir).offers
        yield Broker(
            KafkaSettings(**offers["kafka"].settings["kafka"]),
            RegistrySettings(**offers["registry"].settings["registry"]),
            state_dir / "storage" / "kafka" / "log",
        )
    finally:
        down(state_dir, wipe=True)
