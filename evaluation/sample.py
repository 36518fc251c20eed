"""One page, or one turn of one page, with what was true and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from evaluation.folder import Case
from schemas.prediction import Quad, box_quad


class Role(StrEnum):
    """What a mark on the error sheet stands for."""

    RIGHT = "right"
    MISSED = "missed"
    """True, not found."""
    WRONG = "wrong"
    """Found, not true, or in the wrong state."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A quad to draw, in pixels of the source page."""

    role: Role
    quad: Quad
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer the model stood behind with a confidence, and whether it was right."""

    question: str
    """What was asked, such as `state` or `word`; begins the names of the metrics of reliability."""
    confidence: float
    """0..1, as the model gave it."""
    right: bool
    true: str = ""
    """What is true, in a word; for people."""
    said: str = ""
    """What the model said, in a word; for people."""
    quad: Quad | None = None
    """Where, in pixels of the source page; answers with a place are cut out for the sheet of wrong items."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The evidence one page gives; metrics are computed from these alone."""

    case: Case
    numbers: Mapping[str, float]
    """Sums and values by a name the kind of model defines, such as `hits` or `angle_error`."""
    badness: float = 0.0
    """For picking the worst pages; 0 is perfect."""
    marks: Sequence[Mark] = field(default_factory=tuple)
    remark: str = ""
    """For the title of the page's picture."""
    answers: Sequence[Answer] = field(default_factory=tuple)
    """Each answer the model gave with a confidence; AUROC, calibration error and reliability come from these."""


def total(samples: Sequence[Sample], name: str) -> int:
    """The sum of a number over the samples that have it."""
    return round(sum(sample.numbers.get(name, 0.0) for sample in samples))


def values(samples: Sequence[Sample], name: str) -> list[float]:
    """A number of each sample that has it."""
    return [sample.numbers[name] for sample in samples if name in sample.numbers]


def quad_of_box(box: Sequence[float]) -> Quad:
    """The quad of a truth box [left, top, right, bottom]."""
    left, top, right, bottom = (float(value) for value in box)
    return box_quad(left, top, right, bottom)
