"""Choices set as characters: boxes and marks of symbol fonts, which a PDF names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.crops import Extent
from models.catalog.checkbox.reader import STATES
from models.catalog.checkbox.seen import Seen
from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.verdict import MARKS
from schemas.pdf_content import PdfContent
from schemas.prediction import CheckboxState

Beliefs = npt.NDArray[np.float32]

_EMPTY = frozenset("☐□▢◻❏❐❑❒⬜")
_EMPTY_ROUND = frozenset("○◯❍⚪")
_MARKED = {
    **dict.fromkeys("☑🗹✅", CheckboxState.TICKED),
    **dict.fromkeys("☒🗵🗷❎⌧", CheckboxState.CROSSED),
    **dict.fromkeys("◉🔘", CheckboxState.FILLED),
}
_LOOSE = {
    **dict.fromkeys("✓✔", CheckboxState.TICKED),
    **dict.fromkeys("✕✖✗✘", CheckboxState.CROSSED),
    **dict.fromkeys("■●", CheckboxState.FILLED),
}
"""What takes the place of an empty box where there are some, and else may be the bullet of a list."""
_ROUND = _EMPTY_ROUND | frozenset("◉🔘●")
SURE = 0.99
"""The PDF says so; but a drawing may lie over the character."""
_DRAWN_OVER = 0.9
"""Belief in a mark from which an empty box that is a character counts as marked."""


_SLACK = 0.5
"""Sides by which a solid shape may stand off the line of a box."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A character that is a choice."""

    place: Found
    state: CheckboxState
    loose: bool
    """A mark without a box around it."""


def typed_boxes(pdf: PdfContent | None) -> list[Typed]:
    """The choices among a PDF's characters, in pixels of the page; none of a page that is a picture."""
    if pdf is None:
        return []
    seen = [
        (character, [float(v) for v in box])
        for character, box in zip(pdf.text, pdf.boxes, strict=True)
        if _state(character) is not None and bool(np.isfinite(box).all())
    ]
    found = [
        Typed(Found(box[0], box[1], box[2], box[3], SURE, character in _ROUND), state, character in _LOOSE)
        for character, box in seen
        if (state := _state(character)) is not None and box[0] < box[2] and box[1] < box[3]
    ]
    boxes = [one.place for one in found if not one.loose]
    marks = {one.state for one in found if one.loose}
    # Ticks beside crosses say yes and no; of one kind alone they are the bullets of a list.
    chosen = bool(boxes) or {CheckboxState.TICKED, CheckboxState.CROSSED} <= marks
    return [one for one in found if not one.loose or (chosen and _takes_the_place_of_a_box(one, boxes))]


def _takes_the_place_of_a_box(mark: Typed, boxes: Sequence[Found]) -> bool:
    """A solid shape has to stand in line with boxes: a list beside them may have such bullets."""
    place, slack = mark.place, _SLACK * mark.place.side
    return mark.state is not CheckboxState.FILLED or any(
        abs(place.left - box.left) <= slack or abs(place.bottom - box.bottom) <= slack for box in boxes
    )


def with_typed(drawn: Sequence[Seen], typed: Sequence[Typed], read: Callable[[list[Extent]], Beliefs]) -> list[Seen]:
    """The boxes that were found on the picture and the characters that are choices; where both are, one of them.

    A mark stands in the box that is drawn around it. A box that is a character is as the PDF says, unless `read`, which
    gives the network's beliefs about places, sees a mark in an empty one: pens and viewers draw over characters.
    """
    boxes = [one for one in typed if not one.loose]
    own = [
        one
        for one in typed
        if not one.loose or not any(one.place.overlaps(other) for other in (*(b.place for b in drawn), *_places(boxes)))
    ]
    kept = [box for box in drawn if not any(box.place.overlaps(one) for one in _places(boxes))]
    beliefs = read([one.place.extent for one in own])
    said = [_states(one, seen) for one, seen in zip(own, beliefs, strict=True)]
    return [*kept, *(Seen(one.place, states) for one, states in zip(own, said, strict=True))]


def _places(typed: Sequence[Typed]) -> list[Found]:
    return [one.place for one in typed]


def _states(one: Typed, seen: Beliefs) -> Beliefs:
    if one.state is CheckboxState.EMPTY and float(seen[MARKS].sum()) >= _DRAWN_OVER:
        return seen
    said = np.full(len(STATES), (1 - SURE) / (len(STATES) - 1), np.float32)
    said[STATES.index(one.state)] = SURE
    return said


def _state(character: str) -> CheckboxState | None:
    if character in _EMPTY or character in _EMPTY_ROUND:
        return CheckboxState.EMPTY
    return _MARKED.get(character) or _LOOSE.get(character)
