"""The streaming job on a real Flink cluster: `make test-flink`. Not part of the test suite.

It needs what cannot be had everywhere: a Flink 2.2 cluster on this machine (setting runner.flink_master) and Beam's
job-server jar (runner.flink_job_server_jar, or Maven Central). Without them it says so and ends with 3. It starts
broker and registry by itself, sends sample documents, kills a worker process, goes on from a savepoint, and ends with
0 only if every request has a result.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from kafka.admin import NewTopic

from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import admin, consumer, producer
from connections.schema_registry import written_schema_id
from devstack.stack import down, up
from runners.flink import problems, submit
from runners.not_ready import RunnerNotReady
from schemas.request import AnalysisRequest, DocumentReference
from schemas.wire import RecordCodec, frame

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "docbeam" / "samples"
BATCH = 20
WAIT_SECONDS = 600
NOT_READY = 3


def main() -> int:
    """Run all steps; the exit code."""
    found = problems(load_settings().settings)
    if found:
        print(RunnerNotReady("flink", found), file=sys.stderr)
        return NOT_READY
    with tempfile.TemporaryDirectory(prefix="docbeam-flink-") as folder:
        state_dir = Path(folder)
        try:
            settings = _settings(up(["kafka", "registry"], state_dir, print).settings_file)
            with _worker_pool(settings, state_dir) as pool:
                return _acceptance(settings, pool)
        finally:
            down(state_dir, wipe=True)


def _acceptance(settings: Settings, pool: subprocess.Popen[bytes]) -> int:
    sent: set[str] = set()
    job = _start(settings)
    sent |= _send(settings, "first")
    _await(settings, sent, "first requests")

    sent |= _send(settings, "killed")
    _kill_workers(pool)
    _await(settings, sent, "requests in flight when the workers were killed")

    sent |= _send(settings, "restored")
    savepoint = _stop_with_savepoint(settings, job)
    print(f"savepoint: {savepoint}")
    runner = settings.runner.model_copy(update={"flink_savepoint": savepoint})
    job = _start(settings.model_copy(update={"runner": runner}))
    sent |= _send(settings, "after")
    _await(settings, sent, "requests before and after a restore")
    _rest(settings, f"jobs/{job}?mode=cancel", method="PATCH")
    print(f"{len(sent)} requests, every one answered")
    return 0


def _settings(stack_file: Path) -> Settings:
    flags = [f"documents.allow={SAMPLES.as_uri()}/", "bigquery.enabled=false"]
    settings = load_settings(flags, file=stack_file).settings
    names = (settings.kafka.requests_topic, settings.kafka.results_topic, settings.kafka.dead_letters_topic)
    client = admin(settings.kafka)
    client.create_topics([NewTopic(name, num_partitions=4, replication_factor=1) for name in names])
    client.close()
    return settings


@contextmanager
def _worker_pool(settings: Settings, state_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    port = settings.runner.environment_config.rpartition(":")[2]
    variables = {**os.environ, "DOCBEAM_WORKER_LOGS": str(state_dir / "workers")}
    process = subprocess.Popen([sys.executable, "-m", "runners.worker_pool", "--port", port], env=variables)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _start(settings: Settings) -> str:
    """Flink's id of the job that is new after submitting."""
    before = set(_running(settings))
    submit(settings)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        new = set(_running(settings)) - before
        if new:
            print(f"runs: {', '.join(new)}")
            return new.pop()
        time.sleep(1)
    raise SystemExit("the job was submitted and does not run; see Flink's log")


def _running(settings: Settings) -> Sequence[str]:
    jobs = _rest(settings, "jobs/overview")["jobs"]
    return [job["jid"] for job in jobs if job["state"] == "RUNNING"]


def _send(settings: Settings, name: str) -> set[str]:
    schema = written_schema_id(f"{settings.kafka.requests_topic}-value", "analysis_request", settings.registry)
    codec = RecordCodec(AnalysisRequest)
    documents = sorted(SAMPLES.glob("receipt-*"))
    out = producer(settings.kafka)
    ids = set()
    for number in range(BATCH):
        reference = DocumentReference(documents[number % len(documents)].as_uri())
        request = AnalysisRequest(f"{name}-{number}", reference, "receipt")
        out.send(
            settings.kafka.requests_topic,
            key=request.request_id.encode(),
            value=frame(schema, codec.to_avro(request)),
        )
        ids.add(request.request_id)
    out.flush()
    out.close()
    return ids


def _await(settings: Settings, expected: set[str], what: str) -> None:
    """All results from the start, until each of the expected has one."""
    reader = consumer(settings.kafka, auto_offset_reset="earliest", group_id=None)
    reader.subscribe([settings.kafka.results_topic])
    answered: set[str] = set()
    repeated = 0
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and not expected <= answered:
        for records in reader.poll(timeout_ms=1000).values():
            for record in records:
                repeated += record.key.decode() in answered
                answered.add(record.key.decode())
    reader.close()
    missing = sorted(expected - answered)
    if missing:
        raise SystemExit(f"{what}: no result for {len(missing)} of {len(expected)}: {', '.join(missing[:10])}")
    print(f"{what}: {len(expected)} answered, {repeated} of them repeated")


def _kill_workers(pool: subprocess.Popen[bytes]) -> None:
    for worker in psutil.Process(pool.pid).children():
        worker.kill()


def _stop_with_savepoint(settings: Settings, job: str) -> str:
    """Savepoint, then cancel: a job with an endless source cannot be drained."""
    folder = f"{settings.runner.flink_state_path or tempfile.gettempdir()}/docbeam-savepoints"
    order = json.dumps({"target-directory": folder, "cancel-job": True}).encode()
    trigger = _rest(settings, f"jobs/{job}/savepoints", method="POST", body=order)["request-id"]
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        answer = _rest(settings, f"jobs/{job}/savepoints/{trigger}")
        if answer["status"]["id"] == "COMPLETED":
            operation = answer["operation"]
            if "location" not in operation:
                raise SystemExit(f"the savepoint failed: {operation}")
            return str(operation["location"])
        time.sleep(1)
    raise SystemExit("the savepoint did not come")


def _rest(settings: Settings, path: str, method: str = "GET", body: bytes | None = None) -> Any:
    master = settings.runner.flink_master
    url = f"{master if '://' in master else 'http://' + master}/v1/{path}"
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read() or b"{}")


if __name__ == "__main__":
    sys.exit(main())
