"""How long a child has worked, whatever else the machine is busy with."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class _Usage:
    """Of one thread, in seconds since it began (Documentation/scheduler/sched-stats.rst)."""

    ran: float
    waited: float
    """For a processor, while it could have run."""


class WorkClock:
    """Counts a process and its descendants: the time they ran or slept, but not the time they only waited for a CPU.

    Wall clock would make a verdict depend on the load of the machine, and CPU time alone would never end a process
    that sleeps. Linux tells the waiting time of each thread (`schedstat`); where it does not, everything counts.
    Threads that work side by side count once.
    """

    def __init__(self, pid: int, now: Callable[[], float] = time.monotonic, proc: Path = _PROC) -> None:
        self._pid = pid
        self._now = now
        self._proc = proc
        self.seen: set[int] = set()
        """Descendants that a look has met."""
        self.restart()

    def restart(self) -> None:
        """Count from here."""
        self._looked = self._now()
        self._before: dict[str, _Usage] | None = None
        self.wall = self.worked = self.stopped = 0.0

    def look(self) -> None:
        """Add what has happened since the last look."""
        now = self._now()
        wall, self._looked = now - self._looked, now
        self.wall += wall
        if self._state() in ("T", "t"):
            self.stopped += wall
            self._before = None
            return
        before, self._before = self._before, self._usage()
        # The first look after a start has nothing to compare with, and is a moment later.
        self.worked += wall if before is None else _worked(wall, before, self._before)

    def _state(self) -> str:
        try:
            # The program's name stands in brackets and may hold anything.
            return (self._proc / str(self._pid) / "stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return ""

    def _usage(self) -> dict[str, _Usage]:
        usage = {}
        for task in self._tasks(str(self._pid)):
            try:
                ran, waited, _ = (task / "schedstat").read_text().split()
            except (OSError, ValueError):
                continue
            usage[task.name] = _Usage(int(ran) / _NANOSECONDS, int(waited) / _NANOSECONDS)
        return usage

    def _tasks(self, pid: str) -> Iterator[Path]:
        """The threads of the process and of its descendants."""
        waiting = [pid]
        while waiting:
            folder = self._proc / waiting.pop() / "task"
            try:
                threads = os.listdir(folder)
            except OSError:
                continue
            for thread in threads:
                yield folder / thread
                try:
                    children = (folder / thread / "children").read_text().split()
                except OSError:
                    continue
                waiting += children
                self.seen.update(map(int, children))


def _worked(wall: float, before: dict[str, _Usage], after: dict[str, _Usage]) -> float:
    fresh = _Usage(0.0, 0.0)
    ran = waited = 0.0
    for thread, usage in after.items():
        then = before.get(thread, fresh)
        ran += max(0.0, usage.ran - then.ran)
        waited += max(0.0, usage.waited - then.waited)
    # Several threads may wait at once while another runs: what ran counts in any case.
    return max(min(ran, wall), wall - waited, 0.0)
