"""Reads check boxes and radio buttons: what the network says of each box, weighed with the ink that is new in it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from forms.form import FieldKind
from schemas.fields import FieldState
from schemas.prediction import CheckboxState
from schemas.reading import Reading

ON, OFF = "on", "off"
NO_INK = 0.03
"""Less new ink than this, of what is free in a box, is none: the end of a neighbour's stroke, a speck."""
_LEAST_BELIEF = 1e-3
_LEAST_INK = 0.005
_COVERED, _HEAVIER = 0.3, 1.5
"""A mark that was taken back covers so much of its box, and so many times as much as the one that is meant."""
_CORRECTED = 0.9
"""How sure the answer to a question with such a mark is at most."""
_ANSWERS = ("yes", "no")
_INDEX = re.compile(r"\[\d+\]$")


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """One box of a field."""

    value: str
    """What a mark in it means."""
    reading: Reading
    """What the network for boxes sees, its `scores` by state."""
    new_ink: float
    """Of the box as far as nothing is printed there, the share that is ink."""
    struck_out: bool = False
    """Another answer to the same question is marked, and this one was taken back."""

    @property
    def evidence(self) -> tuple[float, float, float]:
        """What tells whether somebody marked it: the network's log-odds, the logarithm of new ink, 1.

        The network alone takes a neighbour's tick for a mark; ink alone misses rings around a box and ticks that
        only touch it.
        """
        scores = self.reading.scores
        empty, unclear = (scores.get(each, 0.0) for each in (CheckboxState.EMPTY, CheckboxState.UNREADABLE))
        marked = max(0.0, 1 - empty - unclear)
        network = math.log((marked + _LEAST_BELIEF) / (empty + _LEAST_BELIEF))
        return network, math.log(self.new_ink + _LEAST_INK), 1.0

    @property
    def scribbled_out(self) -> bool:
        """Whatever was in it does not count any more."""
        return self.struck_out or self.reading.value == CheckboxState.SCRIBBLED_OUT


@dataclass(frozen=True, slots=True)
class MarkBelief:
    """The weights of a logistic regression over `MarkedBox.evidence`, by `training.form_reader.fit_marks`."""

    weights: tuple[float, float, float]

    @classmethod
    def of(cls, path: Path) -> Self:
        """What the file says. Raises OSError, ValueError or KeyError for one that is none."""
        network, ink, bias = json.loads(path.read_text(encoding="utf-8"))["weights"]
        return cls((float(network), float(ink), float(bias)))

    def marked(self, box: MarkedBox) -> float:
        """The probability that somebody marked the box and means it."""
        if box.scribbled_out:
            return 1 - (_CORRECTED if box.struck_out else box.reading.confidence)
        odds = sum(weight * each for weight, each in zip(self.weights, box.evidence, strict=True))
        return 1 / (1 + math.exp(-odds))


@dataclass(frozen=True, slots=True)
class ReadMark:
    """What a field of boxes says."""

    state: FieldState
    value: str
    confidence: float
    rejected: bool
    place: int
    """Number of the box that counts."""


def read_marks(kind: FieldKind, boxes: Sequence[MarkedBox], belief: MarkBelief) -> ReadMark:
    """What the boxes of one field say together."""
    boxes = without_corrections(boxes, belief)
    chances = [belief.marked(box) for box in boxes]
    marked = [number for number, chance in enumerate(chances) if chance >= 0.5]
    confidence = min(max(chance, 1 - chance) for chance in chances)
    place = max(range(len(boxes)), key=chances.__getitem__) if marked else 0
    unsure = any(boxes[number].reading.rejected for number in marked)
    if kind is FieldKind.CHECKBOX:
        state = FieldState.FILLED if marked else FieldState.BLANK
        return ReadMark(state, ON if marked else OFF, confidence, unsure, place)
    if not marked:
        return ReadMark(FieldState.BLANK, "", confidence, rejected=False, place=0)
    # Two marks contradict each other; which was meant only a person can say.
    several = len({boxes[number].value for number in marked}) > 1
    sure = min(confidence, 0.5) if several else confidence
    return ReadMark(FieldState.FILLED, boxes[place].value, sure, unsure or several, place)


def without_corrections(boxes: Sequence[MarkedBox], belief: MarkBelief) -> list[MarkedBox]:
    """The boxes of one question; of two that are marked the one that was taken back is `struck_out`."""
    found = list(boxes)
    marked = [number for number, box in enumerate(boxes) if belief.marked(box) >= 0.5]
    if len(marked) != 2:
        return found
    lighter, heavier = sorted(marked, key=lambda number: boxes[number].new_ink)
    ink = boxes[heavier].new_ink
    if ink >= _COVERED and ink >= _HEAVIER * boxes[lighter].new_ink:
        found[heavier] = replace(boxes[heavier], struck_out=True)
    return found


def corrected(fields: Mapping[str, Sequence[MarkedBox]], belief: MarkBelief) -> dict[str, Sequence[MarkedBox]]:
    """The same for check boxes of which each is a field of its own: names tell which belong to one question."""
    questions: dict[str, list[str]] = {}
    for name, boxes in fields.items():
        if len(boxes) == 1:
            questions.setdefault(question_of(name), []).append(name)
    found = dict(fields)
    for names in questions.values():
        boxes = without_corrections([fields[name][0] for name in names], belief)
        found |= {name: [box] for name, box in zip(names, boxes, strict=True)}
    return found


def question_of(name: str) -> str:
    """The same for all boxes of one question, as forms name them: `pets_yes`, `pets_no`; `c1_2[0]`, `c1_2[1]`."""
    stem = _INDEX.sub("", name)
    own = stem.rpartition(".")[2].lower()
    answer = next((each for each in _ANSWERS if own.endswith(each) and own != each), "")
    return stem.removesuffix(stem[len(stem) - len(answer) :]).rstrip("_ .-")
