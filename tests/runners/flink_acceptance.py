"""The streaming job on a real Flink cluster: `make test-flink`. Not part of the test suite: it takes ten minutes.

It starts broker, registry and cluster by itself, sends sample documents, kills a Python worker and a task manager,
each after a completed checkpoint, and goes on from a savepoint. It ends with 0 only if every request has a result, the
job was restored from a checkpoint each time, the group has nothing left to do, and no worker outlives its task manager.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from kafka.admin import NewTopic

from config.load import load_settings
from config.settings import Settings
from connections.group_progress import read_progress
from connections.kafka.clients import admin, consumer, producer
from connections.schema_registry import written_schema_id
from devstack.stack import down, up
from devstack.state import StateFolder
from runners.flink import submit
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec, frame

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "docbeam" / "samples"
BATCH = 20
WAIT_SECONDS = 600


class Cluster:
    """The job on a cluster of the local stack, and what was sent to it."""

    def __init__(self, settings: Settings, members: Path) -> None:
        self.settings = settings
        self._members = members
        self._sent: set[str] = set()
        self._job = ""

    def start(self, savepoint: str | None = None) -> None:
        """Submit the job, and wait until Flink runs it."""
        runner = self.settings.runner.model_copy(update={"flink_savepoint": savepoint})
        before = set(self._running())
        submit(self.settings.model_copy(update={"runner": runner}))
        until(lambda: bool(set(self._running()) - before), "the job was submitted and does not run")
        (self._job,) = set(self._running()) - before
        say(f"runs: {self._job}")

    def send(self, name: str, count: int = BATCH) -> None:
        """So many requests."""
        schema = written_schema_id(
            f"{self.settings.kafka.requests_topic}-value", "analysis_request", self.settings.registry
        )
        codec = RecordCodec(AnalysisRequest)
        documents = sorted(SAMPLES.glob("receipt-*"))
        out = producer(self.settings.kafka)
        for number in range(count):
            reference = DocumentReference(documents[number % len(documents)].as_uri())
            request = AnalysisRequest(f"{name}-{number}", reference, "receipt")
            key, value = request.request_id.encode(), frame(schema, codec.to_avro(request))
            out.send(self.settings.kafka.requests_topic, key=key, value=value)
            self._sent.add(request.request_id)
        out.flush()
        out.close()

    def answered(self, what: str) -> None:
        """Wait until all that was sent has a result and the group has nothing left to do."""
        reader = consumer(self.settings.kafka, auto_offset_reset="earliest", group_id=None)
        reader.subscribe([self.settings.kafka.results_topic])
        found: list[str] = []

        def all_there() -> bool:
            for records in reader.poll(timeout_ms=1000).values():
                found.extend(record.key.decode() for record in records)
            return self._sent <= set(found)

        until(all_there, what, lambda: f"no result for {sorted(self._sent - set(found))[:10]}")
        until(lambda: sum(each.lag for each in read_progress(self.settings.kafka, reader)) == 0, f"{what}: lag")
        reader.close()
        say(f"{what}: {len(self._sent)} answered, {len(found) - len(set(found))} repeated")

    def checkpointed(self) -> None:
        """Wait for a checkpoint that began after now."""
        done = self._checkpoints()["completed"]
        # The one in work may have begun before.
        until(lambda: self._checkpoints()["completed"] >= done + 2, "no checkpoint was completed")

    def restored(self, before: int) -> None:
        """Wait until the job was restored from a checkpoint once more than `before`."""
        until(lambda: self.restores() > before, "the job did not go on from a checkpoint")

    def restores(self) -> int:
        """How often the job went on from a checkpoint."""
        return int(self._checkpoints()["restored"])

    def kill_workers(self) -> None:
        """kill -9 of every Python worker."""
        for worker in self._workers():
            worker.kill()

    def kill_task_manager(self) -> None:
        """kill -9; the stack starts another. No Python worker of the old one may stay."""
        workers = self._workers()
        os.kill(int((self._members / "task-manager-1.pid").read_text(encoding="utf-8")), signal.SIGKILL)
        until(
            lambda: not [each for each in workers if each.is_running() and each.status() != psutil.STATUS_ZOMBIE],
            "Python workers outlive their task manager",
        )

    def savepoint(self) -> str:
        """Savepoint, then cancel: a job with an endless source cannot be drained."""
        folder = f"{self.settings.runner.flink_state_path}/savepoints"
        order = json.dumps({"target-directory": folder, "cancel-job": True}).encode()
        trigger = self._rest(f"jobs/{self._job}/savepoints", method="POST", body=order)["request-id"]
        told: dict[str, Any] = {}

        def completed() -> bool:
            told.update(self._rest(f"jobs/{self._job}/savepoints/{trigger}"))
            return bool(told["status"]["id"] == "COMPLETED")

        until(completed, "the savepoint did not come")
        if "location" not in told["operation"]:
            raise SystemExit(f"the savepoint failed: {told['operation']}")
        say(f"savepoint: {told['operation']['location']}")
        return str(told["operation"]["location"])

    def tell_checkpoints(self) -> None:
        """How long those of this run of the job took."""
        took = self._rest(f"jobs/{self._job}/checkpoints")["summary"]["end_to_end_duration"]
        say(f"checkpoints: {took['min']} to {took['max']} ms, {took['avg']} on average; counts {self._checkpoints()}")

    def cancel(self) -> None:
        """End the job."""
        self._rest(f"jobs/{self._job}?mode=cancel", method="PATCH")

    def _checkpoints(self) -> dict[str, int]:
        return dict(self._rest(f"jobs/{self._job}/checkpoints")["counts"])

    def _workers(self) -> list[psutil.Process]:
        pool = psutil.Process(int((self._members / "worker-pool.pid").read_text(encoding="utf-8")))
        return pool.children()

    def _running(self) -> Sequence[str]:
        return [job["jid"] for job in self._rest("jobs/overview")["jobs"] if job["state"] == "RUNNING"]

    def _rest(self, path: str, method: str = "GET", body: bytes | None = None) -> Any:
        url = f"http://{self.settings.runner.flink_master}/v1/{path}"
        request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"{}")


def main() -> int:
    """Run all steps; the exit code."""
    with cluster() as flink:
        _acceptance(flink)
    return 0


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Broker, registry and Flink, started for this and ended with it."""
    with tempfile.TemporaryDirectory(prefix="docbeam-flink-") as folder:
        state_dir = Path(folder)
        try:
            settings = _settings(up(["kafka", "registry", "flink"], state_dir, say).settings_file)
            yield Cluster(settings, StateFolder.at(state_dir).site("flink", {}).settings_dir)
        finally:
            down(state_dir, wipe=True)


