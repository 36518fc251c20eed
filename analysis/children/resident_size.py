"""How much memory a child holds, and held at most between two looks."""

from __future__ import annotations

from pathlib import Path

import psutil

_PROC = Path("/proc")
_PEAK = "VmHWM:"
_RESTART_PEAK = "5"
"""What Linux takes for it (proc_pid_clear_refs(5))."""


class ResidentSize:
    """Of one process, in bytes.

    A look now and then finds a page that is drawn and given back between two of them on a slow machine only, and the
    same document would be complete once and partial the other time. Linux counts the peak itself; where it does not,
    looks have to do.
    """

    def __init__(self, pid: int, proc: Path = _PROC) -> None:
        self._process = psutil.Process(pid)
        self._folder = proc / str(pid)
        self._counts_from_here = False

    def now(self) -> int:
        """0: the process is gone."""
        try:
            return int(self._process.memory_info().rss)
        except psutil.Error:
            return 0

    def restart(self) -> None:
        """Count the peak from here."""
        try:
            (self._folder / "clear_refs").write_text(_RESTART_PEAK)
        except OSError:
            self._counts_from_here = False
        else:
            self._counts_from_here = True

    def peak(self) -> int:
        """Since the last restart; what it holds now, where the system counts no peak."""
        if self._counts_from_here:
            try:
                told = (self._folder / "status").read_text()
            except OSError:
                return self.now()
            for line in told.splitlines():
                if line.startswith(_PEAK):
                    return int(line.removeprefix(_PEAK).split()[0]) * 1024
        return self.now()
