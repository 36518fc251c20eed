"""Whatever a child writes or does, its parent answers in time and goes on."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from analysis.children.limits import ChildDied, Limits, PoolClosed, Reason
from analysis.children.pool import ChildPool
from analysis.children.process import ChildProcess
from analysis.children.protocol import Stage
from analysis.children.spawner import Spawner
from analysis.worker import Worker
from schemas.errors import ErrorCode
from tests.analysis.conftest import Do, said

LIES = {
    "no message": ("write", "ff" * 64),
    "no JSON": ("write", (struct.pack(">I", 4) + b"{{{{").hex()),
    "deep JSON": ("write", (struct.pack(">I", 60_000) + b"[" * 60_000).hex()),
    "half a message": ("write", struct.pack(">I", 1000).hex()),
    "a huge message": ("write", struct.pack(">I", 2**32 - 1).hex()),
    "a message byte by byte": ("trickle", ""),
    "a list": ("say", "[]"),
    "not a number": ("say", '{"rss": NaN, "answer": []}'),
    "no answer": ("say", "{}"),
    "an answer of another shape": ("say", '{"rss": 1, "answer": [{"prediction": 3}]}'),
    "an unknown code": ("say", '{"rss": 1, "code": "no_such_code", "message": ""}'),
    "no page": ("say", '{"rss": 1, "answer": []}'),
    "a prediction that is none": (
        "say",
        '{"rss": 1, "answer": [{"prediction": {"lines": 1}, "width": 1, "height": 1, "dpi": 1}]}',
    ),
    "the same stage again and again": ("announce", "predict"),
    "an earlier stage": ("announce", "rasterise"),
    "an unknown stage": ("announce", "lunch"),
}


@pytest.mark.parametrize(("deed", "value"), LIES.values(), ids=list(LIES))
def test_a_child_that_writes_what_no_child_writes_is_ended(deed: str, value: str, do: Do) -> None:
    outcome = do(deed, value)
    assert outcome.error is not None
    assert outcome.error.code in (ErrorCode.MODEL_CRASHED, ErrorCode.MODEL_TIMEOUT)
    assert said(do("nothing")) == "done"


def test_writing_a_long_question_to_a_stopped_child_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits({Stage.START: 20.0}, 700)
    child = ChildProcess(700, lambda start: start())
    child.ask("inspect", {}, limits)
    # As if it were stopped a moment after the look: the question is more than a pipe holds.
    monkeypatch.setattr(child, "_stopped", lambda: False)
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(ChildDied) as died:
        child.ask("inspect", {"settings": "x" * 1_000_000}, Limits({Stage.START: 2.0}, 700))
    assert died.value.reason is Reason.KILLED


def test_a_closed_pool_refuses_at_once() -> None:
    pool = ChildPool(1, 700)
    pool.close()
    with pytest.raises(PoolClosed):
        pool.ask("inspect", {}, Limits({}, 700))


def test_no_child_is_started_after_the_end() -> None:
    spawner = Spawner()
    spawner.close()
    refused = threading.Event()

    def start() -> None:
        with pytest.raises(RuntimeError):
            spawner.run(lambda: subprocess.Popen(["true"]))
        refused.set()

    threading.Thread(target=start, daemon=True).start()
    assert refused.wait(20)


def test_closing_the_pool_ends_a_question_that_is_asked_without_an_answer(do: Do, here: Worker) -> None:
    """An answer would be a failure that is nobody's, and whoever reads it would not get the document's own."""
    do("nothing")
    closing = threading.Timer(0.5, here.close)
    closing.start()
    with pytest.raises(PoolClosed):
        do("hang")
    closing.join()
    assert here.children.pids() == []


def test_a_child_that_cannot_be_started_is_told_as_that(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "absent"))
    pool = ChildPool(1, 700)
    try:
        with pytest.raises(ChildDied) as died:
            pool.ask("inspect", {}, Limits({Stage.START: 5}, 700))
        assert died.value.stage is Stage.START
    finally:
        pool.close()
