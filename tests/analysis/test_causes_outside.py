"""What somebody else does to a child is no verdict on the document, and one accident is none either."""

from __future__ import annotations

import os
import signal
import threading
import time

import psutil
import pytest

from analysis.worker import Worker
from schemas.errors import ErrorCode, Fault
from schemas.result import OutcomeState
from tests.analysis.conftest import Do, said


@pytest.mark.parametrize("deed", ["kill-once", "crash-once", "hang-once", "stop-once"])
def test_what_happens_once_costs_nothing(deed: str, do: Do) -> None:
    assert said(do(deed)) == "second"


@pytest.mark.parametrize("deed", ["kill", "stop"])
def test_a_page_whose_children_are_always_ended_from_outside_may_be_sent_again(deed: str, do: Do) -> None:
    outcome = do(deed)
    assert outcome.state is OutcomeState.FAILED
    assert outcome.error is not None
    assert outcome.error.code is ErrorCode.CHILD_KILLED
    assert (outcome.error.code.meaning.fault, outcome.error.retryable) == (Fault.SYSTEM, True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_child_ended_or_stopped_between_questions_is_replaced(number: signal.Signals, do: Do, here: Worker) -> None:
    do("nothing")
    (pid,) = here.children.pids()
    os.kill(pid, number)
    assert said(do("nothing")) == "done"
    assert here.children.pids() != [pid]


def test_a_child_ended_by_an_operator_while_it_works_is_replaced(do: Do, here: Worker) -> None:
    do("nothing")
    (pid,) = here.children.pids()
    threading.Thread(target=lambda: (time.sleep(0.5), os.kill(pid, signal.SIGTERM))).start()
    assert said(do("interval", "1.5"))
    assert here.children.pids() != [pid]


def test_a_machine_that_is_busy_does_not_change_the_verdict(do: Do, here: Worker) -> None:
    # Of 2 s allowed the model works 1.2 s; one processor shared by five makes six of it.
    do("nothing")
    (pid,) = here.children.pids()
    processor = max(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {processor})
    busy = [psutil.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(4)]
    try:
        for each in busy:
            each.cpu_affinity([processor])
        began = time.monotonic()
        outcome = do("work", "1.2")
        took = time.monotonic() - began
    finally:
        for each in busy:
            each.kill()
            each.wait()
    assert said(outcome) == "done"
    assert took > 3, "the machine was not busy enough to prove anything"
    assert here.children.pids() == [pid]
