"""Starting, dying, starting again and stopping, with real processes in a state folder of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from devstack import stack
from devstack.failure import StackError
from devstack.logs import logs
from devstack.process import running_as
from devstack.stack import PartState, PartStatus
from tests.processes import runs

pytestmark = pytest.mark.stack


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "dev"
    stack.down(tmp_path / "dev", wipe=True)


def _of(state_dir: Path, part: str) -> PartStatus:
    return next(row for row in stack.status(state_dir) if row.part == part)


def _kill(pid: int) -> None:
    process = psutil.Process(pid)
    process.kill()
    process.wait(timeout=30)


def test_a_killed_part_shows_dead_and_is_started_again_while_others_are_kept(state_dir: Path) -> None:
    stack.up(["gcs", "s3"], state_dir)
    gcs, s3 = _of(state_dir, "gcs"), _of(state_dir, "s3")
    assert (gcs.state, s3.state) == (PartState.READY, PartState.READY)
    assert gcs.pid is not None
    _kill(gcs.pid)

    assert _of(state_dir, "gcs").state is PartState.DEAD
    running = stack.endpoints(state_dir)
    assert running is not None
    assert set(running.offers) == {"s3"}
    with pytest.raises(StackError, match="gcs is not running"):
        _ = running.gcs_endpoint

    again = stack.up(["gcs", "s3"], state_dir)
    assert set(again.offers) == {"gcs", "s3"}
    assert _of(state_dir, "gcs").pid != gcs.pid
    assert _of(state_dir, "s3").pid == s3.pid


def test_down_ends_every_process_even_where_one_had_died(state_dir: Path) -> None:
    stack.up(["gcs", "s3", "registry"], state_dir)
    pids = {row.part: row.pid for row in stack.status(state_dir) if row.pid}
    assert set(pids) == {"gcs", "s3", "registry"}
    _kill(pids["s3"])

    assert set(stack.down(state_dir)) == {"gcs", "registry"}
    assert not [pid for pid in pids.values() if runs(pid)]
    assert stack.endpoints(state_dir) is None
    assert {row.state for row in stack.status(state_dir)} == {PartState.STOPPED}
    assert stack.down(state_dir) == []


def test_a_part_that_ignores_the_request_to_stop_is_killed(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "_STOP_SECONDS", 0.5)
    stack.up(["s3"], state_dir)
    pid = _of(state_dir, "s3").pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert _of(state_dir, "s3").state is PartState.NOT_ANSWERING
    assert stack.down(state_dir) == ["s3"]
    assert not runs(pid)


def test_a_part_that_hangs_is_started_again(state_dir: Path) -> None:
    stack.up(["gcs"], state_dir)
    pid = _of(state_dir, "gcs").pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    stack.up(["gcs"], state_dir)
    row = _of(state_dir, "gcs")
    assert row.state is PartState.READY
    assert row.pid != pid
    assert not runs(pid)


def test_down_cleans_up_after_an_up_that_was_killed(state_dir: Path) -> None:
    starting = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from devstack.commands import dev; dev()",
            "up",
            "kafka",
            "--state-dir",
            str(state_dir),
        ],
        stderr=subprocess.DEVNULL,
    )
    pid_file = state_dir / "run" / "kafka.pid"
    while not pid_file.exists() and starting.poll() is None:
        pass
    starting.kill()
    starting.wait()
    broker = psutil.Process(json.loads(pid_file.read_text(encoding="utf-8"))["pid"])
    assert broker.is_running()
    assert _of(state_dir, "kafka").state is PartState.NOT_ANSWERING
    assert stack.down(state_dir) == ["kafka"]
    assert not broker.is_running() or broker.status() == psutil.STATUS_ZOMBIE


def test_a_recycled_pid_is_left_alone(state_dir: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        run = state_dir / "run"
        run.mkdir(parents=True)
        bystanding = running_as("s3", psutil.Process(bystander.pid))
        record = asdict(replace(bystanding, started=bystanding.started - 3600))
        (run / "s3.pid").write_text(json.dumps(record), encoding="utf-8")
        assert stack.down(state_dir) == []
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_taken_port_is_left_to_its_owner_and_the_choice_is_remembered(state_dir: Path) -> None:
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        taken = owner.getsockname()[1]
        state_dir.mkdir()
        offer = {"settings": {}, "environment": {}, "addresses": {}}
        known = {"parts": {"gcs": {"ports": {"http": taken}, "wanted": False, "offer": offer}}}
        (state_dir / "state.json").write_text(json.dumps(known), encoding="utf-8")
        stack.up(["gcs"], state_dir)
        chosen = _of(state_dir, "gcs").ports["http"]
        assert chosen != taken
    stack.down(state_dir)
    assert stack.up(["gcs"], state_dir).gcs_endpoint == f"http://127.0.0.1:{chosen}"


def test_kafka_keeps_its_topics_until_it_is_wiped_and_survives_a_change_of_ports(state_dir: Path) -> None:
    first = stack.up(["kafka"], state_dir)
    admin = KafkaAdminClient(bootstrap_servers=first.kafka_bootstrap)
    admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    admin.close()
    ports = _of(state_dir, "kafka").ports
    stack.down(state_dir)

    with socket.socket() as broker, socket.socket() as controller:
        for taken, port in ((broker, ports["broker"]), (controller, ports["controller"])):
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            taken.listen()
        second = stack.up(["kafka"], state_dir)
        assert second.kafka_bootstrap != first.kafka_bootstrap
        admin = KafkaAdminClient(bootstrap_servers=second.kafka_bootstrap)
        assert "kept" in admin.list_topics()
        admin.close()

    stack.down(state_dir, wipe=True)
    assert not state_dir.exists()


def test_logs_are_kept_for_each_part(state_dir: Path) -> None:
    stack.up(["s3", "gcs"], state_dir)
    assert list(logs("s3", state_dir=state_dir))
    everything = list(logs(state_dir=state_dir))
    assert {line.split(":")[0] for line in everything} <= {"s3", "gcs"}
    assert len(list(logs("s3", lines=1, state_dir=state_dir))) == 1


def test_a_part_that_cannot_start_is_named_with_its_last_words(state_dir: Path) -> None:
    site = state_dir / "storage" / "kafka" / "log"
    site.mkdir(parents=True)
    (site / "meta.properties").write_text("version=1\ncluster.id=broken\nnode.id=77\n", encoding="utf-8")
    with pytest.raises(StackError, match=r"(?s)kafka ended while it was starting.*\| .*node.*--wipe"):
        stack.up(["kafka", "gcs"], state_dir)
    assert _of(state_dir, "gcs").state is PartState.READY
    assert _of(state_dir, "kafka").state is PartState.STOPPED
