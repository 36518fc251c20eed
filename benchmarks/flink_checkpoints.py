"""Checkpoints of a job on Flink that idles, or works on a backlog, for long: how long they take, how large they get.

    python -m benchmarks.flink_checkpoints [--minutes N] [--backlog]

The backlog is of documents whose model sleeps for 2.5 s. A line for each twelfth of the time tells of the checkpoints
completed in it, and what the task manager holds and has worked meanwhile. The last twelfth is compared with the second.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from benchmarks.flink_job import SLEEP_SECONDS, documents_and_plugins
from benchmarks.job_overhead import cpu_of_tree
from config.settings import RunnerSettings
from tests.runners.flink_cluster import Cluster, cluster, say

SPANS = 12
MAY_GROW = 1.25
_LOOK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Span:
    """Of the checkpoints of one twelfth of the time."""

    completed: int
    failed: int
    median_ms: float
    largest_mb: float
    resident_mb: float
    cpu_share: float
    """Of the task manager, in cores."""

    def __str__(self) -> str:
        return (
            f"{self.completed} completed, {self.failed} failed, median {self.median_ms:.0f} ms, at most "
            f"{self.largest_mb:.2f} MB; task manager {self.resident_mb:.0f} MB, {self.cpu_share:.3f} cores"
        )


def main() -> int:
    """Print a line for each twelfth; 1 if the last is worse than the second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--backlog", action="store_true", help="more requests wait than are done in that time")
    arguments = parser.parse_args()
    with documents_and_plugins() as folder:
        every = RunnerSettings().checkpoint_seconds
        with cluster(folder, {"DOCBEAM_RUNNER__CHECKPOINT_SECONDS": str(every)}) as flink:
            flink.start()
            flink.send("warm", 4, [folder / "one.png"], "misbehaving", {"fault": "slow"})
            flink.answered("warm")
            if arguments.backlog:
                count = int(arguments.minutes * 60 / SLEEP_SECONDS * 1.5) + 40
                flink.send("backlog", count, [folder / "one.png"], "misbehaving", {"fault": "slow"})
            spans = [_span(flink, arguments.minutes * 60 / SPANS, number) for number in range(SPANS)]
    return _judge(spans)


def _span(flink: Cluster, seconds: float, number: int) -> Span:
    process = flink.task_manager()
    worked, began = cpu_of_tree(process.pid), time.monotonic()
    before = flink.checkpoints()["counts"]
    newest = before["completed"] + before["failed"]
    seen: dict[int, tuple[float, float]] = {}
    while (left := began + seconds - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_SECONDS))
        for each in flink.checkpoints()["history"]:
            if each["status"] == "COMPLETED" and each["id"] > newest:
                seen[each["id"]] = (each["end_to_end_duration"], each["checkpointed_size"] / 1e6)
    counts = flink.checkpoints()["counts"]
    span = Span(
        counts["completed"] - before["completed"],
        counts["failed"] - before["failed"],
        statistics.median(took for took, _ in seen.values()) if seen else 0.0,
        max((size for _, size in seen.values()), default=0.0),
        _resident_mb(process),
        (cpu_of_tree(process.pid) - worked) / (time.monotonic() - began),
    )
    say(f"{number + 1:2} of {SPANS}: {span}")
    return span


def _resident_mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def _judge(spans: Sequence[Span]) -> int:
    early, late = spans[1], spans[-1]
    grown = {
        "duration": late.median_ms / max(early.median_ms, 1.0),
        "size": late.largest_mb / max(early.largest_mb, 0.01),
        "processor time": late.cpu_share / max(early.cpu_share, 0.001),
    }
    for name, ratio in grown.items():
        print(f"{name}: {ratio:.2f} times from the second twelfth to the last (may be {MAY_GROW})")
    return 0 if grown["duration"] <= MAY_GROW and grown["size"] <= MAY_GROW else 1


if __name__ == "__main__":
    sys.exit(main())
