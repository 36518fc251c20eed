"""Reads check boxes and radio buttons: what the network says of each box, held against the ink that is new in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.form import FieldKind
from schemas.fields import FieldState
from schemas.prediction import CheckboxState
from schemas.reading import Reading

ON, OFF = "on", "off"
_NO_INK = 0.004
"""Of a box, less new ink than this is no mark, whatever its frame looks like."""
_NOT_MARKED = (CheckboxState.EMPTY, CheckboxState.SCRIBBLED_OUT)
_SURELY_EMPTY = 0.99


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """One box of a field."""

    value: str
    """What a mark in it means."""
    reading: Reading
    share: float | None
    """Of the box that is ink which the blank has not; None where too much of it is print to tell."""

    @property
    def marked(self) -> bool:
        """Somebody means it."""
        return not self._untouched and self.reading.value not in _NOT_MARKED

    @property
    def confidence(self) -> float:
        """That this is right."""
        return max(self.reading.confidence, _SURELY_EMPTY) if self._untouched else self.reading.confidence

    @property
    def _untouched(self) -> bool:
        return self.share is not None and self.share < _NO_INK


@dataclass(frozen=True, slots=True)
class ReadMark:
    """What a field of boxes says."""

    state: FieldState
    value: str
    confidence: float
    rejected: bool
    place: int
    """Number of the box that counts."""


def read_marks(kind: FieldKind, boxes: Sequence[MarkedBox]) -> ReadMark:
    """What the boxes of one field say together."""
    marked = [number for number, box in enumerate(boxes) if box.marked]
    confidence = min(box.confidence for box in boxes)
    place = marked[0] if marked else 0
    unsure = any(boxes[number].reading.rejected for number in marked)
    if kind is FieldKind.CHECKBOX:
        state = FieldState.FILLED if marked else FieldState.BLANK
        return ReadMark(state, ON if marked else OFF, confidence, unsure, place)
    if not marked:
        return ReadMark(FieldState.BLANK, "", confidence, rejected=False, place=0)
    surest = max(marked, key=lambda number: boxes[number].reading.confidence)
    # Two marks contradict each other; which was meant only a person can say.
    several = len({boxes[number].value for number in marked}) > 1
    sure = min(confidence, 0.5) if several else confidence
    return ReadMark(FieldState.FILLED, boxes[surest].value, sure, unsure or several, surest)
