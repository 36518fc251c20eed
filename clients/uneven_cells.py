"""Where each cell of a field is, on blanks whose cells are not all side by side: day, month and year apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from forms.form import FieldKind, FormField, FormPage, Place
from models.field_places.page_print import DPI, Mask, page_print, pixels

_POINTS_PER_INCH = 72
_KINDS = (FieldKind.TEXT, FieldKind.DATE, FieldKind.NUMBER, FieldKind.COMB)
_FEWEST = 4
"""Cells, where the PDF does not say how many there are: three boxes in a row may be anything."""
_BEYOND = 2.0
"""Points outside of a field's place in which its outer walls may stand."""
_HIGH = 0.7
"""Of the place's height, as high as walls stand at least; letters are lower."""
_THICKEST = 2.5
_NARROWEST, _WIDEST = 8.0, 30.0
"""Points, of a cell."""
_ALIKE = 0.15
"""By how much, of a cell, the others may be wider or narrower."""
_GAP = 0.75
"""Of a cell's width, the widest room between two groups of cells; wider is a cell."""
_COVERED = 0.7
"""Of the place's width, as much must be cells."""
_MOVED = 0.12
"""Of a cell, as far from where cells of equal width would be that it matters."""

Span = tuple[float, float]


def with_cell_spans(fields: Sequence[FormField], pages: Sequence[FormPage], folder: Path) -> tuple[FormField, ...]:
    """The fields; those over cells of uneven places say where each is. `folder` holds the pages' pictures."""
    walls = {page.number: _upright(page, folder) for page in pages}
    return tuple(_with_spans(field, walls) for field in fields)


def _with_spans(field: FormField, walls: Mapping[int, Mask]) -> FormField:
    if field.kind not in _KINDS or field.multiline or len(field.places) != 1 or field.places[0].page not in walls:
        return field
    spans = _cells_in(walls[field.places[0].page], field.places[0])
    wanted = len(spans) == field.cells if field.cells else len(spans) >= _FEWEST
    if not wanted or not _uneven(spans):
        return field
    return field.model_copy(update={"cells": len(spans), "cell_spans": spans})


def _upright(page: FormPage, folder: Path) -> Mask:
    picture = cv2.imread(str(folder / page.image), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    size = tuple(round(side / _POINTS_PER_INCH * DPI) for side in (page.width_points, page.height_points))
    return page_print(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)).down


def _cells_in(upright: Mask, place: Place) -> tuple[Span, ...]:
    """The cells between walls within a place, in fractions of its width; none where they do not fill it."""
    height, width = upright.shape
    left, right = place.box[0] * width, place.box[2] * width
    top, bottom = round(place.box[1] * height), round(place.box[3] * height)
    start = max(0, int(left) - pixels(_BEYOND))
    crop = upright[top:bottom, start : int(right) + pixels(_BEYOND) + 1]
    if not crop.size:
        return ()
    standing = np.concatenate([[False], crop.mean(axis=0) >= _HIGH, [False]]).astype(np.int8)
    change = np.flatnonzero(np.diff(standing))
    runs = list(zip((start + change[::2]).tolist(), (start + change[1::2]).tolist(), strict=True))
    if any(end - first > pixels(_THICKEST) for first, end in runs):
        return ()
    rooms = [(before[1], after[0]) for before, after in pairwise(runs)]
    cells = [room for room in rooms if room[1] - room[0] >= pixels(_NARROWEST)]
    widths = np.array([end - first for first, end in cells])
    usual = float(np.median(widths)) if widths.size else 0.0
    fit = usual <= pixels(_WIDEST) and bool((np.abs(widths - usual) <= max(2, _ALIKE * usual)).all())
    gaps_fit = all(end - first <= _GAP * usual for first, end in rooms if (first, end) not in cells)
    if not widths.size or not fit or not gaps_fit or cells[-1][1] - cells[0][0] < _COVERED * (right - left):
        return ()
    return tuple(
        (round(max(0.0, (first - left) / (right - left)), 4), round(min(1.0, (end - left) / (right - left)), 4))
        for first, end in cells
    )


def _uneven(spans: Sequence[Span]) -> bool:
    even = np.linspace(0, 1, len(spans) + 1)
    middles = np.array([(left + right) / 2 for left, right in spans])
    return bool((np.abs(middles - (even[:-1] + even[1:]) / 2) * len(spans) > _MOVED).any())
