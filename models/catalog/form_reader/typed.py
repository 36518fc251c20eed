"""What a PDF says of a field itself: the value typed into it, or the text drawn inside its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from forms.form import Box, FieldKind, FormField, Place
from models.blank_pages.placement import Matrix, Points, through
from models.blank_pages.registration import Registration
from models.catalog.form_reader.laid_page import LaidPage
from models.catalog.form_reader.marked_fields import OFF, ON
from schemas.fields import FieldState, ValueOrigin
from schemas.pdf_content import PdfContent, PdfField, PdfFieldType
from schemas.prediction import Quad, bounds
from schemas.reading import Reading

_SAME_PLACE = 0.5
"""Of two boxes, their intersection over their union: an edition's field may be moved a little."""
_STRAY = 0.25
"""Of a place's height, how far beyond its edge the middle of a character may be."""
_SURE, _DRAWN = 0.999, 0.99
_BUTTONS = frozenset({PdfFieldType.CHECKBOX, PdfFieldType.RADIO})
_LEAST_INK = 0.1
"""Of a character's box; letters fill a sixth of theirs and more, also thin ones."""
_MOSTLY = 0.5
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Typed:
    """A reading that needed no eyes."""

    reading: Reading
    origin: ValueOrigin
    place: int = 0
    """Number of the place that counts."""


@dataclass(frozen=True, slots=True)
class DrawnText:
    """The visible characters of a page, as they lie on its blank page."""

    text: str
    centres: npt.NDArray[np.float64]
    """(len(text), 2) in fractions of the blank page; nan for what is only a gap."""
    new: npt.NDArray[np.bool_]
    """Which of them can be seen, and are not what the blank has printed."""
    hidden: npt.NDArray[np.bool_]
    """Which of them nobody sees where the blank has printed nothing: they were cut off at the edge of their field."""
    in_a_place: npt.NDArray[np.bool_]
    """Which of them lie in some place of the form."""


def typed_value(field: FormField, quads: Sequence[Quad], content: PdfContent) -> Typed | None:
    """What was typed into a field of text, a choice or a signature.

    None where the PDF has no such field there, and where nothing is in it: something may be written on the page.
    """
    widget = _widget(quads[0], content)
    if widget is None or widget.type in _BUTTONS or not widget.value.strip():
        return None
    value = widget.value.strip()
    if field.kind is FieldKind.SIGNATURE:
        value = "signed"
    if field.kind is FieldKind.COMB:
        value = value.replace(" ", "")
    return Typed(Reading(FieldState.FILLED, value, _SURE, widget.value), ValueOrigin.FORM_DATA)


def typed_mark(
    field: FormField, places: Sequence[Place], quads: Sequence[Quad], content: PdfContent, untouched: bool
) -> Typed | None:
    """What the PDF's buttons say; None where it has none there, or where none is on and a box is not `untouched`."""
    widgets = [_widget(quad, content) for quad in quads]
    if any(widget is None or widget.type not in _BUTTONS for widget in widgets):
        return None
    on = [number for number, widget in enumerate(widgets) if widget is not None and widget.on]
    if not on and not untouched:
        return None
    values = {places[number].value for number in on}
    if field.kind is FieldKind.RADIO and len(values) > 1:
        return None
    state = FieldState.FILLED if on else FieldState.BLANK
    off = OFF if field.kind is FieldKind.CHECKBOX else ""
    value = (ON if field.kind is FieldKind.CHECKBOX else places[on[0]].value) if on else off
    return Typed(Reading(state, value, _SURE), ValueOrigin.FORM_DATA, on[0] if on else 0)


def drawn_text(field: FormField, box: Box, drawn: DrawnText) -> Typed | None:
    """The text drawn inside a field's place; None where there is none, or nobody says which characters it is."""
    left, top, right, bottom = box
    stray = _STRAY * (bottom - top)
    x, y = drawn.centres.T
    inside = drawn.new & (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
    around = (drawn.new | drawn.hidden) & ~drawn.in_a_place & (y >= top - stray) & (y <= bottom + stray)
    here = _with_rests_of_words(inside, inside | around)
    text = _joined(drawn.text, here).strip()
    if not text or _UNKNOWN in text:
        return None
    if field.kind is FieldKind.COMB:
        text = "".join(text.split())
    if not field.multiline:
        text = " ".join(text.split())
    return Typed(Reading(FieldState.FILLED, text, _DRAWN, text), ValueOrigin.TEXT_LAYER)


def _with_rests_of_words(inside: npt.NDArray[np.bool_], possible: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """What runs over the edge of its place belongs to it: the characters up to the next gap."""
    grown = inside.copy()
    for start, end in pairwise(np.flatnonzero(np.diff(np.concatenate([[False], possible, [False]])))):
        if possible[start] and inside[start:end].any():
            grown[start:end] = True
    return grown


def drawn_on(
    page: LaidPage, registration: Registration, content: PdfContent, size: tuple[int, int], places: Iterable[Box]
) -> DrawnText:
    """The characters of a page image of `size` (width, height) on the blank page, whose fields have `places`."""
    assert registration.placement is not None
    back: Matrix = np.asarray(np.linalg.inv(registration.placement.matrix), dtype=np.float64)
    corners: Points = np.asarray(content.boxes.reshape(-1, 2, 2) / size, dtype=np.float64)
    known = np.isfinite(corners[:, 0, 0])
    on_blank: Points = np.full(corners.shape, np.nan)
    if known.any():
        on_blank[known] = through(back, corners[known].reshape(-1, 2)).reshape(-1, 2, 2)
    seen = [_seen(page, box) if found else (0.0, 1.0) for found, box in zip(known.tolist(), on_blank, strict=True)]
    ink, printed = np.array(seen).reshape(-1, 2).T
    centres: Points = np.asarray(on_blank.mean(axis=1))
    new = ink >= _LEAST_INK
    in_a_place = np.zeros(len(centres), np.bool_)
    for left, top, right, bottom in places:
        in_a_place |= ((centres >= (left, top)) & (centres <= (right, bottom))).all(axis=1)
    return DrawnText(content.text, centres, new, ~new & (printed < _MOSTLY), in_a_place)


def _seen(page: LaidPage, corners: Points) -> tuple[float, float]:
    """Of a character's box the share that is ink which the blank has not printed, and the share that it has printed."""
    height, width = page.writing.shape
    (x0, x1), (y0, y1) = (np.sort(corners[:, axis]) * side for axis, side in ((0, width), (1, height)))
    here = slice(max(0, int(y0)), max(0, round(y1)) + 1), slice(max(0, int(x0)), max(0, round(x1)) + 1)
    if not page.writing[here].size:
        return 0.0, 1.0
    return float((page.writing[here] > page.level).mean()), float(page.near_print[here].mean())


def _joined(text: str, chosen: npt.NDArray[np.bool_]) -> str:
    """The chosen characters, with a gap where the PDF has one or something else stands between."""
    numbers = np.flatnonzero(chosen)
    found: list[str] = []
    before: int | None = None
    for number in numbers.tolist():
        between = "" if before is None else text[before + 1 : number]
        before = number
        found += ["\n" if "\n" in between else " " if between else "", text[number]]
    return "".join(found)


def _widget(quad: Quad, content: PdfContent) -> PdfField | None:
    place = bounds(quad)
    best = max(content.fields, key=lambda field: _overlap(place, bounds(field.quad)), default=None)
    return best if best is not None and _overlap(place, bounds(best.quad)) >= _SAME_PLACE else None


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    both = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1])
    return wide * high / (both - wide * high)
