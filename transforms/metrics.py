"""What can be counted. Only counters: on Flink, distributions reach Prometheus as zero (Beam #20635)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from apache_beam.metrics import Metrics
from apache_beam.metrics.metricbase import Counter

from schemas.result import Outcome, OutcomeState

NAMESPACE = "docbeam"
BUCKETS_MS = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000)
"""Upper ends of the latency buckets; slower ones are in `..._le_inf`."""


@lru_cache(maxsize=1024)
def counter(name: str) -> Counter:
    """The counter of that name; letters, digits and underscores only, as Prometheus wants them."""
    return Metrics.counter(NAMESPACE, name.replace("-", "_"))


def count_outcomes(outcomes: Iterable[Outcome]) -> None:
    """Count what a model did: pages by state, time as sum, count and buckets."""
    for outcome in outcomes:
        counter(f"model_{outcome.model}_{outcome.state.value}").inc()
        if outcome.state in (OutcomeState.FOUND, OutcomeState.NOTHING_FOUND):
            count_milliseconds(f"model_{outcome.model}", outcome.duration_ms)
        if outcome.error is not None:
            counter(f"model_{outcome.model}_error_{outcome.error.code.value}").inc()


def count_milliseconds(name: str, milliseconds: float) -> None:
    """Count one duration under `name`."""
    counter(f"{name}_ms_sum").inc(round(milliseconds))
    counter(f"{name}_ms_count").inc()
    bucket = next((str(limit) for limit in BUCKETS_MS if milliseconds <= limit), "inf")
    counter(f"{name}_ms_le_{bucket}").inc()
