"""How many workers, partitions and places a number of documents a day takes: a model, and a simulation to hold it to.

    python -m benchmarks.capacity [--write]

Prints the sizes for 10^3 to 10^7 documents a day on Flink and on Dataflow, beside what the simulation says of them.
`--write` puts the table into docs/capacity.md and draws docs/pictures/capacity.svg. The terms are those of
docs/capacity.md, which says where each number is from.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from config.settings import KafkaSettings, RunnerSettings, SourceSettings

DOCS = Path(__file__).resolve().parents[1] / "docs"
DAY = 86_400
PEAK = 3.0
"""The busiest hour against the mean of the day."""
LOAD = 0.7
"""Of the children's time in that hour; above it waiting grows without need."""
CHILDREN = 4
"""Of a worker: a machine, or a task manager's pod, of four cores."""
BEYOND_SECONDS = 1.5
"""A document is in the job longer than in its models: polled, fetched, published, inserted, committed."""
TURN_SECONDS = 0.3
"""Between two documents of one slot no child works for it: a bundle ends, the next begins, a document is fetched."""
KINDS = {"a page read whole": 8.3, "a receipt": 2.2, "a known form": 1.9}
"""Seconds of one core for a document of one page, with what the job adds."""
SIMULATED = 20_000
"""Documents of one simulation."""
BEGIN, END = "<!-- table -->", "<!-- end -->"
VOLUMES = tuple(10**power for power in range(3, 8))


@dataclass(frozen=True, slots=True)
class Size:
    """A job's limits."""

    workers: int
    partitions: int
    children: int = CHILDREN
    """Of each worker."""
    at_once: int = CHILDREN + 1
    """Documents a worker may have in work: its slots on Flink, bundles on Dataflow."""
    in_flight: int = SourceSettings().max_in_flight
    """Unfinished requests of a partition."""

    def most(self, seconds: float, beyond: float = BEYOND_SECONDS) -> float:
        """Documents a second that it can do, each `seconds` of a child."""
        worked_on = self.workers * min(self.children / seconds, self.at_once / (seconds + TURN_SECONDS))
        let_in = self.partitions * self.in_flight / (seconds + beyond)
        return min(worked_on, let_in)


def size_for(documents_a_day: float, seconds: float) -> Size:
    """The least that does the busiest hour with `LOAD`."""
    rate = documents_a_day / DAY * PEAK
    workers = math.ceil(rate * seconds / LOAD / CHILDREN)
    # Half of the places in use on the mean: arrivals come in clusters, and a place is taken by what waits, too.
    partitions = math.ceil(2 * rate * (seconds + BEYOND_SECONDS) / SourceSettings().max_in_flight)
    return Size(workers, max(KafkaSettings().partitions, partitions))


def simulate(size: Size, seconds: float, rate: float, documents: int, seed: int = 1) -> list[tuple[float, float]]:
    """When each document arrives, at random `rate` times a second, and when its result does.

    A document waits for a place of its partition, then for a child of the worker that its key falls to, and is worked
    on for an exponential time of mean `seconds`, as short and long documents mix.
    """
    chance = random.Random(seed)
    events: list[tuple[float, int, Callable[[], None]]] = []
    outside: list[deque[float]] = [deque() for _ in range(size.partitions)]
    places = [size.in_flight] * size.partitions
    inside: list[deque[tuple[float, int]]] = [deque() for _ in range(size.workers)]
    children = [size.children] * size.workers
    slots = [size.at_once] * size.workers
    answered: list[tuple[float, float]] = []
    now = 0.0

    def later(after: float, what: Callable[[], None]) -> None:
        heapq.heappush(events, (now + after, next(order), what))

    def arrive(partition: int) -> None:
        outside[partition].append(now)
        let_in(partition)

    def let_in(partition: int) -> None:
        while places[partition] and outside[partition]:
            places[partition] -= 1
            worker = chance.randrange(size.workers)
            inside[worker].append((outside[partition].popleft(), partition))
            begin(worker)

    def begin(worker: int) -> None:
        while children[worker] and slots[worker] and inside[worker]:
            children[worker] -= 1
            slots[worker] -= 1
            later(chance.expovariate(1 / seconds), partial(work, worker, *inside[worker].popleft()))

    def work(worker: int, arrived: float, partition: int) -> None:
        children[worker] += 1
        later(TURN_SECONDS, partial(turn, worker))
        later(BEYOND_SECONDS, partial(answer, arrived, partition))
        begin(worker)

    def turn(worker: int) -> None:
        slots[worker] += 1
        begin(worker)

    def answer(arrived: float, partition: int) -> None:
        answered.append((arrived, now))
        places[partition] += 1
        let_in(partition)

    order = count()
    at = 0.0
    for _ in range(documents):
        at += chance.expovariate(rate)
        later(at, partial(arrive, chance.randrange(size.partitions)))
    while events:
        now, _, happens = heapq.heappop(events)
        happens()
    return answered


