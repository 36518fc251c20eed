"""Submitting to Flink: what is missing is told precisely; what is there is used through Beam's own runner."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from apache_beam.portability.api import beam_runner_api_pb2 as proto
from apache_beam.runners.runner import PipelineState
from apache_beam.utils.subprocess_server import JavaJarServer

from config.settings import Settings
from runners.flink import problems, submit
from runners.not_ready import RunnerNotReady

ARTIFACT = "org.apache.beam:beam-runners-flink-2.2-job-server:2.77.0"
JAR_NAME = "beam-runners-flink-2.2-job-server-2.77.0.jar"
UNUSED_PORT = "127.0.0.1:1"


class _Service(BaseHTTPRequestHandler):
    """A Flink REST service that gets a job between two questions, and a repository that has no jar."""

    asked = 0
    state = "RUNNING"
    silent = 0
    """How many questions for jobs it ends without an answer, after the first one."""

    def do_GET(self) -> None:
        if self.path.startswith("/v1/jobs/") and _Service.asked and _Service.silent:
            _Service.silent -= 1
            return
        answer: dict[str, Any] | None = None
        if self.path == "/v1/config":
            answer = {"flink-version": "2.2.1"}
        if self.path == "/v1/jobs/overview":
            state = ("CREATED", "CREATED", "RUNNING")[min(_Service.asked, 2)]
            _Service.asked += 1
            answer = {"jobs": [{"jid": "old", "state": "FAILED"}, {"jid": "new", "state": state}]}
        if self.path == "/v1/jobs/new":
            answer = {"state": _Service.state}
        if self.path == "/v1/jobs/new/exceptions":
            answer = {"root-exception": "Outer: no\n\tat place(1)\nCaused by: Inner: it does not fit\n\tat place(2)\n"}
        if self.path == "/v1/jobs/new/checkpoints/config":
            # As runner 2.70 on Flink 1.19 answers, which does not know how many failures are tolerated.
            answer = {"interval": 30000, "timeout": 600000, "unaligned_checkpoints": True}
            answer |= {"tolerable_failed_checkpoints": 0}
        self.send_response(404 if answer is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    _Service.asked, _Service.state, _Service.silent = 0, "RUNNING", 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def empty_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str) -> Path:
    """Beam fetches from a repository that has nothing; answers where its cache is."""
    monkeypatch.setattr(JavaJarServer, "MAVEN_CENTRAL_REPOSITORY", f"{service}/central")
    monkeypatch.setattr(JavaJarServer, "GOOGLE_MAVEN_MIRROR", f"{service}/mirror")
    monkeypatch.setattr(JavaJarServer, "JAR_CACHE", str(tmp_path / "jars"))
    return tmp_path / "jars"


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Beam's job server leaves a handler of its own behind."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.fixture
def jar(tmp_path: Path) -> str:
    path = tmp_path / JAR_NAME
    path.write_bytes(b"")
    return str(path)


def _settings(**runner: Any) -> Settings:
    return Settings.model_validate({"runner": {"flink_java": sys.executable, **runner}})


def test_an_artifact_that_cannot_be_fetched_is_named_with_the_ways_to_supply_it(
    service: str, empty_repository: Path
) -> None:
    with pytest.raises(RunnerNotReady) as raised:
        submit(_settings(flink_master=service))
    (problem,) = raised.value.problems
    assert f"{ARTIFACT} could not be fetched from Maven Central" in problem
    assert "HTTP Error 404" in problem
    assert "runner.flink_job_server_jar" in problem
    assert str(empty_repository / JAR_NAME) in problem


def test_an_artifact_in_beams_cache_is_enough(service: str, empty_repository: Path) -> None:
    empty_repository.mkdir()
    (empty_repository / JAR_NAME).write_bytes(b"")
    assert problems(_settings(flink_master=service)) == []


@pytest.mark.parametrize("where", ["nowhere.jar", "URL"])
def test_a_jar_that_is_set_but_not_there(service: str, empty_repository: Path, where: str) -> None:
    (problem,) = problems(
        _settings(flink_master=service, flink_job_server_jar=f"{service}/x.jar" if where == "URL" else where)
    )
    assert ARTIFACT in problem
    assert "(runner.flink_job_server_jar)" in problem


def test_no_cluster(jar: str) -> None:
    (problem,) = problems(_settings(flink_master=UNUSED_PORT, flink_job_server_jar=jar))
    assert f"no Flink REST service at http://{UNUSED_PORT}" in problem
    assert "Connection refused" in problem
    assert "runner.flink_master" in problem


def test_something_else_than_flink_answers(service: str, jar: str) -> None:
    (problem,) = problems(_settings(flink_master=f"{service}/registry", flink_job_server_jar=jar))
    assert "answers HTTP 404" in problem


def test_a_cluster_of_another_version(service: str, jar: str) -> None:
    (problem,) = problems(_settings(flink_master=service, flink_job_server_jar=jar, flink_version="1.20"))
    assert "runs Flink 2.2.1, but runner.flink_version is 1.20" in problem


def test_no_java(service: str, jar: str) -> None:
    (problem,) = problems(_settings(flink_master=service, flink_job_server_jar=jar, flink_java="no-such-java"))
    assert "'no-such-java'" in problem
    assert "runner.flink_java" in problem


@pytest.mark.parametrize("master", ["[local]", "[auto]"])
def test_a_flink_inside_of_the_command_is_refused(master: str, jar: str) -> None:
    (problem,) = problems(_settings(flink_master=master, flink_job_server_jar=jar))
    assert f"runner.flink_master is '{master}'" in problem
    assert "docbeam dev up --flink" in problem


def test_a_savepoint_that_would_be_ignored(service: str, jar: str) -> None:
    (problem,) = problems(
        _settings(flink_master=service, flink_job_server_jar=jar, flink_uber_jar=True, flink_savepoint="s3://a/b")
    )
    assert "runner.flink_savepoint has no effect" in problem


def test_everything_missing_is_told_at_once(empty_repository: Path) -> None:
    with pytest.raises(RunnerNotReady) as raised:
        submit(_settings(flink_master=UNUSED_PORT, flink_java="no-such-java"))
    assert len(raised.value.problems) == 3


def test_a_job_server_that_ends_at_once(service: str, jar: str) -> None:
    """Its launcher is a Python here, which does not know `-jar`."""
    with pytest.raises(RunnerNotReady, match="did not start"):
        submit(_settings(flink_master=service, flink_job_server_jar=jar))


def _stand_in(folder: Path) -> Path:
    """A launcher for the one Java program in Beam's submission, which writes into `folder` what it is given."""
    java = folder / "java"
    stand_in = Path(__file__).with_name("stand_in_job_server.py")
    java.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{stand_in}" "{folder}" "$@"\n', encoding="utf-8")
    java.chmod(0o755)
    return java


