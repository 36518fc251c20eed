"""The job on a real Flink, in short; `make test-flink` kills more of it."""

from __future__ import annotations

import time

import pytest

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