def table() -> str:
    """Sizes of every kind and volume, as Markdown."""
    lines = [
        "| documents a day | of | in the busiest hour | workers of 4 cores | partitions | Flink: parallelism | "
        "simulated: seconds to a result, median and 95 % |",
        "|---|---|---|---|---|---|---|",
    ]
    for documents in VOLUMES:
        for kind, seconds in KINDS.items():
            size, rate = size_for(documents, seconds), documents / DAY * PEAK
            answered = simulate(size, seconds, rate, SIMULATED)
            took = sorted(end - begin for begin, end in answered)
            lines.append(
                f"| {documents:,} | {kind} | {rate:.2f}/s | {size.workers} | {size.partitions} | "
                f"{size.workers * size.at_once} | {took[len(took) // 2]:.1f}, {took[len(took) * 95 // 100]:.1f} |"
            )
    return "\n".join(lines)


def main() -> int:
    """Print the table, or write it and the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/capacity.md and docs/pictures/capacity.svg")
    if not parser.parse_args().write:
        print(table())
        return 0
    page = DOCS / "capacity.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    (DOCS / "pictures" / "capacity.svg").write_text(picture(), encoding="utf-8")
    return 0


def picture() -> str:
    """Workers against documents a day, both logarithmic, as SVG."""
    colours = ("#1b5e9b", "#b3541e", "#3c7d3c")
    body = []
    for power in range(3, 8):
        x = _across(10**power)
        body.append(f'<path d="M{x:.0f} 30V330" stroke="#ddd"/><text x="{x:.0f}" y="350">{10**power:,}</text>')
    for power in range(4):
        y = _down(10**power)
        body.append(f'<path d="M80 {y:.0f}H560" stroke="#ddd"/><text x="60" y="{y + 4:.0f}">{10**power:,}</text>')
    for number, ((kind, seconds), colour) in enumerate(zip(KINDS.items(), colours, strict=True)):
        volumes = [10 ** (3 + step / 20) for step in range(81)]
        points = " ".join(f"{_across(each):.1f},{_down(size_for(each, seconds).workers):.1f}" for each in volumes)
        body.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body.append(
            f'<text x="90" y="{50 + 18 * number}" fill="{colour}" text-anchor="start">{kind}, {seconds} s</text>'
        )
    y = _down(RunnerSettings().flink_max_parallelism / (CHILDREN + 1))
    body.append(f'<path d="M80 {y:.0f}H560" stroke="#888" stroke-dasharray="4 3"/>')
    body.append(f'<text x="86" y="{y - 6:.0f}" text-anchor="start">Flink: 128 key groups, the default</text>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 390" font-family="sans-serif" font-size="12" '
        'text-anchor="middle"><rect width="600" height="390" fill="#fff"/>' + "".join(body) + '<text x="320" y="376">'
        'documents of one page a day</text><text x="20" y="180" transform="rotate(-90 20 180)">workers of four cores'
        "</text></svg>\n"
    )


def _across(documents: float) -> float:
    return 80 + 120 * (math.log10(documents) - 3)


def _down(workers: float) -> float:
    return 330 - 100 * math.log10(workers)


if __name__ == "__main__":
    raise SystemExit(main())
