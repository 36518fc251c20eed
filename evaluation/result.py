"""What an evaluation found, for machines and for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluation.reliability import Bin, Reliability, reliability
from evaluation.sample import Sample
from evaluation.statistics import Measured

Metrics = Mapping[str, Measured]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The metrics of one model on one folder."""

    model: str
    version: str
    data: str
    """Name of the evaluated set."""
    metrics: Metrics
    subsets: Mapping[str, Metrics]
    failures: tuple[str, ...] = ()
    """Pages that could not be opened or on which the model raised, with the reason; scored as nothing found."""
    protocol: str = ""
    """How it was measured, in a sentence or two."""
    samples: tuple[Sample, ...] = field(default=(), repr=False)
    """Page by page, for the error sheet."""
    variant: str = ""
    """In which way it differs from the plain measuring: options of the model, a skew; "" where it does not."""

    def as_json(self) -> dict[str, Any]:
        """Plain values: metrics, intervals and counts by metric name, and the same for each subset."""
        return {
            "model": self.model,
            "version": self.version,
            "data": self.data,
            "variant": self.variant,
            **_plain(self.metrics),
            "subsets": {subset: _plain(metrics) for subset, metrics in self.subsets.items()},
            "reliability": {name: _plain_reliability(found) for name, found in reliability(self.samples).items()},
            "failures": list(self.failures),
            "protocol": self.protocol,
        }


def _plain(metrics: Metrics) -> dict[str, Any]:
    return {
        "metrics": {name: _rounded(measured.value) for name, measured in metrics.items()},
        "intervals": {
            name: None if measured.low is None else [_rounded(measured.low), _rounded(measured.high)]
            for name, measured in metrics.items()
        },
        "counts": {name: measured.count for name, measured in metrics.items()},
        "remarks": {name: measured.remark for name, measured in metrics.items() if measured.remark},
    }


def _plain_reliability(found: Reliability) -> dict[str, Any]:
    return {
        "nine_in_ten": found.sentence,
        "answers": found.share_right.count,
        "mean_confidence": _rounded(found.mean_confidence),
        "share_right": _rounded(found.share_right.value),
        "bins": [_plain_bin(part) for part in found.bins],
    }


def _plain_bin(part: Bin) -> dict[str, Any]:
    right = part.share_right
    return {
        "from": part.low,
        "to": part.high,
        "count": part.count,
        "mean_confidence": _rounded(part.mean_confidence),
        "share_right": _rounded(right.value),
        "interval": [_rounded(right.low), _rounded(right.high)],
        "verdict": part.verdict,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


def table(evaluation: Evaluation) -> str:
    """A table for people: one row a subset and metric, the whole folder first."""
    rows = [("subset", "metric", "value", "95 % interval", "count")]
    for subset, metrics in (("all", evaluation.metrics), *evaluation.subsets.items()):
        for name, measured in metrics.items():
            interval = "" if measured.low is None else f"{measured.low:.4f} - {measured.high:.4f}"
            missing = f"not measured: {measured.remark}" if measured.remark else "not measured"
            value = missing if measured.value is None else f"{measured.value:.4f}"
            rows.append((subset, name, value, interval, str(measured.count)))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    on = ", ".join(part for part in (evaluation.data, evaluation.variant) if part)
    lines = [f"{evaluation.model} {evaluation.version} on {on}", evaluation.protocol, ""]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for question, found in reliability(evaluation.samples).items():
        lines += ["", f"{question}: {found.sentence}"]
    if evaluation.failures:
        lines += ["", f"failed on {len(evaluation.failures)} pages:", *evaluation.failures]
    return "\n".join(lines)
