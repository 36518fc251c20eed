"""What tests ask of processes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


def runs(pid: int) -> bool:
    """Whether the process lives; one that ended but was not waited for yet does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def killing_who_works_on(folder: Path, *told: str) -> Iterator[list[int]]:
    """Meanwhile, kill each worker process that has an entry with one of these texts in the journals of `folder`.

    For work that ends its process: a child may not, where the kernel can forbid it. Gives the pids it killed.
    """
    killed: list[int] = []
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(0.02):
            # What the worker ends meanwhile goes away under the walk as well as under the reading.
            with suppress(OSError):
                for path in folder.glob("*/at-work/[0-9]*/[0-9]*"):
                    text, pid = path.read_text(encoding="utf-8"), int(path.parent.name.split("-")[0])
                    if any(each in text for each in told) and pid not in killed and runs(pid):
                        killed.append(pid)
                        os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        ending.set()
        thread.join()


def peak_mb() -> int:
    """Most memory this process ever had; `ru_maxrss` would count what its parent had when it started it (Linux)."""
    with open("/proc/self/status", encoding="utf-8") as told:
        (line,) = (line for line in told if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024
