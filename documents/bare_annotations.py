"""Annotations that say what they show and bring no picture of it: viewers draw them, and the engine leaves some out."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from documents.pdf import page_annotations

_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_MOST = 1000
_USUAL_WIDTH = 1.0
_BLACK = (0, 0, 0)
Point = tuple[float, float]


def draw_bare_annotations(page: pypdfium2.PdfPage) -> None:
    """Put on the page, in memory alone, what lines and polygons without an appearance show.

    Those of other kinds the engine draws itself, or nobody knows how they look.
    """
    for annotation in islice(page_annotations(page), _MOST):
        draw = _DRAWN.get(pdfium.FPDFAnnot_GetSubtype(annotation))
        if draw is None or pdfium.FPDFAnnot_HasKey(annotation, b"AP"):
            continue
        if not pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
            draw(page, annotation)


def _line(page: pypdfium2.PdfPage, annotation: Any) -> None:
    start, end = pdfium.FS_POINTF(), pdfium.FS_POINTF()
    if pdfium.FPDFAnnot_GetLine(annotation, start, end):
        _stroke(page, annotation, [(start.x, start.y), (end.x, end.y)])


def _vertices(page: pypdfium2.PdfPage, annotation: Any) -> None:
    count = pdfium.FPDFAnnot_GetVertices(annotation, None, 0)
    points = (pdfium.FS_POINTF * count)()
    pdfium.FPDFAnnot_GetVertices(annotation, points, count)
    corners = [(point.x, point.y) for point in points]
    if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_POLYGON:
        corners += corners[:1]
    _stroke(page, annotation, corners)


def _stroke(page: pypdfium2.PdfPage, annotation: Any, points: Sequence[Point]) -> None:
    if len(points) < 2:
        return
    path = pdfium.FPDFPageObj_CreateNewPath(*points[0])
    for x, y in points[1:]:
        pdfium.FPDFPath_LineTo(path, x, y)
    pdfium.FPDFPath_SetDrawMode(path, pdfium.FPDF_FILLMODE_NONE, True)
    pdfium.FPDFPageObj_SetStrokeColor(path, *_colour(annotation), 255)
    pdfium.FPDFPageObj_SetStrokeWidth(path, _width(annotation))
    pdfium.FPDFPage_InsertObject(page.raw, path)


def _colour(annotation: Any) -> tuple[int, int, int]:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    known = pdfium.FPDFAnnot_GetColor(annotation, pdfium.FPDFANNOT_COLORTYPE_Color, red, green, blue, alpha)
    return (red.value, green.value, blue.value) if known else _BLACK


def _width(annotation: Any) -> float:
    across, down, width = (ctypes.c_float() for _ in range(3))
    known = pdfium.FPDFAnnot_GetBorder(annotation, across, down, width)
    return width.value if known and width.value > 0 else _USUAL_WIDTH


_DRAWN: dict[int, Callable[[pypdfium2.PdfPage, Any], None]] = {
    pdfium.FPDF_ANNOT_LINE: _line,
    pdfium.FPDF_ANNOT_POLYGON: _vertices,
    pdfium.FPDF_ANNOT_POLYLINE: _vertices,
}
