"""What can be counted. Only counters: on Flink, distributions reach Prometheus as zero (Beam #20635).

Beam counts on a bundle's thread only. What other threads do is collected there, travels with the value they made,
and is counted where that value leaves the bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from apache_beam.metrics import Metrics
from apache_beam.metrics.metricbase import Counter

from analysis.observe import APPLY, ASSEMBLE, OPEN, Collected, Span, observed_by
from schemas.result import OutcomeState

NAMESPACE = "docbeam"
BUCKETS_MS = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000)
"""Upper ends of the latency buckets; slower ones are in `..._le_inf`."""
_ANSWERED = (OutcomeState.FOUND.value, OutcomeState.NOTHING_FOUND.value)


@lru_cache(maxsize=1024)
def counter(name: str) -> Counter:
    """The counter of that name; letters, digits and underscores only, as Prometheus wants them."""
    return Metrics.counter(NAMESPACE, name.replace("-", "_"))


@dataclass(frozen=True, slots=True)
class Counted:
    """A value, and what is to be counted when it leaves the bundle."""

    value: Any
    spans: tuple[Span, ...]


def collecting(work: Callable[[Any], Iterable[Any]]) -> Callable[[Any], Iterable[Counted]]:
    """`work` for any thread: its values come as `Counted`."""
    return partial(_collect, work)


def _collect(work: Callable[[Any], Iterable[Any]], element: Any) -> list[Counted]:
    collected = Collected()
    with observed_by(collected):
        values = list(work(element))
    return [Counted(value, () if place else tuple(collected.spans)) for place, value in enumerate(values)]


@contextmanager
def counting() -> Iterator[None]:
    """Count what this thread, which must be the bundle's, does in the block."""
    collected = Collected()
    with observed_by(collected):
        yield
    count(collected.spans)


def count(spans: Iterable[Span]) -> None:
    """Count what was observed: pages by model and state with their time, documents opened, results by status."""
    for span in spans:
        if span.stage == APPLY:
            _count_page(span)
        elif span.stage == ASSEMBLE:
            counter(f"results_{span.outcome}").inc()
        elif span.stage == OPEN and span.code is not None:
            counter(f"requests_failed_{span.code}").inc()
        elif span.stage == OPEN:
            counter("documents_opened").inc()
            count_milliseconds("open_document", span.milliseconds)


def _count_page(span: Span) -> None:
    counter(f"model_{span.model}_{span.outcome}").inc()
    if span.outcome in _ANSWERED:
        count_milliseconds(f"model_{span.model}", span.milliseconds)
        count_milliseconds(f"model_{span.model}_waited", span.waited_ms)
    if span.code is not None:
        counter(f"model_{span.model}_error_{span.code}").inc()


def count_milliseconds(name: str, milliseconds: float) -> None:
    """Count one duration under `name`."""
    counter(f"{name}_ms_sum").inc(round(milliseconds))
    counter(f"{name}_ms_count").inc()
    bucket = next((str(limit) for limit in BUCKETS_MS if milliseconds <= limit), "inf")
    counter(f"{name}_ms_le_{bucket}").inc()
