"""A real Flink cluster of processes with the job on it, what is done to it, and an account of what was sent.

For `flink_acceptance` and `test_job_on_flink`. Whatever does not come in time ends the program.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka.admin import NewPartitions

from benchmarks.job_overhead import cpu_of_tree
from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import admin
from connections.warehouse import warehouse
from devstack.process import recorded
from devstack.stack import down, up
from devstack.state import StateFolder
from docbeam.demonstration.read_back import lag
from docbeam.samples import sample_folder
from runners.flink import submit
from schemas.frames import unframe
from schemas.result import AnalysisResult, ResultStatus
from tests.pipelines.read_topics import RESULT, records_of, without_times
from tests.pipelines.streaming import docbeam, send

WAIT_SECONDS = 600
CHECKPOINT_SECONDS = 5
_PARTS = ("kafka", "registry", "bigquery")


class Cluster:
    """The job on a cluster of the local stack, and what was sent to it."""

    def __init__(self, settings: Settings, state_dir: Path) -> None:
        self.settings = settings
        self._state = StateFolder.at(state_dir)
        self._members = self._state.site("flink", {}).settings_dir
        self.arrived: dict[str, float] = {}
        """When the first result of each request was written, in seconds since 1970."""
        self.results: dict[str, AnalysisResult] = {}
        """Those first results."""
        self._sent: dict[str, ResultStatus] = {}
        self._added: list[subprocess.Popen[bytes]] = []
        self._job = ""

    def start(self, savepoint: str | None = None, parallelism: int = 2) -> None:
        """Submit the job, and wait until Flink runs it."""
        asked = {"flink_savepoint": savepoint, "flink_parallelism": parallelism}
        runner = self.settings.runner.model_copy(update=asked)
        before = set(self._running())
        submit(self.settings.model_copy(update={"runner": runner}))
        until(lambda: bool(set(self._running()) - before), "the job was submitted and does not run")
        (self._job,) = set(self._running()) - before
        say(f"runs with parallelism {parallelism}: {self._job}")

    def send(
        self,
        name: str,
        count: int,
        documents: Sequence[Path],
        use_case: str,
        parameters: Mapping[str, str] | None = None,
        ends: ResultStatus = ResultStatus.COMPLETE,
        partition: int | None = None,
    ) -> None:
        """So many requests for these documents in turn."""
        requests = {
            f"{name}-{number}": (documents[number % len(documents)].as_uri(), use_case, parameters or {})
            for number in range(count)
        }
        send(self.settings, requests, partition)
        self._sent.update(dict.fromkeys(requests, ends))

    def answered(self, what: str) -> None:
        """Wait until all that was sent has its result, and row, and the group has nothing left to do.

        Ends the program where a result is not as it has to be, or a repeat is another.
        """
        settings = self.settings
        topic = settings.kafka.results_topic

        def missing() -> list[str]:
            return sorted(self._sent.keys() - {record.key.decode() for record in records_of(topic, settings)})

        until(lambda: not missing(), what, lambda: f"no result for {missing()[:10]}")
        until(lambda: lag(settings) == 0, f"{what}: lag")
        found: dict[str, list[AnalysisResult]] = defaultdict(list)
        for record in sorted(records_of(topic, settings), key=lambda record: int(record.timestamp)):
            result = RESULT.from_avro(unframe(record.value).body, RESULT.schema)
            found[record.key.decode()].append(result)
            self.results.setdefault(record.key.decode(), result)
            self.arrived.setdefault(record.key.decode(), record.timestamp / 1000)
        unequal = [name for name, results in found.items() if len({without_times(each) for each in results}) > 1]
        ended = {name: results[0].status for name, results in found.items()}
        if unequal or ended != self._sent or self._rows() != self._sent:
            others = [name for name in ended if ended[name] != self._sent.get(name)]
            rows = [name for name, status in self._rows().items() if status != self._sent.get(name)]
            raise SystemExit(f"{what}: unequal repeats {unequal}; ended otherwise {others}; other rows {rows}")
        repeats = sum(map(len, found.values())) - len(found)
        say(f"{what}: {len(self._sent)} sent, 0 lost, {repeats} repeated, 0 unequal")

    def _rows(self) -> dict[str, ResultStatus]:
        view = f"{self.settings.bigquery.project}.{self.settings.bigquery.dataset}.results_latest"
        rows = warehouse(self.settings.bigquery).query(f"SELECT request_id, status FROM `{view}`").result()
        return {row["request_id"]: ResultStatus(row["status"]) for row in rows}

    def checkpointed(self) -> None:
        """Wait for a checkpoint that began after now."""
        done = self.checkpoints()["counts"]["completed"]
        # The one in work may have begun before.
        until(lambda: self.checkpoints()["counts"]["completed"] >= done + 2, "no checkpoint was completed")

    @contextmanager
    def going_on_from_a_checkpoint(self) -> Iterator[None]:
        """Ends when the job, which is broken in the block, has been restored from a checkpoint and runs again."""
        broken = time.time() * 1000
        yield

        def restored() -> bool:
            last = self.checkpoints()["latest"]["restored"]
            return bool(last) and last["restore_timestamp"] > broken and self._job in self._running()

        until(restored, "the job did not go on from a checkpoint")

    def kill_workers(self) -> None:
        """kill -9 of every Python worker."""
        for worker in self.workers():
            worker.kill()

    def kill_task_manager(self) -> None:
        """kill -9 of the first one; the stack starts another. The Python worker of the old one may not stay."""
        before = self.workers()
        os.kill(self._pid("task-manager-1"), signal.SIGKILL)
        # One worker for each of the others, which may go and come again with the job.
        until(lambda: len([each for each in before if _lives(each)]) <= len(self._added), "a worker is an orphan")

    def kill_job_manager(self) -> None:
        """kill -9; the stack starts another, which finds the job where ZooKeeper says."""
        os.kill(self._pid("job-manager"), signal.SIGKILL)

    def add_task_manager(self) -> None:
        """One more, as a cluster that grows gets one."""
        members = json.loads((self._members / "cluster.json").read_text(encoding="utf-8"))
        (member,) = (each for each in members if each["name"] == "task-manager-1")
        slots = self._rest("overview")["slots-total"]
        with (self._members / "task-manager-added.log").open("ab") as log:
            process = subprocess.Popen(member["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._added.append(process)
        until(lambda: self._rest("overview")["slots-total"] > slots, "the added task manager did not come")

    def end_added(self) -> None:
        """kill -9 of those that were added."""
        for process in self._added:
            process.kill()
            process.wait()
        self._added.clear()

    @contextmanager
    def outage(self, part: str, seconds: float) -> Iterator[None]:
        """A part of the stack takes connections and answers nothing, for so long; the block is run at its beginning."""
        running = recorded(self._state.pid_file(part))
        assert running is not None
        family = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
        for process in family:
            process.suspend()
        try:
            yield
            time.sleep(seconds)
        finally:
            for process in family:
                process.resume()

    def broker_away(self, seconds: float) -> None:
        """kill -9 of the broker, which comes again after so long with what it has on disk."""
        running = recorded(self._state.pid_file("kafka"))
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        time.sleep(seconds)
        up(["kafka"], self._state.root)

    def add_partition(self) -> int:
        """One more of the requests topic; its number."""
        topic = self.settings.kafka.requests_topic
        client = admin(self.settings.kafka)
        number = len(client.describe_topics([topic])[0]["partitions"])
        client.create_partitions({topic: NewPartitions(number + 1)})
        client.close()
        return number

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
        return str(told["operation"]["location"])

    def tell_checkpoints(self) -> None:
        """How long those of this run of the job took, and how large they were."""
        told = self.checkpoints()
        took, size = told["summary"]["end_to_end_duration"], told["summary"]["checkpointed_size"]
        say(
            f"checkpoints: {told['counts']['completed']} completed, {told['counts']['failed']} failed; "
            f"{took['p50']:.0f} ms, p95 {took['p95']:.0f}, at most {took['max']}; at most {size['max'] / 1e6:.2f} MB"
        )

    def checkpoints_between(self, begin: float, end: float) -> list[float]:
        """Seconds that those took which were asked for in this time, in seconds since 1970, and were completed."""
        return [
            each["end_to_end_duration"] / 1000
            for each in self.checkpoints()["history"]
            if each["status"] == "COMPLETED" and begin <= each["trigger_timestamp"] / 1000 <= end
        ]

    def metrics(self) -> set[str]:
        """Names of those that Flink has of the job as a whole."""
        return {each["id"] for each in self._rest(f"jobs/{self._job}/metrics")}

    def cancel(self) -> None:
        """End the job. No Python worker may stay."""
        self._rest(f"jobs/{self._job}?mode=cancel", method="PATCH")
        until(lambda: not self.workers(), "Python workers outlive their job")

    def task_manager(self) -> psutil.Process:
        """The first one."""
        return psutil.Process(self._pid("task-manager-1"))

    def workers(self) -> list[psutil.Process]:
        """The Python processes that work for task managers."""
        return [each for each in psutil.Process(self._pid("worker-pool")).children() if _lives(each)]

    def cpu_seconds(self) -> float:
        """Of all processes of the cluster, those included that were started by them and have ended."""
        keeper = recorded(self._state.pid_file("flink"))
        assert keeper is not None
        return sum(cpu_of_tree(pid) for pid in (keeper.pid, *(each.pid for each in self._added)))

    def _pid(self, member: str) -> int:
        return int((self._members / f"{member}.pid").read_text(encoding="utf-8"))

    def checkpoints(self) -> Any:
        """What Flink tells of those of this run of the job."""
        return self._rest(f"jobs/{self._job}/checkpoints")

    def _running(self) -> Sequence[str]:
        return [job["jid"] for job in self._rest("jobs/overview")["jobs"] if job["state"] == "RUNNING"]

    def _rest(self, path: str, method: str = "GET", body: bytes | None = None) -> Any:
        url = f"http://{self.settings.runner.flink_master}/v1/{path}"
        request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"{}")


@contextmanager
def cluster(allowed: Path, more: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Broker, registry, BigQuery emulator and Flink, started for this and ended with it.

    Workers may read the samples and what is below `allowed`; `more` are variables of settings.
    """
    with tempfile.TemporaryDirectory(prefix="docbeam-flink-") as folder, pytest.MonkeyPatch.context() as patch:
        state_dir = Path(folder) / "stack"
        variables = {
            "DOCBEAM_DOCUMENTS__ALLOW": f"{sample_folder().as_uri()}/,{allowed.as_uri()}/",
            "DOCBEAM_DOCUMENTS__CACHE_DIR": f"{folder}/cache",
            "DOCBEAM_ANALYSIS__CHILDREN": "1",
            "DOCBEAM_ANALYSIS__ATTEMPTS_DIR": f"{folder}/attempts",
            "DOCBEAM_SOURCE__DISCOVERY_SECONDS": "5",
            "DOCBEAM_RUNNER__KIND": "flink",
            "DOCBEAM_RUNNER__CHECKPOINT_SECONDS": str(CHECKPOINT_SECONDS),
        }
        try:
            # The pool, which is a part of Flink, gives workers the variables of the emulators.
            variables |= {**(more or {}), **up(_PARTS, state_dir, say).environment()}
            for name, value in variables.items():
                patch.setenv(name, value)
            stack_file = up(["flink"], state_dir, say).settings_file
            for preparation in (["topics", "create"], ["schemas", "register"], ["tables", "create"]):
                docbeam(stack_file, *preparation)
            flink = Cluster(load_settings(file=stack_file).settings, state_dir)
            try:
                yield flink
            finally:
                flink.end_added()
        finally:
            down(state_dir, wipe=True)


def until(done: Callable[[], bool], what: str, more: Callable[[], str] = lambda: "") -> None:
    """Wait for it; ends the program where it does not come. What cannot be asked meanwhile is asked again."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        with suppress(OSError):
            if done():
                return
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: {more()}" if more() else what)
        time.sleep(0.5)


def say(line: str) -> None:
    """With the time since the start."""
    print(f"{time.monotonic() - _BEGAN:6.0f} s  {line}", flush=True)


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


_BEGAN = time.monotonic()
