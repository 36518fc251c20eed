"""Flink: a session cluster of one job manager, task managers and a pool of Python workers beside them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from devstack.fetched import Progress
from devstack.flink_cluster import Member, write_cluster
from devstack.jars import jar_folder, locked_jars
from devstack.java import java
from devstack.part import HOST, Command, Offer, Site
from devstack.probing import answer_of

TASK_MANAGERS = 1
SLOTS = 4
"""Of each task manager."""
_LOCK = "flink"
_JOB_SERVER = "docbeam-flink-job-server.jar"
_JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_DRIVER = "org.apache.beam.runners.flink.FlinkJobServerDriver"
# What Flink's start scripts add: it looks into classes of the runtime, which Java 17 allows to those named only.
_OPENED = tuple(
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in (
        "java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect", "java.text", "java.time",
        "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks",
    )
)  # fmt: skip
_SETTINGS = """\
jobmanager.rpc.address: {host}
jobmanager.rpc.port: {rpc}
jobmanager.bind-host: {host}
blob.server.port: {blob}
rest.address: {host}
rest.bind-address: {host}
rest.port: {rest}
web.submit.enable: false
taskmanager.host: {host}
taskmanager.bind-host: {host}
taskmanager.numberOfTaskSlots: {slots}
taskmanager.cpu.cores: {slots}.0
taskmanager.memory.task.heap.size: 512m
taskmanager.memory.task.off-heap.size: 64m
taskmanager.memory.framework.heap.size: 128m
taskmanager.memory.framework.off-heap.size: 128m
taskmanager.memory.managed.size: 128m
taskmanager.memory.network.min: 64m
taskmanager.memory.network.max: 64m
taskmanager.memory.jvm-metaspace.size: 256m
taskmanager.memory.jvm-overhead.min: 192m
taskmanager.memory.jvm-overhead.max: 192m
heartbeat.interval: 2000
heartbeat.timeout: 20000
io.tmp.dirs: {tmp}
state.checkpoints.num-retained: 2
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 1000
restart-strategy.fixed-delay.delay: 2 s
"""
_LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1}: %m%n%xEx{10}
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
logger.requests.name = org.apache.flink.runtime.rest.handler
logger.requests.level = warn
"""


@dataclass(frozen=True)
class Flink:
    """A job manager, a task manager of four slots, and the worker pool of docbeam, restarted when one ends."""

    name: str = "flink"
    version: str = "1.19.3"
    ports: Mapping[str, int] = field(
        default_factory=lambda: {"rest": 8081, "rpc": 6123, "blob": 6124, "workers": 50000}
    )
    start_seconds: float = 180
    on_request: bool = True

    def install(self, progress: Progress) -> Path:
        """The folder of its verified archives, with one that names them all and starts Beam's job server."""
        java(progress)
        folder = jar_folder(_LOCK, progress)[0].parent
        _write_job_server(folder)
        return folder

    def command(self, installed: Path, site: Site) -> Command | None:
        """Writes the configuration that all of its processes read."""
        folder = site.settings_dir
        tmp = site.storage_dir / "tmp"
        tmp.mkdir(parents=True, exist_ok=True)
        (folder / "flink-conf.yaml").write_text(
            _SETTINGS.format(
                host=HOST, slots=SLOTS, tmp=tmp, **{key: site.ports[key] for key in ("rpc", "blob", "rest")}
            ),
            encoding="utf-8",
        )
        logs = folder / "log4j2.properties"
        logs.write_text(_LOGGING, encoding="utf-8")
        classpath = str(installed / _JOB_SERVER)
        program = (str(java(lambda line: None)), *_OPENED, f"-Dlog4j2.configurationFile={logs}", "-cp", classpath)
        pool = (sys.executable, "-m", "runners.worker_pool", "--port", str(site.ports["workers"]))
        members = [
            Member("job-manager", (program[0], "-Xmx512m", *program[1:], _JOB_MANAGER, "--configDir", str(folder)))
        ]
        members += [
            Member(
                f"task-manager-{number}",
                (program[0], "-Xmx640m", "-XX:MaxDirectMemorySize=256m", *program[1:], _TASK_MANAGER,
                 "--configDir", str(folder)),
            )
            for number in range(1, TASK_MANAGERS + 1)
        ]  # fmt: skip
        members.append(Member("worker-pool", pool, {"DOCBEAM_WORKER_LOGS": str(site.storage_dir / "workers")}))
        write_cluster(members, folder)
        return Command((sys.executable, "-m", "devstack.flink_cluster", str(folder)))

    def ready(self, site: Site) -> None:
        """Asks for free slots: the task managers have found the job manager."""
        slots = answer_of(f"{site.url('rest')}/v1/overview")["slots-total"]
        if slots < TASK_MANAGERS * SLOTS:
            raise OSError(f"{slots} slots instead of {TASK_MANAGERS * SLOTS}")

    def offer(self, installed: Path, site: Site) -> Offer:
        """What `docbeam run --runner flink` needs to know of it."""
        return Offer(
            settings={
                "runner": {
                    "flink_master": site.address("rest"),
                    "flink_version": ".".join(self.version.split(".")[:2]),
                    "flink_job_server_jar": str(installed / _JOB_SERVER),
                    "flink_java": str(java(lambda line: None)),
                    "flink_state_path": (site.storage_dir / "state").as_uri(),
                    "environment_config": site.address("workers"),
                }
            }
        )


def _write_job_server(folder: Path) -> None:
    """One archive that holds nothing but where the others are: Beam starts its job server as one, and logs name it."""
    names = " ".join(jar.file_name for jar in locked_jars(_LOCK))
    text = f"Manifest-Version: 1.0\nMain-Class: {_DRIVER}\n" + _folded(f"Class-Path: {names}") + "\n"
    partial = folder / f"{_JOB_SERVER}.partial"
    with ZipFile(partial, "w", ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", text)
    partial.replace(folder / _JOB_SERVER)


def _folded(line: str) -> str:
    """A manifest's lines have at most 72 bytes; what goes on begins with a space."""
    parts, rest = [line[:70]], line[70:]
    while rest:
        parts.append(" " + rest[:69])
        rest = rest[69:]
    return "\n".join(parts) + "\n"


PART = Flink()
