"""The job on a real Flink cluster: two workers against one, CPU per page against a plain loop, a lone request.

    python -m benchmarks.flink_job [--bundle RECORDS]

Throughput is that of documents whose model sleeps for 2.5 s, two children and two slots a worker, so that it shows
what the job's limits allow and not how many cores this machine has; it is counted while more requests wait than may be
in work. So are the checkpoints, which are asked for every 5 s.
CPU, of receipts, is what the operating system charges to all processes of the cluster (job manager, task manager,
ZooKeeper, worker pool, worker, children) between the first request and the last result, every model loaded before:
one worker with two children and two slots, checkpoints as often as by default.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.job_overhead import complete_samples, plain_loop_alone
from config.settings import RunnerSettings
from docbeam.samples import Sample
from runners import options
from tests.installing_plugins import install_plugins
from tests.pipelines.small_documents import draw_documents
from tests.runners.flink_cluster import Cluster, cluster, say

SLEEP_SECONDS = 2.5
CHEAP = 120
SLOTS = 2
"""Of a worker: as many as children, as docs/capacity.md has it for so few."""
CHILDREN = {"DOCBEAM_ANALYSIS__CHILDREN": str(SLOTS)}
ROUNDS = 20
"""Of the receipts."""
MAY_COST = 1.25
MUST_SCALE = 1.85
MAY_WAIT_SECONDS = 1.5
MAY_HOLD_UP = 2.0
"""95 % of the checkpoints may take so many times as long as the longest document."""


def main() -> int:
    """Print the figures; 1 when one of them is not what it has to be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=int, default=options.BUNDLE_RECORDS, help="records of a bundle")
    parser.add_argument("--only", choices=("scale", "cost"), help="two workers against one, or CPU and a lone request")
    arguments = parser.parse_args()
    options.BUNDLE_RECORDS = arguments.bundle
    with documents_and_plugins() as folder:
        parts = {"scale": _scale, "cost": _cost}
        good = [part(folder) for name, part in parts.items() if arguments.only in (None, name)]
    return 0 if all(good) else 1


@contextmanager
def documents_and_plugins() -> Iterator[Path]:
    """A folder of small documents, and plug-ins that keep their models busy, which every process finds meanwhile."""
    with tempfile.TemporaryDirectory(prefix="docbeam-flink-job-") as path, pytest.MonkeyPatch.context() as patch:
        folder = Path(path)
        draw_documents(folder)
        install_plugins(folder / "plugins")
        patch.setenv("PYTHONPATH", str(folder / "plugins"))
        patch.syspath_prepend(str(folder / "plugins"))
        yield folder


def _scale(folder: Path) -> bool:
    with cluster(folder, CHILDREN) as flink:
        flink.start(parallelism=SLOTS)
        one = _busy(flink, "one", folder / "one.png")
        say(f"one worker, cheap documents a second: {one.rate:.3f}  (its children could do {SLOTS / SLEEP_SECONDS})")
        flink.add_task_manager()
        flink.start(flink.savepoint(), parallelism=2 * SLOTS)
        two = _busy(flink, "two", folder / "one.png")
        times = two.rate / one.rate
        say(f"two workers, the same: {two.rate:.3f}  ({times:.2f} times; must be {MUST_SCALE})")
    return times >= MUST_SCALE and max(one.held_up, two.held_up) <= MAY_HOLD_UP


def _cost(folder: Path) -> bool:
    samples = complete_samples("receipt") * ROUNDS
    more = {"DOCBEAM_RUNNER__CHECKPOINT_SECONDS": str(RunnerSettings().checkpoint_seconds)}
    with cluster(folder, CHILDREN | more) as flink:
        flink.start(parallelism=SLOTS)
        lone = _lone(flink, samples[0])
        say(f"a lone request beyond its models: {lone:.2f} s  (may be {MAY_WAIT_SECONDS})")
        cpu, pages = _cpu(flink, samples)
        say(f"CPU s a page on Flink: {cpu / pages:.3f}  ({pages} pages)")
        flink.tell_checkpoints()
    loop = plain_loop_alone(ROUNDS, "receipt")
    say(f"CPU s a page in a plain loop: {loop / pages:.3f}  (ratio {cpu / loop:.3f}; may be {MAY_COST})")
    return lone <= MAY_WAIT_SECONDS and cpu / loop <= MAY_COST


@dataclass(frozen=True, slots=True)
class Busy:
    """A job while more requests wait than may be in work."""

    rate: float
    """Documents a second."""
    held_up: float
    """What 95 % of the checkpoints took at most, in times of the longest document's models."""


def _busy(flink: Cluster, name: str, document: Path) -> Busy:
    """Between the tenth result and the last before which no more than may be in work waited."""
    flink.send(f"{name}-warm", 4, [document], "misbehaving", {"fault": "slow"})
    flink.answered("warm")
    flink.send(name, CHEAP, [document], "misbehaving", {"fault": "slow"})
    flink.answered(f"{CHEAP} cheap documents")
    waiting = flink.settings.kafka.partitions * flink.settings.source.max_in_flight
    names = [f"{name}-{number}" for number in range(CHEAP)]
    arrived = sorted(flink.arrived[each] for each in names)[9:-waiting]
    longest = max(flink.results[each].timings.models_ms for each in names) / 1000
    checkpoints = sorted(flink.checkpoints_between(arrived[0], arrived[-1]))
    slow = checkpoints[math.ceil(0.95 * len(checkpoints)) - 1]
    say(
        f"{len(checkpoints)} checkpoints: median {statistics.median(checkpoints):.1f} s, 95 % {slow:.1f} s, "
        f"{slow / longest:.2f} times the longest document  (may be {MAY_HOLD_UP})"
    )
    return Busy((len(arrived) - 1) / (arrived[-1] - arrived[0]), slow / longest)


def _cpu(flink: Cluster, samples: Sequence[Sample]) -> tuple[float, int]:
    """CPU seconds and pages of the samples."""
    _send(flink, "warm-all", samples)
    before = flink.cpu_seconds()
    _send(flink, "measured", samples)
    cpu = flink.cpu_seconds() - before
    return cpu, sum(len(flink.results[f"measured-{number}-0"].pages) for number in range(len(samples)))


def _send(flink: Cluster, name: str, samples: Sequence[Sample]) -> None:
    for number, sample in enumerate(samples):
        flink.send(f"{name}-{number}", 1, [sample.path], sample.use_case)
    flink.answered(name)


def _lone(flink: Cluster, sample: Sample) -> float:
    """Median of three, models loaded before: seconds from request record to result record, less those of its models."""
    _send(flink, "warm-lone", [sample] * 4)
    beyond = []
    for number in range(3):
        time.sleep(10)
        name = f"lone-{number}"
        flink.send(name, 1, [sample.path], sample.use_case)
        flink.answered(name)
        name = f"{name}-0"
        timings = flink.results[name].timings
        beyond.append(flink.arrived[name] - timings.received_at.timestamp() - timings.models_ms / 1000)
    return sorted(beyond)[1]


if __name__ == "__main__":
    sys.exit(main())
