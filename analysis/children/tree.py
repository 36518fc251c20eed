"""Processes that children of ours start, ended together with them.

A process may leave its group (setsid) or lose its parent (a double fork). Both stay below the nearest ancestor that
has asked for orphans (PR_SET_CHILD_SUBREAPER, Linux), so each child asks, and so do the worker and the supervisor.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Collection

import psutil

MARK = "DOCBEAM_CHILD"
"""In the environment of a child and of all that it starts: which child of which worker it is."""
_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 100
_ROUND_SECONDS = 0.05


def adopt_orphans() -> None:
    """From now on descendants of this process whose parent ends become its own children."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_tree(pid: int) -> None:
    """Kill a child of this process, which adopts its orphans, and everything below it. Reap the child yourself."""
    with contextlib.suppress(OSError):
        # It could start another one between the look and the kill.
        os.kill(pid, signal.SIGSTOP)
    try:
        root = psutil.Process(pid)
        _until_none(lambda: root.children(recursive=True))
    except psutil.Error:
        pass
    for kill, number in ((os.killpg, pid), (os.kill, pid)):
        with contextlib.suppress(OSError):
            kill(number, signal.SIGKILL)


def end_orphans(pid: int, mark: str, seen: Collection[int] = ()) -> None:
    """End what the dead child `pid` left to this process; known by group, session, environment or `seen`."""

    def left_behind() -> list[psutil.Process]:
        found = []
        for process in psutil.Process().children():
            if process.pid != pid and (process.pid in seen or _came_from(process, pid, mark)):
                found += [process, *process.children(recursive=True)]
        return found

    with contextlib.suppress(psutil.Error):
        _until_none(left_behind, reap=True)


def end_descendants(except_for: Collection[int] = ()) -> None:
    """End everything below this process but what `except_for` names."""
    with contextlib.suppress(psutil.Error):
        _until_none(
            lambda: [each for each in psutil.Process().children(recursive=True) if each.pid not in except_for],
            reap=True,
        )


def descendants() -> set[int]:
    """What is below this process now."""
    return {process.pid for process in psutil.Process().children(recursive=True)}


def _came_from(process: psutil.Process, pid: int, mark: str) -> bool:
    try:
        if os.getpgid(process.pid) == pid or os.getsid(process.pid) == pid:
            return True
        return process.environ().get(MARK) == mark
    except (OSError, psutil.Error):
        return False


def _until_none(look: Callable[[], list[psutil.Process]], *, reap: bool = False) -> None:
    """Kill what `look` finds until it finds nothing that lives: the dead may have left children of their own."""
    for _ in range(_ROUNDS):
        found = look()
        lives = False
        for process in found:
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    lives = True
                    process.kill()
            if reap:
                with contextlib.suppress(OSError):
                    os.waitpid(process.pid, os.WNOHANG)
        if not lives:
            return
        time.sleep(_ROUND_SECONDS if not reap else _ROUND_SECONDS / 5)
