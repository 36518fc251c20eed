"""How steadily the results of a burst come: requests of all kinds sent at once to the real job.

    python -m benchmarks.burst [--requests N] [--seed N]

A third are the sample documents, a third small pictures of a line of text, a third fail; in an order drawn by chance.
Told are the share of the whole time after which half of the results are there, and the longest time without one, also
as a share of what one page of a form takes a child.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from benchmarks.running_job import RunningJob, names, requests_for, running_job, say
from docbeam.samples import Sample, sample_folder, sample_requests
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import AnalysisResult, ResultStatus

MAY_BE_HALF_AFTER = 0.6
MAY_PAUSE_SECONDS = 3.0


def main() -> int:
    """Print the figures; 1 when results come less steadily than they must."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100, help="sent at once (default 100)")
    parser.add_argument("--seed", type=int, default=0, help="of their order (default 0)")
    arguments = parser.parse_args()
    samples = sample_requests()
    with tempfile.TemporaryDirectory(prefix="docbeam-burst-") as made:
        folder = Path(made)
        with running_job([sample_folder(), folder]) as job:
            _answered(job, requests_for([*samples, *samples], "warm"))
            requests = mixed(samples, folder, arguments.requests, arguments.seed)
            results, arrivals = _answered(job, requests)
    return _report(results, arrivals)


def mixed(samples: Sequence[Sample], folder: Path, count: int, seed: int) -> list[AnalysisRequest]:
    """So many requests: samples, lines of text, and files that are not there."""
    third = count // 3
    requests = requests_for(itertools.islice(itertools.cycle(samples), count - 2 * third), "sample")
    for number, name in enumerate(names("line", third)):
        path = folder / f"line-{number}.png"
        picture = Image.new("L", (400, 80), 255)
        ImageDraw.Draw(picture).text((20, 20), f"Line number {number}", fill=0, font_size=32)
        picture.save(path)
        requests.append(AnalysisRequest(name, DocumentReference(path.as_uri()), "receipt"))
    for name in names("missing", third):
        requests.append(AnalysisRequest(name, DocumentReference((folder / name).as_uri()), "receipt"))
    random.Random(seed).shuffle(requests)
    return requests


def _answered(job: RunningJob, requests: Sequence[AnalysisRequest]) -> tuple[list[AnalysisResult], list[float]]:
    """All results, and when each came, in seconds from when they were sent."""
    arrivals: list[float] = []
    started = time.monotonic()

    def arrived(result: AnalysisResult) -> None:
        arrivals.append(time.monotonic() - started)
        say(f"{arrivals[-1]:7.2f} s  {result.request_id} {result.status}")

    job.send(requests)
    results = job.results({request.request_id for request in requests}, arrived)
    return list(results.values()), arrivals


def _report(results: Sequence[AnalysisResult], arrivals: Sequence[float]) -> int:
    gap, at = max((later - earlier, earlier) for earlier, later in itertools.pairwise([0.0, *arrivals]))
    half = arrivals[len(arrivals) // 2 - 1] / arrivals[-1]
    pages = [
        result.timings.models_ms / 1000 / len(result.pages)
        for result in results
        if result.status is ResultStatus.COMPLETE and result.use_case == "application-form"
    ]
    form = statistics.median(pages)
    total = arrivals[-1]
    print(f"half of {len(arrivals)} results:      after {half:.2f} of {total:.1f} s  (may be {MAY_BE_HALF_AFTER})")
    print(f"longest time without:     {gap:.2f} s, after {at:.1f} s  (may be {MAY_PAUSE_SECONDS})")
    print(f"a page of a form:         {form:.2f} s of its models; the longest time without is {gap / form:.2f} of that")
    return 0 if half <= MAY_BE_HALF_AFTER and gap <= MAY_PAUSE_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
