"""How many processors this process may use, which in a container are fewer than the machine has."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path


def usable_cpus(proc: Path = Path("/proc/self"), cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """The least of: processors the process may run on, and its control groups' quotas (cgroup v1 and v2), rounded up.

    A quota of any group above the process's own counts too (Documentation/admin-guide/cgroup-v2.rst, "cpu.max").
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [math.ceil(quota) for quota in _quotas(proc, cgroups)]
    return max(1, min([allowed, *quotas]))


def _quotas(proc: Path, cgroups: Path) -> Iterator[float]:
    """Processors' worth of time that each group grants."""
    try:
        lines = (proc / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, _, group = line.partition(":")
        controllers, found, path = group.partition(":")
        if not found:
            continue
        if not controllers:
            for folder in _upwards(cgroups, path):
                yield from _quota(_words(folder / "cpu.max"))
        elif "cpu" in controllers.split(","):
            for mount in (controllers, "cpu"):
                for folder in _upwards(cgroups / mount, path):
                    yield from _quota(_words(folder / "cpu.cfs_quota_us") + _words(folder / "cpu.cfs_period_us"))


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """The group's folder and those above; in a container the path may be the host's, but the mount is its own."""
    folder = mount / path.lstrip("/")
    while folder != mount and mount in folder.parents:
        yield folder
        folder = folder.parent
    yield mount


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _quota(words: list[str]) -> Iterator[float]:
    try:
        quota, period = (float(word) for word in words)
    except ValueError:  # Nothing there, or `max`.
        return
    if quota > 0 and period > 0:
        yield quota / period
