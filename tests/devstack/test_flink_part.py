"""A real Flink cluster: up on request, back after a kill, gone with whoever keeps it up."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from devstack import stack
from devstack.probing import answer_of
from devstack.process import recorded
from devstack.state import StateFolder

pytestmark = pytest.mark.stack


def until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 180
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def pid_of(folder: Path, member: str) -> int:
    return int((folder / f"{member}.pid").read_text(encoding="utf-8"))


def test_a_cluster_comes_back_after_a_kill_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert "flink" not in stack.USUAL
    state_dir = tmp_path / "state"
    try:
        offered = stack.up(["flink"], state_dir).settings()["runner"]
        rest = f"http://{offered['flink_master']}/v1"
        assert answer_of(f"{rest}/config")["flink-version"] == "1.19.3"
        assert Path(offered["flink_job_server_jar"]).is_file()
        members = StateFolder.at(state_dir).site("flink", {}).settings_dir
        first = pid_of(members, "task-manager-1")
        os.kill(first, signal.SIGKILL)
        until(lambda: pid_of(members, "task-manager-1") != first, "no task manager was started again")
        until(lambda: answer_of(f"{rest}/overview")["slots-available"] == 4, "the new task manager is not there")
        keeper = recorded(StateFolder.at(state_dir).pid_file("flink"))
        assert keeper is not None
        family = psutil.Process(keeper.pid).children(recursive=True)
        assert len(family) >= 3
        os.kill(keeper.pid, signal.SIGKILL)
        psutil.wait_procs(family, timeout=60)
        assert [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
    finally:
        stack.down(state_dir, wipe=True)
