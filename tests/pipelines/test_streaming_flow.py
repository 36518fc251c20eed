"""Results leave when they are ready: a slow document holds nobody, and what is finished is not done again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from kafka import TopicPartition
from PIL import Image

from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import consumer
from connections.settled import Settled, settled
from docbeam.demonstration.read_back import wait_for_no_lag
from tests.pipelines.job_account import accounted
from tests.pipelines.read_topics import results_of
from tests.pipelines.streaming import StartJob, send, wait_until

pytestmark = pytest.mark.stack


def committed(settings: Settings, number: int) -> Settled:
    asking = consumer(settings.kafka, group_id=settings.kafka.group)
    found = asking.committed(TopicPartition(settings.kafka.requests_topic, number), metadata=True)
    asking.close()
    return Settled(0) if found is None else settled(found.offset, found.metadata)


@pytest.mark.usefixtures("installed_plugins")
def test_a_slow_document_holds_nobody_on_its_partition(
    config: Path, documents: Path, tmp_path: Path, run_job: StartJob
) -> None:
    settings = load_settings(file=config).settings
    trivial = {f"r-{number}": (f"{documents.as_uri()}/one.png", "notes", {}) for number in range(15)}
    many = [Image.new("L", (60, 80), 255) for _ in range(32)]
    many[0].save(documents / "many.tiff", save_all=True, append_images=many[1:])
    # 80 seconds for its pages alone.
    slow = {"slow": (f"{documents.as_uri()}/many.tiff", "misbehaving", {"fault": "slow"})}
    send(settings, slow | trivial, partition=0)
    with accounted(settings, ["slow", *trivial], tmp_path):
        job = run_job()
        wait_until(lambda: set(results_of(settings)) >= set(trivial), 200)
        assert "slow" not in results_of(settings), "the document was not slow enough to prove anything"
        # The mark waits at the slow one; what is finished above it is told beside it.
        wait_until(lambda: len(committed(settings, 0).finished) == len(trivial), 30)
        assert committed(settings, 0).offset == 0
        os.kill(job.pid, signal.SIGKILL)
        run_job()
        wait_until(lambda: "slow" in results_of(settings), 500)
        assert wait_for_no_lag(settings, 60) == 0
        answers = results_of(settings)
        assert {name: len(answers[name]) for name in trivial} == dict.fromkeys(trivial, 1), "finished work was repeated"


@pytest.mark.usefixtures("installed_plugins")
def test_results_rows_and_commits_leave_one_by_one(
    config: Path, documents: Path, tmp_path: Path, run_job: StartJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCBEAM_ANALYSIS__CHILDREN", "1")
    settings = load_settings(file=config).settings
    requests = {f"r-{number}": (f"{documents.as_uri()}/ten.tiff", "notes", {}) for number in range(12)}
    send(settings, requests, partition=1)
    with accounted(settings, requests, tmp_path):
        run_job()
        seen: list[tuple[int, int]] = []

        def all_there() -> bool:
            told = committed(settings, 1)
            seen.append((len(results_of(settings)), told.offset + len(told.finished)))
            return seen[-1][0] == len(requests)

        wait_until(all_there, 200)
        before_the_last = [(results, finished) for results, finished in seen if 0 < results < len(requests)]
        assert len({results for results, _ in before_the_last}) >= 3, f"they came in lumps: {seen}"
        assert max(finished for _, finished in before_the_last) >= 3, f"commits waited for the end: {seen}"
        assert wait_for_no_lag(settings, 60) == 0
