"""What an evaluation found, for machines and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evaluation.reliability import Bin, Reliability, reliability
from evaluation.sample import Sample
from evaluation.statistics import NOTHING, Measured

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
    reliability: Mapping[str, Reliability] = field(default_factory=dict)
    """By question, over the whole folder."""
    variant: str = ""
    """In which way it differs from the plain measuring: options of the model, a skew; "" where it does not."""

    peers: tuple[Evaluation, ...] = ()
    """Other software on the same pages."""

    def beside(self, peers: Sequence[Evaluation]) -> Evaluation:
        """With these peers."""
        return replace(self, peers=tuple(peers))

    def only(self, subset: str) -> Evaluation:
        """Of one subset, peers likewise. Raises KeyError for one that is not there."""
        samples = tuple(sample for sample in self.samples if sample.case.subset == subset)
        return replace(
            self,
            metrics=self.subsets[subset],
            subsets={subset: self.subsets[subset]},
            samples=samples,
            reliability=reliability(samples),
            peers=tuple(peer.only(subset) for peer in self.peers),
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values: metrics, intervals and counts by metric name, and the same for each subset."""
        return {
            "model": self.model,
            "version": self.version,
            "data": self.data,
            "variant": self.variant,
            **_plain(self.metrics),
            "subsets": {subset: _plain(metrics) for subset, metrics in self.subsets.items()},
            "reliability": {name: _plain_reliability(found) for name, found in self.reliability.items()},
            "failures": list(self.failures),
            "protocol": self.protocol,
            "peers": {peer.model: peer.as_json() for peer in self.peers},
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
    """A table for people: one row a subset and metric, the whole folder first, a column for each peer."""
    heads = [
        "subset",
        "metric",
        "value",
        "95 % interval",
        "count",
        *(f"{peer.model} {peer.version}" for peer in evaluation.peers),
    ]
    rows = [heads]
    for subset, metrics in _parts(evaluation):
        for name, measured in metrics.items():
            others = [_cell(dict(_parts(peer)).get(subset, {}).get(name, NOTHING)) for peer in evaluation.peers]
            rows.append([subset, name, _value(measured), _interval(measured), str(measured.count), *others])
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    on = ", ".join(part for part in (evaluation.data, evaluation.variant) if part)
    lines = [f"{evaluation.model} {evaluation.version} on {on}", evaluation.protocol, ""]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for one in (evaluation, *evaluation.peers):
        lines += _beneath(one)
    return "\n".join(lines)


def _parts(evaluation: Evaluation) -> list[tuple[str, Metrics]]:
    return [("all", evaluation.metrics), *evaluation.subsets.items()]


def _beneath(evaluation: Evaluation) -> list[str]:
    lines = []
    for question, found in evaluation.reliability.items():
        lines += ["", f"{evaluation.model} {evaluation.version}, {question}: {found.sentence}"]
    if evaluation.failures:
        lines += ["", f"{evaluation.model} failed on {len(evaluation.failures)} pages:", *evaluation.failures]
    return lines


def _value(measured: Measured) -> str:
    if measured.value is None:
        return f"not measured: {measured.remark}" if measured.remark else "not measured"
    return f"{measured.value:.4f}"


def _interval(measured: Measured) -> str:
    return "" if measured.low is None else f"{measured.low:.4f} - {measured.high:.4f}"


def _cell(measured: Measured) -> str:
    interval = _interval(measured)
    return f"{_value(measured)} ({interval})" if interval else _value(measured)
