"""Reads the field of a form that holds a bar code, such as a label that was stuck there."""

from __future__ import annotations

from collections.abc import Iterable

from models.catalog.form_reader.written import Written
from schemas.fields import FieldState
from schemas.prediction import Barcode, Quad, bounds
from schemas.reading import Reading

_SURE = 0.999
"""The code's own check digits hold."""
_SURELY_BLANK, _MAYBE = 0.99, 0.5
_LEAST_INK = 0.02
"""Of the place; a code covers a third of its own."""


def read_barcode(quad: Quad, found: Iterable[Barcode], written: Written) -> Reading:
    """The code in the place; several with line feeds between, top to bottom. `quad` and `found` in the same pixels."""
    left, top, right, bottom = bounds(quad)
    here = [code.value for code in found if _within(code.quad, left, top, right, bottom)]
    if here:
        value = "\n".join(here)
        return Reading(FieldState.FILLED, value, _SURE, value)
    if written.share >= _LEAST_INK:
        return Reading(FieldState.UNREADABLE, confidence=_MAYBE, rejected=True)
    return Reading(FieldState.BLANK, confidence=_SURELY_BLANK)


def _within(quad: Quad, left: float, top: float, right: float, bottom: float) -> bool:
    x, y = sum(quad[0::2]) / 4, sum(quad[1::2]) / 4
    return left <= x <= right and top <= y <= bottom
