"""Flink: a session cluster of one job manager, task managers and a pool of Python workers beside them.

ZooKeeper, which comes with Flink, keeps what a job manager must not take along: a killed one finds its jobs again.
"""

from __future__ import annotations

import shutil
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
_ZOOKEEPER = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain"
_DRIVER = "org.apache.beam.runners.flink.FlinkJobServerDriver"
# What Flink's start scripts add: it looks into classes of the runtime, which Java 17 allows to those named only.
_OPENED = tuple(
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in (
        "java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect", "java.text", "java.time",
        "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks",
    )
)  # fmt: skip
_QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""To compile for speed and to collect in parallel costs more than it brings where records are mostly passed on."""
_SETTINGS = """\
jobmanager.rpc.address: {host}
jobmanager.rpc.port: {rpc}
jobmanager.bind-host: {host}
blob.server.port: {blob}
rest.address: {host}
rest.bind-address: {host}
rest.port: {rest}
web.submit.enable: false
web.checkpoints.history: 1000
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
cluster.evenly-spread-out-slots: true
high-availability.type: zookeeper
high-availability.zookeeper.quorum: {host}:{zookeeper}
high-availability.zookeeper.client.session-timeout: 20000
high-availability.zookeeper.client.connection-timeout: 60000
high-availability.zookeeper.client.tolerate-suspended-connections: true
high-availability.jobmanager.port: {rpc}
high-availability.storageDir: {jobs}
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 1000
restart-strategy.fixed-delay.delay: 2 s
"""
_KEEPING = """\
clientPort={zookeeper}
clientPortAddress={host}
dataDir={data}
tickTime=1000
admin.enableServer=false
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
    """A job manager, a task manager of four slots, ZooKeeper, and docbeam's worker pool, restarted when one ends."""

    name: str = "flink"
    version: str = "1.19.3"
    ports: Mapping[str, int] = field(
        default_factory=lambda: {"rest": 8081, "rpc": 6123, "blob": 6124, "zookeeper": 2181, "workers": 50000}
    )
    start_seconds: float = 300
    on_request: bool = True

    def install(self, progress: Progress) -> Path:
        """The folder of its verified archives, with one that names them all and starts Beam's job server."""
        java(progress)
        folder = jar_folder(_LOCK, progress)[0].parent
        _write_job_server(folder)
        return folder

    def command(self, installed: Path, site: Site) -> Command | None:
        """Writes the configuration that all of its processes read, and forgets the jobs of the cluster before."""
        folder = site.settings_dir
        folders = {name: site.storage_dir / name for name in ("tmp", "jobs", "zookeeper")}
        for each in folders.values():
            shutil.rmtree(each, ignore_errors=True)
            each.mkdir(parents=True)
        places = {"host": HOST, "slots": SLOTS, **site.ports}
        keeping = folder / "zookeeper.properties"
        keeping.write_text(_KEEPING.format(**places, data=folders["zookeeper"]), encoding="utf-8")
        (folder / "flink-conf.yaml").write_text(
            _SETTINGS.format(**places, tmp=folders["tmp"], jobs=folders["jobs"].as_uri()), encoding="utf-8"
        )
        logs = folder / "log4j2.properties"
        logs.write_text(_LOGGING, encoding="utf-8")
        classpath = str(installed / _JOB_SERVER)
        java_command = str(java(lambda line: None))
        program = (*_QUICK, *_OPENED, f"-Dlog4j2.configurationFile={logs}", "-cp", classpath)
        pool = (sys.executable, "-m", "runners.worker_pool", "--port", str(site.ports["workers"]))
        members = [
            Member("zookeeper", (java_command, "-Xmx64m", *program, _ZOOKEEPER, str(keeping))),
            Member("job-manager", (java_command, "-Xmx512m", *program, _JOB_MANAGER, "--configDir", str(folder))),
        ]
        members += [
            Member(
                f"task-manager-{number}",
                (java_command, "-Xmx640m", "-XX:MaxDirectMemorySize=256m", *program, _TASK_MANAGER,
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
