"""Reads the text of a field: by kind, in cells, in one line or several."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import cv2
import numpy as np

from forms.form import FieldKind, Form, FormField
from forms.rules.choosing import Settled, settle
from models.catalog.form_reader.word_gaps import without_false_spaces, without_split_names
from models.catalog.form_reader.written import Written
from models.contract import PageImage, RegionReader
from schemas.fields import Alternative, FieldState
from schemas.prediction import Quad, box_quad
from schemas.reading import Reading, Region, RegionKind

_LINE = 33
"""Pixels at 200 dpi: a line of writing; a field must have room for two to have several."""
_LEAST_ROWS = 8
_PAPER, _LEAST_PAPER = 0.5, 6
"""Around a line, of its height, and pixels."""
_BLANK_SHARE, _BLANK_PIXELS = 0.0015, 60
"""Less ink than this, of the place and in pixels, is none: a full stop in a large field is 40."""
_SURELY_BLANK, _MAYBE = 0.995, 0.5
_BLANK_BESIDE = ((100, _SURELY_BLANK), (300, 0.95), (1000, 0.8), (math.inf, _MAYBE))
"""Up to so many pixels of others' ink close by, how sure it is that none of it is meant for this place."""
_LOOSE = 11
"""Pixels of ink close by that is nobody's; more was as often as not meant for this place."""
_LEAST_VISIBLE = 0.15
"""Of a place, as much must be free of print for missing ink to mean anything."""
_CROSSING = 0.06
"""Of a cell's width."""
_SURELY_OF_ITS_KIND = 0.95
_MOSTLY_DIGITS = 0.6
_LIKE_CHOICE = 0.6
_THOUSANDS = re.compile(r"^(\d{1,3}(?:[.,]\d{3})+)([.,]\d{2})$")


def read_text(field: FormField, form: Form, written: Written, reader: RegionReader) -> Settled:
    """The field's text, as far as its rules let it stand; `reader` reads regions of text."""
    enough = min(_BLANK_SHARE * written.area, _BLANK_PIXELS)
    if written.amount < enough:
        hidden = written.visible < _LEAST_VISIBLE
        unclear = hidden or written.loose > _LOOSE or written.pale > _BLANK_PIXELS
        sure = _MAYBE if unclear else next(sure for most, sure in _BLANK_BESIDE if written.foreign <= most)
        return Settled(Reading(FieldState.BLANK, confidence=sure, rejected=hidden))
    found = _read_by_kind(field, written, reader)
    if found.state is FieldState.BLANK:
        # There is ink, whatever the reader takes it for.
        return Settled(replace(found, confidence=min(found.confidence, _MAYBE), rejected=True))
    return settle(field, form, _shaped_reading(field, found))


def _read_by_kind(field: FormField, written: Written, reader: RegionReader) -> Reading:
    if field.kind is FieldKind.COMB and field.cells:
        return _in_cells(written, field, reader)
    room = written.inside[3] - written.inside[1]
    if field.multiline and room >= 2 * _LINE:
        return _joined([_line(field, line, reader) for line in _lines(written)])
    if not field.cells:
        return _across(field, written, reader)
    # Somebody may have written into the printed cells, or a printer across them: the likelier reading counts.
    apart = _in_cells(written, field, reader)
    if apart.confidence >= _SURELY_OF_ITS_KIND:
        return apart
    line = _across(field, written, reader)
    best, other = (apart, line) if apart.confidence > line.confidence else (line, apart)
    return _with_others(best, [other])


def _across(field: FormField, written: Written, reader: RegionReader) -> Reading:
    line = _line(field, _cut(written), reader)
    whole = without_split_names(line.value, (other.value for other in line.alternatives))
    return replace(line, value=without_false_spaces(whole, written.ink))


