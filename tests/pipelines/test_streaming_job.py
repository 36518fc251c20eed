"""The endless job on the real parts: killed in the middle, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from kafka.admin import NewPartitions

from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import admin, producer
from connections.schema_registry import written_schema_id
from connections.warehouse import warehouse
from docbeam.demonstration.read_back import lag, wait_for_no_lag
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import ResultStatus
from schemas.wire import RecordCodec, frame
from tests.pipelines.job_account import accounted
from tests.pipelines.read_topics import dead_letters_of, results_of, without_times
from tests.pipelines.streaming import StartJob, wait_until
from tests.processes import runs

pytestmark = pytest.mark.stack

_REQUEST = RecordCodec(AnalysisRequest)


@pytest.mark.usefixtures("installed_plugins")
def test_nothing_is_lost_when_the_job_is_killed(
    config: Path, documents: Path, tmp_path: Path, run_job: StartJob
) -> None:
    settings = load_settings(file=config).settings
    expected = send_all(settings, documents)
    with accounted(settings, expected, tmp_path):
        kill_in_the_middle(settings, expected, run_job())
        run_job()
        wait_until(lambda: set(results_of(settings)) >= set(expected), 400)
        assert wait_for_no_lag(settings, 120) == 0
        check_what_came_out(settings, expected)
    add_partition_with_request(settings, documents)
    with accounted(settings, ["r-new-partition"], tmp_path):
        wait_until(lambda: "r-new-partition" in results_of(settings), 120)
        assert wait_for_no_lag(settings, 60) == 0


def kill_in_the_middle(settings: Settings, expected: dict[str, ResultStatus], job: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: len(results_of(settings)) >= 10, 240)
    tree = [job.pid, *(child.pid for child in psutil.Process(job.pid).children(recursive=True))]
    os.kill(job.pid, signal.SIGKILL)
    wait_until(lambda: not any(runs(pid) for pid in tree[1:]), 30)
    before = len(results_of(settings))
    assert before < len(expected), "the kill came too late to prove anything"
    assert lag(settings) > 0


def check_what_came_out(settings: Settings, expected: dict[str, ResultStatus]) -> None:
    found = results_of(settings)
    assert set(found) == set(expected)
    assert {name: repeats[0].status for name, repeats in found.items()} == expected
    for repeats in found.values():
        assert len({without_times(result) for result in repeats}) == 1
    letters = dead_letters_of(settings)
    assert {value for value, _ in letters} == {b"garbage", frame(999_999, b"?"), b""}
    assert {headers["docbeam.error.code"] for _, headers in letters} == {b"undecodable_record", b"unknown_schema"}
    rows = rows_of(settings)
    assert rows == {name: status.value for name, status in expected.items()}


def add_partition_with_request(settings: Settings, documents: Path) -> None:
    topic = settings.kafka.requests_topic
    administration = admin(settings.kafka)
    administration.create_partitions({topic: NewPartitions(settings.kafka.partitions + 1)})
    administration.close()
    schema_id = written_schema_id(f"{topic}-value", "analysis_request", settings.registry)
    request = AnalysisRequest("r-new-partition", DocumentReference(f"{documents.as_uri()}/one.png"), "notes")
    out = producer(settings.kafka)
    value = frame(schema_id, _REQUEST.to_avro(request))
    out.send(topic, key=b"r-new-partition", value=value, partition=settings.kafka.partitions)
    out.flush(timeout=30)
    out.close()


def send_all(settings: Settings, documents: Path) -> dict[str, ResultStatus]:
    """Good and bad requests and garbage between them; how each request has to end."""
    subject = f"{settings.kafka.requests_topic}-value"
    schema_id = written_schema_id(subject, "analysis_request", settings.registry)
    expected: dict[str, ResultStatus] = {}
    out = producer(settings.kafka)
    here = documents.as_uri()
    for number in range(60):
        kind, location, use_case, parameters = (
            (ResultStatus.COMPLETE, f"{here}/one.png", "notes", {}),
            (ResultStatus.COMPLETE, f"{here}/ten.tiff", "notes", {}),
            (ResultStatus.FAILED, f"{here}/encrypted.pdf", "notes", {}),
            (ResultStatus.FAILED, f"{here}/missing.pdf", "notes", {}),
            (ResultStatus.FAILED, f"{here}/one.png", "unknown", {}),
            (ResultStatus.PARTIAL, f"{here}/ten.tiff", "misbehaving", {"fault": "exit"}),
        )[number % 6]
        name = f"r-{number}"
        expected[name] = kind
        request = AnalysisRequest(name, DocumentReference(location), use_case, parameters)
        out.send(settings.kafka.requests_topic, key=name.encode(), value=frame(schema_id, _REQUEST.to_avro(request)))
        if number % 20 == 7:
            for garbage in (b"garbage", frame(999_999, b"?"), b""):
                out.send(settings.kafka.requests_topic, key=b"garbage", value=garbage, headers=[("mine", b"kept")])
    # Nobody says that a producer's clock is right.
    request = AnalysisRequest("r-clock", DocumentReference(f"{here}/one.png"), "notes")
    value = frame(schema_id, _REQUEST.to_avro(request))
    out.send(settings.kafka.requests_topic, key=b"r-clock", value=value, timestamp_ms=-(10**14))
    expected["r-clock"] = ResultStatus.COMPLETE
    out.flush(timeout=30)
    out.close()
    return expected


def rows_of(settings: Settings) -> dict[str, str]:
    view = f"{settings.bigquery.project}.{settings.bigquery.dataset}.results_latest"
    rows = warehouse(settings.bigquery).query(f"SELECT request_id, status FROM `{view}`").result()
    return {row["request_id"]: row["status"] for row in rows}
