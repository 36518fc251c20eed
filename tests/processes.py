"""What tests ask of processes."""

from __future__ import annotations

import psutil


def runs(pid: int) -> bool:
    """Whether the process lives; one that ended but was not waited for yet does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