def _line(field: FormField, grey: np.ndarray, reader: RegionReader) -> Reading:
    kinds = {
        FieldKind.DATE: (RegionKind.DATE, RegionKind.TEXT),
        FieldKind.NUMBER: (RegionKind.AMOUNT, RegionKind.TEXT),
    }.get(field.kind, (RegionKind.TEXT,))
    # A month may be written out, an amount in words: the likelier reading counts, unless a rule says otherwise.
    readings = [_read(grey, kinds[0], None, reader)]
    if readings[0].confidence < _SURELY_OF_ITS_KIND:
        readings += [_read(grey, kind, None, reader) for kind in kinds[1:]]
    readings.sort(key=lambda reading: -reading.confidence)
    return _with_others(readings[0], readings[1:])


def _cut(written: Written) -> np.ndarray:
    """The ink with paper around it: a reader takes what is small beside its crop, or at its edge, for remnants."""
    box = written.ink_box
    if box is None:
        return written.grey
    left, top, right, bottom = box
    paper = max(_LEAST_PAPER, round(_PAPER * (bottom - top)))
    # Strokes end paler than ink.
    ends = max(2, paper // 2)
    ink = written.grey[max(0, top - ends) : bottom + ends, max(0, left - ends) : right + ends]
    paper -= ends
    return np.asarray(cv2.copyMakeBorder(ink, paper, paper, paper, paper, cv2.BORDER_CONSTANT, value=(255,)))


def _with_others(best: Reading, others: Sequence[Reading]) -> Reading:
    """The best reading, with what the others say among its alternatives; of several texts one at most is right."""
    known = {best.value, *(other.value for other in best.alternatives)}
    more = [
        Alternative(other.value, min(other.confidence, 1 - best.confidence))
        for other in others
        if other.value and other.value not in known
    ]
    return replace(best, alternatives=tuple(sorted((*best.alternatives, *more), key=lambda other: -other.confidence)))


def _in_cells(written: Written, field: FormField, reader: RegionReader) -> Reading:
    left, top, right, bottom = written.inside
    left, top = max(0, left), max(0, top)
    grey = written.grey[top:bottom, left:right]
    cells: int | tuple[Quad, ...] | None = field.cells
    if field.cell_spans:
        cells = tuple(_cell(span, grey.shape) for span in field.cell_spans)
    if field.kind is FieldKind.DATE:
        return _read(grey, RegionKind.DIGITS, cells, reader)
    text = _read(grey, RegionKind.TEXT, cells, reader)
    said = text.value.replace(" ", "")
    if said and sum(each.isdigit() for each in said) >= _MOSTLY_DIGITS * len(said):
        return _read(grey, RegionKind.DIGITS, cells, reader)
    return text


def _cell(span: tuple[float, float], shape: tuple[int, ...]) -> Quad:
    """Of a crop of the whole place; a little wide, since strokes cross borders."""
    height, width = shape
    margin = _CROSSING * (span[1] - span[0])
    return box_quad(max(0.0, span[0] - margin) * width, 0, min(1.0, span[1] + margin) * width, height)


def _read(grey: np.ndarray, kind: RegionKind, cells: int | tuple[Quad, ...] | None, reader: RegionReader) -> Reading:
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


def _shaped_reading(field: FormField, reading: Reading) -> Reading:
    """The reading with every value in the shape that the field's kind gives it."""
    others = tuple(Alternative(_shaped(field, other.value), other.confidence) for other in reading.alternatives)
    return replace(reading, value=_shaped(field, reading.value), alternatives=others)


def _shaped(field: FormField, text: str) -> str:
    value = text.replace(" ", "") if field.kind is FieldKind.COMB else text
    if thousands := _THOUSANDS.match(value):
        # Which sign divides thousands is one stroke's slant; what is behind it is not.
        value = thousands[1].replace(".", ",") + "." + thousands[2][1:]
    if field.kind is FieldKind.CHOICE and field.choices and value:
        nearest = max(field.choices, key=lambda choice: _alike(choice, value))
        if _alike(nearest, value) >= _LIKE_CHOICE:
            value = nearest
    return value


def _alike(choice: str, value: str) -> float:
    return SequenceMatcher(None, choice.lower(), value.lower()).ratio()
