"""A child is charged for what it worked or slept, not for what it waited for a processor or was held."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.children.clock import WorkClock

CHILD = 7


class Machine:
    """A folder like /proc, and a time of its own."""

    def __init__(self, proc: Path) -> None:
        self.proc = proc
        self.seconds = 1000.0
        self.state("R")
        self.thread(CHILD, CHILD)

    def __call__(self) -> float:
        return self.seconds

    def state(self, letter: str, pid: int = CHILD, name: str = "python") -> None:
        (self.proc / str(pid)).mkdir(parents=True, exist_ok=True)
        (self.proc / str(pid) / "stat").write_text(f"{pid} ({name}) {letter} 1 7 7 0 -1")

    def thread(self, pid: int, thread: int, ran: float = 0.0, waited: float = 0.0, children: str = "") -> None:
        """What a thread has run and waited so far, in seconds."""
        folder = self.proc / str(pid) / "task" / str(thread)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "schedstat").write_text(f"{round(ran * 1e9)} {round(waited * 1e9)} 12\n")
        (folder / "children").write_text(children)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def clock(machine: Machine) -> WorkClock:
    """One that has looked once, so that there is something to compare with."""
    made = WorkClock(CHILD, machine, machine.proc)
    made.look()
    return made


def told(clock: WorkClock) -> tuple[float, float, float]:
    return round(clock.wall, 3), round(clock.worked, 3), round(clock.stopped, 3)


def test_waiting_for_a_processor_is_not_work(machine: Machine, clock: WorkClock) -> None:
    machine.seconds += 10
    machine.thread(CHILD, CHILD, ran=3, waited=6)
    clock.look()
    assert told(clock) == (10, 4, 0), "it ran for 3 seconds and slept for one"
    machine.seconds += 10
    machine.thread(CHILD, CHILD, ran=3, waited=16)
    clock.look()
    assert told(clock) == (20, 4, 0)


def test_sleep_is_work(machine: Machine, clock: WorkClock) -> None:
    machine.seconds += 10
    clock.look()
    assert told(clock) == (10, 10, 0)


def test_threads_side_by_side_count_once(machine: Machine, clock: WorkClock) -> None:
    machine.seconds += 10
    machine.thread(CHILD, CHILD, ran=9, waited=1)
    machine.thread(CHILD, 8, ran=9, waited=1)
    clock.look()
    assert told(clock) == (10, 10, 0)


def test_what_ran_counts_however_many_others_waited_meanwhile(machine: Machine, clock: WorkClock) -> None:
    machine.seconds += 10
    machine.thread(CHILD, CHILD, ran=5, waited=5)
    for thread in (8, 9, 10):
        machine.thread(CHILD, thread, ran=0.5, waited=9)
    clock.look()
    assert told(clock) == (10, 6.5, 0)


def test_descendants_count_and_are_remembered(machine: Machine, clock: WorkClock) -> None:
    machine.thread(CHILD, CHILD, waited=10, children="20 21 ")
    machine.thread(20, 20, ran=2)
    machine.thread(21, 21, children="30")
    machine.thread(30, 30, ran=1, waited=1)
    machine.seconds += 10
    clock.look()
    assert told(clock) == (10, 3, 0)
    assert clock.seen == {20, 21, 30}
    machine.thread(CHILD, CHILD, waited=10)
    clock.restart()
    clock.look()
    assert clock.seen == {20, 21, 30}, "what lost its parent is still to be ended"


def test_a_stopped_child_is_counted_as_that_and_goes_on_from_where_it_was(machine: Machine, clock: WorkClock) -> None:
    for letter in ("T", "t"):
        machine.state(letter, name="odd) R name")
        machine.seconds += 10
        clock.look()
    assert told(clock) == (20, 0, 20)
    machine.state("S")
    machine.seconds += 1
    machine.thread(CHILD, CHILD, waited=50)
    clock.look()
    assert told(clock) == (21, 1, 20), "what it waited while it was stopped is not taken off what it does afterwards"


def test_counting_begins_again_when_it_is_told(machine: Machine, clock: WorkClock) -> None:
    machine.seconds += 10
    machine.thread(CHILD, CHILD, ran=4, waited=4)
    clock.look()
    machine.seconds += 5
    clock.restart()
    assert told(clock) == (0, 0, 0)
    machine.seconds += 2
    clock.look()
    assert told(clock) == (2, 2, 0)


@pytest.mark.parametrize("text", ["", "no numbers at all", "1 2"])
def test_a_system_that_does_not_tell_counts_everything(text: str, machine: Machine, clock: WorkClock) -> None:
    (machine.proc / str(CHILD) / "task" / str(CHILD) / "schedstat").write_text(text)
    for _ in range(2):
        machine.seconds += 10
        clock.look()
    assert told(clock) == (20, 20, 0)


def test_a_thread_that_does_not_tell_hides_no_other(machine: Machine, clock: WorkClock) -> None:
    machine.seconds += 10
    for thread in range(1, 5):
        machine.thread(CHILD, thread, ran=0, waited=2)
    for thread in (1, 3):
        (machine.proc / str(CHILD) / "task" / str(thread) / "schedstat").unlink()
        (machine.proc / str(CHILD) / "task" / str(thread) / "children").unlink()
    clock.look()
    assert told(clock) == (10, 6, 0)


def test_a_process_that_is_gone_counts_time_and_raises_nothing(tmp_path: Path) -> None:
    seconds = iter([0.0, 1.0, 3.0])
    clock = WorkClock(CHILD, lambda: next(seconds), tmp_path / "nothing")
    clock.look()
    clock.look()
    assert told(clock) == (3, 3, 0)
