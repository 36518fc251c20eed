"""The job on a real Flink cluster: two workers against one, CPU per page against a plain loop, a lone request.

    python -m benchmarks.flink_job [--bundle RECORDS]

Throughput is that of documents whose model sleeps for 2.5 s, a child and two slots a worker, so that it shows what the
job's limits allow and not how many cores this machine has; it is counted while more requests wait than may be in work.
CPU, of receipts, is what the operating system charges to all processes of the cluster (job manager, task managers,
ZooKeeper, worker pool, workers, children) between the first request and the last result, every model loaded before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.job_overhead import complete_samples, plain_loop_alone
from docbeam.samples import Sample
from runners import options
from tests.installing_plugins import install_plugins
from tests.pipelines.small_documents import draw_documents
from tests.runners.flink_cluster import Cluster, cluster

SLEEP_SECONDS = 2.5
CHEAP = 80
ROUNDS = 5
"""Of the receipts."""
MAY_COST = 1.25
MUST_SCALE = 1.85
MAY_WAIT_SECONDS = 1.5


def main() -> int:
    """Print the figures; 1 when one of them is not what it has to be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=int, default=options.BUNDLE_RECORDS, help="records of a bundle")
    options.BUNDLE_RECORDS = parser.parse_args().bundle
    samples = complete_samples("receipt") * ROUNDS
    with tempfile.TemporaryDirectory(prefix="docbeam-flink-job-") as path, pytest.MonkeyPatch.context() as patch:
        folder = Path(path)
        draw_documents(folder)
        install_plugins(folder / "plugins")
        patch.setenv("PYTHONPATH", str(folder / "plugins"))
        patch.syspath_prepend(str(folder / "plugins"))
        with cluster(folder) as flink:
            flink.start()
            one = _throughput(flink, "one", folder / "one.png")
            flink.tell_checkpoints()
            flink.add_task_manager()
            flink.start(flink.savepoint(), parallelism=4)
            two = _throughput(flink, "two", folder / "one.png")
            flink.tell_checkpoints()
            cpu, pages = _cpu(flink, samples)
            flink.tell_checkpoints()
            lone = _lone(flink, samples[0])
    loop = plain_loop_alone(ROUNDS, "receipt")
    print(f"one worker, cheap documents a second:  {one:.3f}  (its child could do {1 / SLEEP_SECONDS})")
    print(f"two workers, the same:                 {two:.3f}  ({two / one:.2f} times; must be {MUST_SCALE})")
    print(f"CPU s a page on Flink:                 {cpu / pages:.3f}  ({pages} pages)")
    print(f"CPU s a page in a plain loop:          {loop / pages:.3f}  (ratio {cpu / loop:.3f}; may be {MAY_COST})")
    print(f"a lone request beyond its models:      {lone:.2f} s  (may be {MAY_WAIT_SECONDS})")
    return 0 if two / one >= MUST_SCALE and cpu / loop <= MAY_COST and lone <= MAY_WAIT_SECONDS else 1


def _throughput(flink: Cluster, name: str, document: Path) -> float:
    """Documents a second between the tenth result and the last before which no more than may be in work waited."""
    flink.send(f"{name}-warm", 4, [document], "misbehaving", {"fault": "slow"})
    flink.answered("warm")
    flink.send(name, CHEAP, [document], "misbehaving", {"fault": "slow"})
    flink.answered(f"{CHEAP} cheap documents")
    waiting = flink.settings.kafka.partitions * flink.settings.source.max_in_flight
    arrived = sorted(flink.arrived[f"{name}-{number}"] for number in range(CHEAP))[9:-waiting]
    return (len(arrived) - 1) / (arrived[-1] - arrived[0])


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
    """Median of three: seconds from the request's record to the result's, less those its models took."""
    beyond = []
    for number in range(3):
        time.sleep(10)
        _send(flink, f"lone-{number}", [sample])
        name = f"lone-{number}-0"
        timings = flink.results[name].timings
        beyond.append(flink.arrived[name] - timings.received_at.timestamp() - timings.models_ms / 1000)
    return sorted(beyond)[1]


if __name__ == "__main__":
    sys.exit(main())
