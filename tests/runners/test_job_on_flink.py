"""The job on a real Flink, in short; `make test-flink` kills more of it."""

from __future__ import annotations

import time

import pytest

from docbeam.health import Health, runner
from tests.runners.flink_acceptance import cluster

pytestmark = pytest.mark.stack


def test_requests_are_answered_over_the_loss_of_a_task_manager() -> None:
    with cluster() as flink:
        flink.start()
        flink.send("first", 6)
        flink.answered("first requests")
        flink.checkpointed()
        before = flink.restores()
        flink.send("killed", 6)
        time.sleep(2)
        flink.kill_task_manager()
        flink.restored(before)
        flink.answered("requests in flight when the task manager was killed")
        doctor = {finding.check: finding for finding in runner(flink.settings)}
        assert doctor.pop("runner flink").state is Health.OK
        ((_, job),) = ((name, each) for name, each in doctor.items() if "held up" not in each.found)
        assert job.state is Health.WARN
        assert job.found.startswith("RUNNING, ")
        assert job.found.endswith("; restored 1 times")
