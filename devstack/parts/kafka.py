"""Kafka: one real broker in KRaft mode; its records outlive a stop."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.fetched import Progress, run_tool
from devstack.jars import jar_folder, locked_jars
from devstack.java import java
from devstack.part import Command, Offer, Site
from devstack.quiet import silenced

_BROKER = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={controller}
listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={storage}
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
message.max.bytes=10485760
replica.fetch.max.bytes=10485760
"""

# The dump of every setting at each start hides what matters.
_LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1}: %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
logger.settings.name = org.apache.kafka.common.config.AbstractConfig
logger.settings.level = warn
logger.server.name = kafka.server.KafkaConfig
logger.server.level = warn
"""

# The first compiler only: half the processor time until ready.
_QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseG1GC")


@dataclass(frozen=True)
class Kafka:
    """A broker that is its own controller, plaintext, topics made explicitly only."""

    name: str = "kafka"
    version: str = "4.1.1"
    ports: Mapping[str, int] = field(default_factory=lambda: {"broker": 9092, "controller": 9093})
    start_seconds: float = 180
    on_request: bool = False

    def install(self, progress: Progress) -> Path:
        """The folder of its verified archives; also sees to a Java to run them."""
        java(progress)
        return jar_folder("kafka", progress)[0].parent

    def command(self, installed: Path, site: Site) -> Command | None:
        """Formats its storage the first time."""
        settings = site.settings_dir / "server.properties"
        storage = site.storage_dir / "log"
        settings.write_text(
            _BROKER.format(broker=site.address("broker"), controller=site.address("controller"), storage=storage),
            encoding="utf-8",
        )
        logs = site.settings_dir / "log4j2.properties"
        logs.write_text(_LOGGING, encoding="utf-8")
        classpath = os.pathsep.join(str(installed / jar.file_name) for jar in locked_jars("kafka"))
        program = (str(java(lambda line: None)), *_QUICK, f"-Dlog4j2.configurationFile={logs}", "-cp", classpath)
        if not (storage / "meta.properties").exists():
            _format(program, settings)
        return Command((program[0], "-Xmx512m", *program[1:], "kafka.Kafka", str(settings)))

    def ready(self, site: Site) -> None:
        """Asks the broker for the cluster's brokers."""
        from kafka import KafkaAdminClient

        with silenced("kafka"):
            client = KafkaAdminClient(bootstrap_servers=site.address("broker"), request_timeout_ms=5000)
            try:
                brokers = client.describe_cluster()["brokers"]
            finally:
                client.close()
        if len(brokers) != 1:
            raise OSError(f"{len(brokers)} brokers instead of one")

    def offer(self, installed: Path, site: Site) -> Offer:
        """`kafka.bootstrap`."""
        return Offer(settings={"kafka": {"bootstrap": site.address("broker")}})


def _format(program: tuple[str, ...], settings: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    run_tool(
        [*program, "kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted", f"--cluster-id={cluster}",
         f"--config={settings}"],
        purpose="formatting Kafka's storage", env=os.environ,
    )  # fmt: skip


PART = Kafka()
