"""The real parts with the job running on them, and requests sent to it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clients.request_records import publish, request_record
from config.load import load_settings
from config.settings import Settings
from connections.schema_registry import written_schema_id
from devstack import stack
from docbeam.demonstration.read_back import results_of
from docbeam.samples import Sample
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that waits for requests."""

    pid: int
    """Of its supervisor, the root of all its processes."""
    settings: Settings

    def send(self, requests: Collection[AnalysisRequest]) -> None:
        """Publish them all."""
        schema_id = written_schema_id(
            f"{self.settings.kafka.requests_topic}-value", "analysis_request", self.settings.registry
        )
        publish([request_record(request, schema_id) for request in requests], self.settings)

    def results(
        self, ids: Collection[str], arrived: Callable[[AnalysisResult], None] = lambda _: None
    ) -> Mapping[str, AnalysisResult]:
        """The result of each request. Raises SystemExit where some do not come."""
        found = results_of(ids, self.settings, 1200, lambda: True, arrived)
        if len(found) < len(ids):
            raise SystemExit(f"only {len(found)} of {len(ids)} results came")
        return found


@contextmanager
def running_job(allow: Sequence[Path]) -> Iterator[RunningJob]:
    """Start broker, registry, BigQuery emulator and a job that may read files below `allow`; stop all at the end."""
    with tempfile.TemporaryDirectory(prefix="docbeam-bench-") as folder:
        state = Path(folder)
        try:
            endpoints = stack.up(state_dir=state / "dev", progress=say)
            allowed = ",".join(each.as_uri() + "/" for each in allow)
            environment = os.environ | endpoints.environment() | {"DOCBEAM_DOCUMENTS__ALLOW": allowed}
            os.environ.update(environment)
            command = [sys.executable, "-m", "docbeam.main", "--config", str(endpoints.settings_file)]
            for preparation in (["topics", "create"], ["schemas", "register"], ["tables", "create"]):
                subprocess.run([*command, *preparation], env=environment, check=True, stdout=subprocess.DEVNULL)
            with (state / "job.log").open("wb") as log:
                job = subprocess.Popen(
                    [*command, "run", "--state-dir", str(state / "run")],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            try:
                yield RunningJob(job.pid, load_settings(file=endpoints.settings_file).settings)
            finally:
                job.terminate()
                job.wait(timeout=60)
        finally:
            stack.down(state / "dev", wipe=True)


def requests_for(samples: Iterable[Sample], prefix: str) -> list[AnalysisRequest]:
    """A request for each sample, of its use case."""
    chosen = list(samples)
    return [
        AnalysisRequest(name, DocumentReference(sample.path.as_uri()), sample.use_case)
        for name, sample in zip(names(prefix, len(chosen)), chosen, strict=True)
    ]


def names(prefix: str, count: int) -> list[str]:
    """Ids of requests that no other run has."""
    return [f"{prefix}-{time.time_ns()}-{number}" for number in range(count)]


def say(line: str) -> None:
    """Tell a person who waits."""
    print(line, file=sys.stderr)
