"""Reads the text of a field: by kind, in cells, in one line or several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import cv2
import numpy as np

from forms.form import FieldKind, FormField
from models.catalog.form_reader.written import Written
from models.contract import PageImage, RegionReader
from schemas.fields import FieldState
from schemas.prediction import box_quad
from schemas.reading import Reading, Region, RegionKind

_LINE = 33
"""Pixels at 200 dpi: a line of writing; a field must have room for two to have several."""
_LEAST_ROWS = 8
_BLANK_SHARE, _BLANK_PIXELS = 0.0015, 60
"""Less ink than this, of the place and in pixels, is none: a full stop in a large field is 40."""
_SURELY_BLANK = 0.995
_MOSTLY_DIGITS = 0.6
_LIKE_CHOICE = 0.6
_THOUSANDS = re.compile(r"^(\d{1,3}(?:[.,]\d{3})+)([.,]\d{2})$")


def read_text(field: FormField, written: Written, reader: RegionReader) -> Reading:
    """The field's text; `reader` reads regions of text."""
    if written.amount < min(_BLANK_SHARE * written.area, _BLANK_PIXELS):
        return Reading(FieldState.BLANK, confidence=_SURELY_BLANK)
    if field.kind is FieldKind.COMB and field.cells:
        return _normal(field, _in_cells(written, field.cells, reader))
    room = written.inside[3] - written.inside[1]
    if field.multiline and room >= 2 * _LINE:
        return _normal(field, _joined([_line(field, line, reader) for line in _lines(written)]))
    return _normal(field, _line(field, written.grey, reader))


def _line(field: FormField, grey: np.ndarray, reader: RegionReader) -> Reading:
    kinds = {
        FieldKind.DATE: (RegionKind.DATE, RegionKind.TEXT),
        FieldKind.NUMBER: (RegionKind.AMOUNT, RegionKind.TEXT),
    }.get(field.kind, (RegionKind.TEXT,))
    # A month may be written out, an amount in words: the likelier reading counts.
    return max((_read(grey, kind, None, reader) for kind in kinds), key=lambda reading: reading.confidence)


def _in_cells(written: Written, cells: int, reader: RegionReader) -> Reading:
    left, top, right, bottom = written.inside
    grey = written.grey[max(0, top) : bottom, max(0, left) : right]
    text = _read(grey, RegionKind.TEXT, cells, reader)
    said = text.value.replace(" ", "")
    if said and sum(each.isdigit() for each in said) >= _MOSTLY_DIGITS * len(said):
        return _read(grey, RegionKind.DIGITS, cells, reader)
    return text


def _read(grey: np.ndarray, kind: RegionKind, cells: int | None, reader: RegionReader) -> Reading:
    height, width = grey.shape
    (reading,) = reader.read(PageImage(1, grey, 200.0), [Region(box_quad(0, 0, width, height), kind, cells)])
    return reading


def _lines(written: Written) -> list[np.ndarray]:
    """The rows of writing, top to bottom."""
    smooth = cv2.blur(written.ink.sum(axis=1, dtype=np.float32).reshape(-1, 1), (1, 5)).ravel()
    inked = smooth > 0.12 * float(np.percentile(smooth, 95))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8), [0]])))
    runs = [(int(top), int(bottom)) for top, bottom in zip(edges[0::2], edges[1::2], strict=True)]
    tall = [run for run in runs if run[1] - run[0] >= _LEAST_ROWS]
    return [written.grey[max(0, top - 5) : bottom + 5] for top, bottom in tall] or [written.grey]


def _joined(lines: Sequence[Reading]) -> Reading:
    filled = [line for line in lines if line.state is not FieldState.BLANK]
    if not filled:
        return lines[0]
    return Reading(
        state=FieldState.UNREADABLE
        if any(each.state is FieldState.UNREADABLE for each in filled)
        else FieldState.FILLED,
        value="\n".join(line.value for line in filled),
        raw_text="\n".join(line.raw_text for line in filled),
        confidence=float(np.prod([line.confidence for line in filled])),
        rejected=any(line.rejected for line in filled),
    )


def _normal(field: FormField, reading: Reading) -> Reading:
    """The reading with its value in the field's normal form."""
    value = reading.value.replace(" ", "") if field.kind is FieldKind.COMB else reading.value
    rejected = reading.rejected
    thousands = _THOUSANDS.match(value)
    if thousands:
        # Which sign divides thousands is one stroke's slant; what is behind it is not.
        value = thousands[1].replace(".", ",") + "." + thousands[2][1:]
    if field.kind is FieldKind.CHOICE and field.choices and value:
        nearest = max(field.choices, key=lambda choice: _alike(choice, value))
        if _alike(nearest, value) >= _LIKE_CHOICE:
            value = nearest
        else:
            rejected = True
    if field.pattern and value and not re.fullmatch(field.pattern, value):
        rejected = True
    return replace(reading, value=value, rejected=rejected)


def _alike(choice: str, value: str) -> float:
    return SequenceMatcher(None, choice.lower(), value.lower()).ratio()
