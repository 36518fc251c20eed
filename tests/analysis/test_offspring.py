"""What a model has started ends with its child, whatever session it has moved to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from analysis.worker import Worker
from config.load import load_settings
from runners.job_process import JobProcess
from schemas.errors import ErrorCode
from tests.analysis.conftest import Do, said

REPOSITORY = Path(__file__).resolve().parents[2]

JOB = """
import os, signal, sys, threading
from pathlib import Path
from analysis.apply_step import apply_step
from analysis.open_document import open_document
from analysis.worker import close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from datetime import UTC, datetime
from schemas.part import Delivery, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference
from use_cases.contract import Apply
page, deed, ending = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
here = worker(
    DocumentSettings(allow=(page.parent.as_uri() + "/",), cache_dir=page.parent / "cache"),
    AnalysisSettings(children=1, memory_mb=700),
)
parameters = {"deed": "offspring", "value": deed}
request = AnalysisRequest("r-1", DocumentReference(page.as_uri()), "misbehaving", parameters)
part = open_document(ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request), here)[0]
asked = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: (close_workers(), os._exit(0)))
print(apply_step(part, Apply("hostile"), here).pages[0].outcomes[-1].state.value, flush=True)
if ending == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
while True:
    signal.pause()
"""


def sleepers(seconds: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.cmdline() == ["sleep", seconds] and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def until_none(seconds: str) -> bool:
    for _ in range(200):
        if not sleepers(seconds):
            return True
        time.sleep(0.05)
    return False


def own_seconds() -> str:
    """A length of sleep that tells this test's programs from all others."""
    return str(100_000_000 + time.time_ns() % 100_000_000)


@pytest.mark.parametrize("deed", ["crash", "hang", "kill"])
def test_it_ends_when_the_child_is_replaced(deed: str, do: Do) -> None:
    seconds = own_seconds()
    assert do("offspring", f"{seconds} {deed}").error is not None
    assert until_none(seconds), "programs of a child outlive it"


def test_it_ends_when_the_worker_closes(do: Do, here: Worker) -> None:
    seconds = own_seconds()
    assert said(do("offspring", f"{seconds} nothing")) == "done"
    assert len(sleepers(seconds)) == 2
    here.close()
    assert not sleepers(seconds)


def test_it_ends_when_the_worker_is_asked_to_stop(one_page: Path, installed_plugins: Path) -> None:
    seconds = own_seconds()
    with started_job(one_page, f"{seconds} nothing", "wait") as job:
        assert job.stdout is not None
        assert job.stdout.readline().strip() == b"found"
        assert len(sleepers(seconds)) == 2
        job.terminate()
        assert job.wait(30) == 0
    assert not sleepers(seconds)


def test_it_ends_when_the_worker_is_killed_under_its_supervisor(one_page: Path, installed_plugins: Path) -> None:
    seconds = own_seconds()
    program = [sys.executable, "-c", JOB, str(one_page), f"{seconds} nothing", "kill"]
    state = one_page.parent
    job = JobProcess(load_settings().settings, Path("none"), state, state, "INFO", program)
    assert job.wait() == -signal.SIGKILL
    assert not sleepers(seconds)


def started_job(page: Path, value: str, ending: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(each for each in sys.path if each)
    command = [sys.executable, "-c", JOB, str(page), value, ending]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": path})


def test_the_child_that_lost_it_is_told_as_what_happened(do: Do) -> None:
    outcome = do("offspring", f"{own_seconds()} crash")
    assert outcome.error is not None
    assert outcome.error.code is ErrorCode.MODEL_CRASHED
