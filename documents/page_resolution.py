"""How finely a PDF page has to be drawn: as its pictures were scanned; and a small page as finely as its print needs.

The points of a page say little. Programs put a scan on a page of any size, in strips, within margins or in forms; and
a page may be measured in units of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from documents.pdf import page_annotations

_POINTS_PER_INCH = 72.0
_LEAST_DPI = 72.0
"""A coarser picture is a background, not a scan."""
_JUST_BELOW = 1 - 1e-5
"""The engine rounds sides up: a hair above the picture's own size would be a pixel more."""
_COVERS, _PART = 0.95, 0.25
"""Of a page, as much are the pictures of a scan; and as much of it decides how finely the page is drawn."""
_FINER = 1.05
_CELLS = 64
"""On a side of the page, in which is counted what pictures cover."""
_DEEPEST = 15
_MOST_PICTURES = 5000
_NOT_DRAWN = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_LONGEST_OF_A_PART = 3600
"""Pixels of a page whose pictures leave some of it free; a photo on a form need not be seen as finely as it is."""
_SMALL_PAGE = 1600
"""Pixels at the usual resolution: a shorter page is small, and drawn with as many at most."""
_LETTER = 18.0
"""Pixels of a letter's height at which print is read well; it is what letters of 12 points have at 200 dpi."""
_LETTERS = 2000
_USUAL_DPI = 200.0


@dataclass(frozen=True, slots=True)
class _Picture:
    bounds: tuple[float, float, float, float]
    """Left, bottom, right, top on the page."""
    dpi: float


def wanted_dpi(page: pypdfium2.PdfPage, usual: float, longest_unlisted: int = 0) -> float:
    """The resolution that does justice to the page: `usual`, or that of its pictures, or what small print needs.

    `longest_unlisted`: pixels of the longer side of a picture of which nothing but that it is shown is known.
    """
    pictures = sorted(_pictures(page), key=lambda each: -each.dpi)
    deciding, covered = _dpi_and_cover(page, pictures)
    if deciding is None:
        unlisted = min(longest_unlisted, _LONGEST_OF_A_PART) * _JUST_BELOW
        return max(usual, unlisted / _longest_inches(page), _for_small_page(page, usual))
    if covered < _COVERS:
        return max(usual, min(deciding, _LONGEST_OF_A_PART / _longest_inches(page)))
    alone = pictures[0].dpi <= _FINER * deciding and not _shows_more(page)
    return deciding if alone else max(deciding, usual)


def _pictures(page: pypdfium2.PdfPage) -> Iterator[_Picture]:
    """Those that may be of a scan, also in forms."""
    found = page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=_DEEPEST)
    for each in islice(found, _MOST_PICTURES):
        matrix, form = each.get_matrix(), each.container
        while form is not None:
            matrix, form = matrix.multiply(form.get_matrix()), form.container
        sides = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
        if not isinstance(each, pypdfium2.PdfImage) or not min(sides) > 0:
            continue
        dpi = max(pixels / side for pixels, side in zip(each.get_px_size(), sides, strict=True)) * _POINTS_PER_INCH
        if math.isfinite(dpi) and dpi >= _LEAST_DPI:
            yield _Picture(matrix.on_rect(0, 0, 1, 1), dpi * _JUST_BELOW)


def _dpi_and_cover(page: pypdfium2.PdfPage, pictures: list[_Picture]) -> tuple[float | None, float]:
    """The resolution that enough of the page is drawn with, or better, and how much of it is pictures.

    `pictures`: finest first.
    """
    left, bottom, right, top = page.get_bbox()
    if not (right > left and top > bottom):
        return None, 0.0
    cells, deciding, covered = np.zeros((_CELLS, _CELLS), np.bool_), None, 0.0
    for each in pictures:
        x0, y0, x1, y1 = each.bounds
        columns = _span((x0 - left) / (right - left), (x1 - left) / (right - left))
        rows = _span((y0 - bottom) / (top - bottom), (y1 - bottom) / (top - bottom))
        cells[rows, columns] = True
        covered = float(cells.mean())
        if deciding is None and covered >= _PART:
            deciding = each.dpi
    return deciding, covered


def _span(start: float, end: float) -> slice:
    low, high = sorted(min(max(each, 0.0), 1.0) * _CELLS for each in (start, end))
    return slice(round(low), round(high))


def _shows_more(page: pypdfium2.PdfPage) -> bool:
    """Than pictures and what text recognition wrote behind them."""
    for each in page.get_objects(max_depth=_DEEPEST):
        if each.type == pdfium.FPDF_PAGEOBJ_TEXT:
            if pdfium.FPDFTextObj_GetTextRenderMode(each.raw) != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                return True
        elif each.type not in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            return True
    return _has_notes(page)


def _has_notes(page: pypdfium2.PdfPage) -> bool:
    return any(pdfium.FPDFAnnot_GetSubtype(each) not in _NOT_DRAWN for each in page_annotations(page))


def _for_small_page(page: pypdfium2.PdfPage, usual: float) -> float:
    """0 for a page that is not small, or has no text."""
    longest, finer = _longest_inches(page), usual / _USUAL_DPI
    if longest * usual >= _SMALL_PAGE * finer:
        return 0.0
    height = _letter_height(page)
    if height is None:
        return 0.0
    return min(_LETTER * finer / height * _POINTS_PER_INCH, _SMALL_PAGE * finer / longest)


def _longest_inches(page: pypdfium2.PdfPage) -> float:
    return float(max(*page.get_size(), 1e-3)) / _POINTS_PER_INCH


def _letter_height(page: pypdfium2.PdfPage) -> float | None:
    """The usual one, in points; None where the page has no text."""
    text = page.get_textpage()
    try:
        heights = []
        for number in range(min(_LETTERS, text.count_chars())):
            _, bottom, _, top = text.get_charbox(number)
            if top > bottom:
                heights.append(top - bottom)
        return float(np.median(heights)) if heights else None
    finally:
        text.close()
