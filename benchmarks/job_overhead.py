"""CPU per page of the streaming job against a plain loop over the same models; latency of a lone request.

    python -m benchmarks.job_overhead [--rounds N]

The job is the real one: broker, registry, Prism, BigQuery emulator. CPU is what the operating system charges to
the job's processes (supervisor, job, Prism, children) between the first request and the last result, after a
warm-up that loads every model in every child. The loop is one process that rasterises the same pages, straightens
them and calls the same models one after another, after its own warm-up.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import psutil

from analysis.children.environment import child_environment
from benchmarks.running_job import RunningJob, requests_for, running_job, say
from docbeam.samples import Sample, sample_folder, sample_requests
from schemas.result import AnalysisResult, ResultStatus

MAY_COST = 1.15
MAY_WAIT_SECONDS = 2.0


def main() -> int:
    """Print both figures and the ratio; 1 when the job costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2, help="times the samples are sent (default 2)")
    parser.add_argument("--use-case", help="only samples of this one")
    parser.add_argument("--plain-loop", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    samples = complete_samples(arguments.use_case)
    if arguments.plain_loop:
        print(plain_loop_cpu(samples, arguments.rounds))
        return 0
    job_cpu, pages, latency = job_cpu_seconds(samples, arguments.rounds)
    print(f"streaming job, CPU s a page: {job_cpu / pages:.3f}  ({pages} pages)", flush=True)
    loop_cpu = plain_loop_alone(arguments.rounds, arguments.use_case)
    ratio = job_cpu / loop_cpu
    print(f"plain loop, CPU s a page:    {loop_cpu / pages:.3f}")
    print(f"ratio job / loop:            {ratio:.3f}  (may be {MAY_COST})")
    alone = loop_cpu / pages
    print(
        f"lone request:                {latency:.2f} s from send to result; the loop takes {alone:.2f} s for a page, "
        f"on one core  (may be {MAY_WAIT_SECONDS} s more)"
    )
    return 0 if ratio <= MAY_COST and latency - alone <= MAY_WAIT_SECONDS else 1


def plain_loop_cpu(samples: Sequence[Sample], rounds: int) -> float:
    """CPU seconds of a loop over the steps of each sample's use case, models loaded before the clock starts."""
    from analysis.plain_loop import analyse_plainly

    analyse_plainly([(sample.path, sample.use_case) for sample in samples[:1]])
    started = time.process_time()
    for _ in range(rounds):
        analyse_plainly([(sample.path, sample.use_case) for sample in samples])
    return time.process_time() - started


def complete_samples(use_case: str | None) -> list[Sample]:
    """Those that end complete, of one use case or all."""
    complete = [sample for sample in sample_requests() if sample.expected_status is ResultStatus.COMPLETE]
    return [sample for sample in complete if use_case in (None, sample.use_case)]


def plain_loop_alone(rounds: int, use_case: str | None) -> float:
    """`plain_loop_cpu` of the complete samples in a process of its own, with the environment that children have."""
    command = [sys.executable, "-m", "benchmarks.job_overhead", "--plain-loop", "--rounds", str(rounds)]
    command += ["--use-case", use_case] if use_case else []
    return float(
        subprocess.run(
            command, env=child_environment(os.environ, {}), check=True, capture_output=True, text=True
        ).stdout
    )


def job_cpu_seconds(samples: Sequence[Sample], rounds: int) -> tuple[float, int, float]:
    """CPU seconds and pages of all rounds; latency of a lone request."""
    with running_job([sample_folder()]) as job:
        _send_and_wait(job, "warm", [*samples, *samples])
        before = cpu_of_tree(job.pid)
        results = _send_and_wait(job, "bench", list(samples) * rounds)
        cpu = cpu_of_tree(job.pid) - before
        pages = sum(len(result.pages) for result in results.values())
        latency = _lone_request(job, samples[0])
    return cpu, pages, latency


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process and its descendants, those that have ended and were waited for included."""
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _lone_request(job: RunningJob, sample: Sample) -> float:
    """Median of three. What its models took says less: several children share a page."""
    waits = []
    for number in range(3):
        started = time.monotonic()
        _send_and_wait(job, f"lone-{number}", [sample])
        waits.append(time.monotonic() - started)
        time.sleep(3)
    return sorted(waits)[1]


def _send_and_wait(job: RunningJob, prefix: str, samples: Sequence[Sample]) -> Mapping[str, AnalysisResult]:
    requests = requests_for(samples, prefix)
    job.send(requests)
    ids = {request.request_id for request in requests}
    return job.results(ids, lambda result: say(f"{result.request_id} {result.status}"))


if __name__ == "__main__":
    raise SystemExit(main())