@pytest.mark.usefixtures("interrupts")
def test_a_job_that_flink_ends_at_once_is_no_success(service: str, jar: str, tmp_path: Path) -> None:
    _Service.state = "FAILED"
    settings = _settings(flink_master=service, flink_job_server_jar=jar, flink_java=str(_stand_in(tmp_path)))
    with pytest.raises(RunnerNotReady, match=r"at once: Outer: no Caused by: Inner: it does not fit$"):
        submit(settings)


@pytest.mark.usefixtures("interrupts")
def test_a_flink_that_no_longer_answers_is_told(
    service: str, jar: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Service.silent = 1000
    monkeypatch.setattr("runners.flink._PATIENCE_SECONDS", 1)
    settings = _settings(flink_master=service, flink_job_server_jar=jar, flink_java=str(_stand_in(tmp_path)))
    with pytest.raises(RunnerNotReady, match=rf"no longer answers .*{service}/v1/jobs/overview before submitting"):
        submit(settings)


@pytest.mark.usefixtures("interrupts")
def test_the_job_reaches_a_job_server(service: str, jar: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """All of Beam's own submission, with a stand-in for the one Java program in it."""
    # A job manager that is busy beginning a job answers late or not at all.
    _Service.silent = 2
    java = _stand_in(tmp_path)
    result = submit(
        _settings(
            flink_master=service,
            flink_job_server_jar=jar,
            flink_java=str(java),
            flink_parallelism=3,
            flink_savepoint="s3://bucket/savepoint-1",
        )
    )
    assert result.state == PipelineState.RUNNING
    assert _Service.asked == 3, "it waits until Flink itself has the job"
    (warned,) = (record.getMessage() for record in caplog.records if record.name == "runners.flink")
    assert "tolerable_failed_checkpoints = 0 instead of 5" in warned
    result.cancel()
    arguments = json.loads((tmp_path / "arguments.json").read_text())
    assert arguments[arguments.index("--flink-master") + 1] == service
    assert arguments[arguments.index("-jar") + 1] == jar
    graph = proto.Pipeline.FromString((tmp_path / "graph.pb").read_bytes())
    assert {environment.urn for environment in graph.components.environments.values()} == {"beam:env:external:v1"}
    assert any(step.unique_name == "settle/commit offsets" for step in graph.components.transforms.values())
    given = json.loads((tmp_path / "options.json").read_text())
    arrived = {name.removeprefix("beam:option:").removesuffix(":v1"): value for name, value in given.items()}
    expected = {
        "streaming": True,
        "parallelism": "3",
        "max_parallelism": "128",
        "max_bundle_size": "1",
        "max_bundle_time_mills": "200",
        "checkpointing_interval": "30000",
        "finish_bundle_before_checkpointing": True,
        "externalized_checkpoints_enabled": True,
        "retain_externalized_checkpoints_on_cancellation": True,
        "savepoint_path": "s3://bucket/savepoint-1",
        "sdk_worker_parallelism": "1",
    }
    assert {name: arrived.get(name) for name in expected} == expected
