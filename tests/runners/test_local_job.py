"""`docbeam run` on this machine, with real processes: how it starts, stops, restarts and refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from devstack.prism import prism_binary
from docbeam.exit_codes import ExitCode
from tests.processes import runs

pytestmark = pytest.mark.stack

_REPOSITORY = Path(__file__).resolve().parents[2]
# No broker: the job waits for one, and everything about its process can be seen all the same.
_NOWHERE = ("kafka.bootstrap=127.0.0.1:9", "registry.url=http://127.0.0.1:9", "documents.allow=file:///forms/")


@pytest.fixture(scope="module")
def prism() -> Path:
    return prism_binary(lambda _: None)


class Run:
    """A started `docbeam run`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.state_dir = folder / "state"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.log = folder / "log"
        environment = os.environ | {"TMPDIR": str(self.temporary), "PYTHONPATH": str(_REPOSITORY)}
        command = [sys.executable, "-m", "docbeam.main", "run", "--state-dir", str(self.state_dir), *arguments]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        self.seen: set[int] = {self.process.pid}

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, happened: Callable[[], object], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not happened():
            self.look()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        self.look()

    def look(self) -> list[psutil.Process]:
        """Everything that was started, remembered for the end."""
        try:
            below = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            return []
        self.seen.update(each.pid for each in below)
        return below

    def job(self) -> psutil.Process | None:
        return next((each for each in self.look() if "runners.local_job" in _command(each)), None)

    def end(self) -> int:
        code = self.process.wait(timeout=60)
        self.wait_for(lambda: not any(runs(pid) for pid in self.seen), 15)
        return code


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _catches_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.fixture
def start(tmp_path: Path, prism: Path) -> Iterator[Callable[..., Run]]:
    started: list[Run] = []

    def run(*arguments: str, settings: tuple[str, ...] = ()) -> Run:
        chosen = [part for each in (*_NOWHERE, f"runner.prism={prism}", *settings) for part in ("--set", each)]
        started.append(Run(tmp_path, *chosen, *arguments))
        return started[-1]

    yield run
    for each in started:
        each.process.kill()
        each.process.wait()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("when", ["at once", "while Beam is imported"])
def test_a_signal_soon_after_the_start_ends_with_0_and_leaves_nothing(
    start: Callable[..., Run], sent: signal.Signals, when: str
) -> None:
    run = start()
    run.wait_for(lambda: _catches_sigterm(run.process.pid))
    if when != "at once":
        run.wait_for(lambda: run.job() is not None)
    os.killpg(run.process.pid, sent)
    assert run.end() == ExitCode.OK
    assert "Traceback" not in run.said()


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_says_in_one_line_what_was_finished_and_what_waits(start: Callable[..., Run], times: int) -> None:
    run = start()
    run.wait_for(lambda: "the job runs" in run.said())
    assert list(run.state_dir.glob("tmp-*"))
    for _ in range(times):
        # The whole group, as a terminal does.
        os.killpg(run.process.pid, signal.SIGINT)
        time.sleep(0.5)
        if run.process.poll() is not None:
            break
    assert run.end() == ExitCode.OK
    said = run.said()
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("stopped after ")
    assert said.splitlines()[-1].endswith("no results, how many requests wait could not be asked of Kafka, 0 restarts")
    assert list(run.state_dir.glob("tmp-*")) == []
    assert [each.name for each in run.temporary.iterdir()] == [f"docbeam-documents-{os.geteuid()}"]


def test_a_job_that_does_not_stay_up_is_told_and_the_last_restart_ends_with_1(start: Callable[..., Run]) -> None:
    run = start("--max-restarts", "3", settings=("runner.restart_seconds=0.1",))
    killed: set[int] = set()
    while len(killed) < 4:
        run.wait_for(lambda: (job := run.job()) is not None and job.pid not in killed)
        job = run.job()
        assert job is not None
        killed.add(job.pid)
        job.kill()
    assert run.end() == ExitCode.FAILED
    said = run.said()
    assert "the job ended (killed by SIGKILL); restart 1 in 0." in said
    assert "3 restarts in 1 min: the job does not stay up. It said last:" in said
    assert "the job ended (killed by SIGKILL); no restart is left of 3" in said
    assert said.splitlines()[-1].endswith("3 restarts")


def test_a_signal_in_the_pause_before_a_restart_ends_it(start: Callable[..., Run]) -> None:
    run = start(settings=("runner.restart_seconds=600", "runner.max_restart_seconds=600"))
    run.wait_for(lambda: run.job() is not None)
    job = run.job()
    assert job is not None
    job.kill()
    run.wait_for(lambda: "restart 1 in" in run.said())
    run.process.terminate()
    assert run.end() == ExitCode.OK


def test_nothing_stays_when_the_supervisor_is_killed_and_the_next_one_cleans_up(start: Callable[..., Run]) -> None:
    run = start()
    run.wait_for(lambda: "the job runs" in run.said())
    run.process.kill()
    run.end()
    left = list(run.state_dir.glob("tmp-*"))
    assert left
    again = start()
    again.wait_for(lambda: again.job() is not None)
    assert not any(each.exists() for each in left)
    again.process.terminate()
    assert again.end() == ExitCode.OK


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("runner.prism=/nowhere/prism", "there is no Prism at /nowhere/prism. Set runner.prism"),
        ("runner.prism=/etc/passwd", "may not be executed"),
        ("runner.prism=/bin/true", "Prism (/bin/true) ended with code 0"),
        ("documents.cache_dir=/etc/passwd", "the folder /etc/passwd cannot be used"),
        ("documents.allow=https://forms.example/?a=b", "has a query"),
        ("kafka.ssl_cafile=/nowhere/ca.pem", "kafka.ssl_cafile is /nowhere/ca.pem, which cannot be read"),
        ("analysis.document_types=/nowhere", "`docbeam model type add` makes one"),
    ],
)
def test_what_no_restart_mends_is_refused_once_with_its_cure(
    start: Callable[..., Run], setting: str, said: str
) -> None:
    run = start(settings=(setting,))
    assert run.end() == ExitCode.NOT_READY
    assert said in run.said()
    assert "restart 1 in" not in run.said()
    assert run.said().count(said) == 1
    assert "Traceback" not in run.said()


def test_a_second_job_in_the_same_state_folder_is_refused(start: Callable[..., Run]) -> None:
    first = start()
    first.wait_for(lambda: "the job runs" in first.said())
    pid = json.loads((first.state_dir / "job.json").read_text())["pid"]
    first_log = first.log.rename(first.log.with_name("first-log"))
    second = start()
    assert second.end() == ExitCode.NOT_READY
    assert f"(process {pid})" in second.said()
    assert "--state-dir of its own" in second.said()
    assert first.process.poll() is None
    assert "stopped" not in first_log.read_text()
