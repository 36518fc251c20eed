"""Boxes that the network has seen, in pixels of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.verdict import said, verdict
from schemas.prediction import Checkbox, CheckboxState, box_quad

_ROOM = 0.12
"""Sides around a box in which no other one is: boxes that share a wall are cells, or one of them is none."""
_SHARED = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """A box and what the networks believe of its state."""

    place: Found
    """In pixels of the page; its confidence is that of rules and network together."""
    states: npt.NDArray[np.float32]
    beside: npt.NDArray[np.float32]
    """Of the network that finds boxes, which takes a mark beside the box for one of it."""

    @property
    def state(self) -> CheckboxState:
        """The likeliest."""
        return verdict(self.states)[0]

    def answer(self) -> Checkbox:
        """As it is reported."""
        state, sure = verdict(self.states)
        box = self.place
        quad = box_quad(box.left, box.top, box.right, box.bottom)
        return Checkbox(state, quad, said(sure), round(box.confidence, 4), box.radio)


def on_page(box: Found, scale: float, width: int, height: int) -> Found:
    """From working pixels, at the middle of the border, to pixels of a page of that size, border included."""
    left, right = (min(max(0.0, x / scale), float(width)) for x in (box.left, box.right + 1))
    top, bottom = (min(max(0.0, y / scale), float(height)) for y in (box.top, box.bottom + 1))
    return replace(box, left=left, top=top, right=right, bottom=bottom)


def apart(boxes: Sequence[Seen], taken: Sequence[Seen] = ()) -> list[Seen]:
    """The surest of every set that overlaps, of those away from all `taken`."""
    kept: list[Seen] = []
    for box in sorted(boxes, key=lambda one: -one.place.confidence):
        if not any(box.place.overlaps(_with_room(other.place), _SHARED) for other in (*taken, *kept)):
            kept.append(box)
    return kept


def _with_room(box: Found) -> Found:
    room = _ROOM * box.side
    return replace(box, left=box.left - room, top=box.top - room, right=box.right + room, bottom=box.bottom + room)


def with_dark_ground(plain: Sequence[Seen], turned: Sequence[Sequence[Seen]]) -> list[Seen]:
    """The boxes of the page, then those of its dark parts: by their light lines, then those filled with white.

    What is white all over was not filled in: it is a box of its own colour.
    """
    boxes = apart(plain)
    for number, others in enumerate(turned):
        lines = number == 0
        boxes += apart([box for box in others if not lines or box.state is not CheckboxState.FILLED], boxes)
    return boxes
