"""Boxes that the network has seen, in pixels of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.overlaps import Floats, away_from, extents, first_apart
from models.catalog.checkbox.page_ink import PageInk
from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.verdict import said, verdict
from schemas.prediction import Checkbox, CheckboxState, box_quad

_ROOM = 0.12
"""Sides around a box in which no other one is: boxes that share a wall are cells, or one of them is none."""
_SHARED = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """A box and what the network believes of its state."""

    place: Found
    """In pixels of the page; its confidence is that of rules and network together."""
    states: npt.NDArray[np.float32]

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


def on_page(box: Found, ink: PageInk, width: int, height: int) -> Found:
    """From working pixels, at the middle of the border, to pixels of a page of that size, border included."""
    left, right = (min(max(0.0, ink.left + x / ink.scale), float(width)) for x in (box.left, box.right + 1))
    top, bottom = (min(max(0.0, ink.top + y / ink.scale), float(height)) for y in (box.top, box.bottom + 1))
    return replace(box, left=left, top=top, right=right, bottom=bottom)


def from_page(box: Found, ink: PageInk) -> Found:
    """The way back of `on_page`."""
    left, right = ((x - ink.left) * ink.scale for x in (box.left, box.right))
    top, bottom = ((y - ink.top) * ink.scale for y in (box.top, box.bottom))
    return replace(box, left=left, top=top, right=right - 1, bottom=bottom - 1)


def apart(boxes: Sequence[Seen], taken: Sequence[Seen] = ()) -> list[Seen]:
    """The surest of every set that overlaps, of those away from all `taken`."""
    ranked = sorted(boxes, key=lambda one: -one.place.confidence)
    places = extents([box.place for box in ranked])
    free = np.flatnonzero(away_from(places, _with_room(extents([box.place for box in taken])), _SHARED))
    kept = first_apart(places[free], _with_room(places[free]), _SHARED)
    return [ranked[index] for index in free[kept]]


def _with_room(boxes: Floats) -> Floats:
    room = _ROOM * (boxes[:, 2:] - boxes[:, :2]).mean(axis=1, keepdims=True)
    return np.concatenate([boxes[:, :2] - room, boxes[:, 2:] + room], axis=1)


def with_dark_ground(plain: Sequence[Seen], turned: Sequence[Sequence[Seen]]) -> list[Seen]:
    """The boxes of the page, then those of its dark parts: by their light lines, then those filled with white.

    What is white all over was not filled in: it is a box of its own colour.
    """
    boxes = apart(plain)
    for number, others in enumerate(turned):
        lines = number == 0
        boxes += apart([box for box in others if not lines or box.state is not CheckboxState.FILLED], boxes)
    return boxes
