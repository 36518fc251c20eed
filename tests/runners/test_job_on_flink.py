"""The job on a real Flink, in short; `make test-flink` breaks more of it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from docbeam.health import Health, runner
from tests.runners.flink_acceptance import RECEIPTS
from tests.runners.flink_cluster import cluster, until

pytestmark = pytest.mark.stack
RULES = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes" / "flink-alerts.yaml"
ALERTED = set(re.findall(r"flink_jobmanager_job_(\w+)", RULES.read_text(encoding="utf-8")))


def test_requests_are_answered_over_the_loss_of_job_manager_and_task_manager(tmp_path: Path) -> None:
    with cluster(tmp_path) as flink:
        flink.start()
        flink.send("first", 6, RECEIPTS, "receipt")
        flink.answered("first requests")
        for what, kill in (("task-manager", flink.kill_task_manager), ("job-manager", flink.kill_job_manager)):
            flink.checkpointed()
            flink.send(f"{what}-killed", 6, RECEIPTS, "receipt")
            time.sleep(2)
            with flink.going_on_from_a_checkpoint():
                kill()
            flink.answered(f"requests in flight when the {what} was killed")
        # Its workers are there again: one that is still being started when its job is cancelled stays (docs/flink.md).
        flink.send("after", 2, RECEIPTS, "receipt")
        flink.answered("requests after all that")
        # Flink gathers them when somebody asks, for the next one who does.
        until(lambda: flink.metrics() >= ALERTED, "not all metrics of the alerts are there")
        doctor = {finding.check: finding for finding in runner(flink.settings)}
        assert doctor.pop("runner flink").state is Health.OK
        ((_, job),) = ((name, each) for name, each in doctor.items() if "held up" not in each.found)
        assert job.state is Health.WARN
        assert job.found.startswith("RUNNING, ")
        # The next job manager counts anew.
        assert re.search("; restored [1-9] times$", job.found)
        flink.cancel()
