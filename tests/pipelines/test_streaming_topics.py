"""What operators do under a running job: delete and make topics, start a second job."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from kafka.admin import NewTopic

from clients.group import active_jobs, group_progress
from config.load import load_settings
from config.settings import Settings
from connections.kafka.clients import admin
from docbeam.demonstration.read_back import wait_for_no_lag
from tests.pipelines.job_account import accounted
from tests.pipelines.read_topics import results_of
from tests.pipelines.streaming import StartJob, send, wait_until

pytestmark = pytest.mark.stack


def make_anew(settings: Settings) -> None:
    operator = admin(settings.kafka)
    topic = settings.kafka.requests_topic
    operator.delete_topics([topic])
    deadline = time.monotonic() + 60
    while topic in operator.list_topics():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    operator.create_topics([NewTopic(topic, settings.kafka.partitions, 1)])
    operator.close()


@pytest.mark.usefixtures("installed_plugins")
def test_a_topic_that_was_made_anew_is_read_from_its_beginning_and_a_second_job_is_noticed(
    config: Path, documents: Path, tmp_path: Path, run_job: StartJob
) -> None:
    settings = load_settings(file=config).settings
    here = f"{documents.as_uri()}/one.png"
    first = {f"first-{number}": (here, "notes", {}) for number in range(12)}
    send(settings, first)
    with accounted(settings, first, tmp_path):
        run_job()
        wait_until(lambda: set(results_of(settings)) >= set(first), 200)
    make_anew(settings)
    # Fewer records than before: every position of the job lies beyond the end of what took the topic's place.
    second = {f"second-{number}": (here, "notes", {}) for number in range(4)}
    send(settings, second)
    with accounted(settings, second, tmp_path):
        wait_until(lambda: set(results_of(settings)) >= set(second), 120)
        assert wait_for_no_lag(settings, 60) == 0
    make_anew(settings)
    # More records than before: every position lies among what took the topic's place.
    third = {f"third-{number}": (here, "notes", {}) for number in range(20)}
    send(settings, third)
    with accounted(settings, third, tmp_path):
        wait_until(lambda: set(results_of(settings)) >= set(third), 120)
        assert wait_for_no_lag(settings, 60) == 0
    run_job()
    logs = [tmp_path / "job-0.log", tmp_path / "job-1.log"]
    wait_until(lambda: any("another job" in log.read_text(errors="replace") for log in logs), 120)
    wait_until(lambda: len(active_jobs(group_progress(settings.kafka))) == 2, 120)
