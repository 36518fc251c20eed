"""Cells that a fillable blank prints into fields of which its PDF does not say that they have any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from forms.form import FieldKind, FormField, FormPage
from models.field_places.combs import combs
from models.field_places.page_print import DPI, page_print
from models.field_places.place import Rectangle, SeenPlace, overlap

_POINTS_PER_INCH = 72
_SAME = 0.7
"""Of each of two rectangles, the share that lies in the other."""
_KINDS = (FieldKind.TEXT, FieldKind.DATE, FieldKind.NUMBER)


def with_printed_cells(fields: Sequence[FormField], pages: Sequence[FormPage], folder: Path) -> tuple[FormField, ...]:
    """The fields; those whose only place is a printed comb say how many `cells` it has. `folder` holds the pictures."""
    seen = {page.number: _combs_on(page, folder) for page in pages}
    return tuple(_with_cells(field, seen) for field in fields)


def _with_cells(field: FormField, seen: Mapping[int, list[tuple[Rectangle, int]]]) -> FormField:
    if field.kind not in _KINDS or field.multiline or len(field.places) != 1:
        return field
    place = field.places[0]
    for box, cells in seen.get(place.page, ()):
        if overlap(place.box, box) >= _SAME and _area(place.box) >= _SAME * _area(box) >= _SAME**2 * _area(place.box):
            return field.model_copy(update={"cells": cells})
    return field


def _combs_on(page: FormPage, folder: Path) -> list[tuple[Rectangle, int]]:
    """Boxes in fractions of the page, and how many cells each has."""
    picture = cv2.imread(str(folder / page.image), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    width, height = (round(side / _POINTS_PER_INCH * DPI) for side in (page.width_points, page.height_points))
    grey = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    found: list[SeenPlace] = combs(page_print(grey))
    return [
        ((left / width, top / height, right / width, bottom / height), each.cells)
        for each in found
        for left, top, right, bottom in [each.box]
        if each.cells is not None
    ]


def _area(box: Rectangle) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