def _acceptance(flink: Cluster) -> None:
    flink.start()
    flink.send("first")
    flink.answered("first requests")

    for what, kill in (("worker", flink.kill_workers), ("task-manager", flink.kill_task_manager)):
        flink.checkpointed()
        before = flink.restores()
        flink.send(f"{what}-killed")
        time.sleep(3)
        kill()
        flink.restored(before)
        flink.answered(f"requests in flight when the {what} was killed")

    flink.tell_checkpoints()
    flink.send("saved")
    savepoint = flink.savepoint()
    flink.send("sent-while-down")
    flink.start(savepoint)
    flink.send("after")
    flink.answered("requests before and after a savepoint")
    flink.tell_checkpoints()
    flink.cancel()


def _settings(stack_file: Path) -> Settings:
    flags = [
        f"documents.allow={SAMPLES.as_uri()}/",
        "bigquery.enabled=false",
        "analysis.children=1",
        "runner.kind=flink",
        "runner.checkpoint_seconds=5",
    ]
    settings = load_settings(flags, file=stack_file).settings
    names = (settings.kafka.requests_topic, settings.kafka.results_topic, settings.kafka.dead_letters_topic)
    client = admin(settings.kafka)
    client.create_topics([NewTopic(name, num_partitions=4, replication_factor=1) for name in names])
    client.close()
    return settings


def until(done: Callable[[], bool], what: str, more: Callable[[], str] = lambda: "") -> None:
    """Wait for it; ends the program where it does not come."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: {more()}" if more() else what)
        time.sleep(0.5)


def say(line: str) -> None:
    """With the time since the start."""
    print(f"{time.monotonic() - _BEGAN:6.0f} s  {line}", flush=True)


_BEGAN = time.monotonic()


if __name__ == "__main__":
    sys.exit(main())
