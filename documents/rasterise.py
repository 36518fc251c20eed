"""One page of a document as pixels, never more of them than the budget."""

from __future__ import annotations

import math
from pathlib import Path

import pypdfium2

from config.settings import DocumentSettings
from documents.image_pages import rasterise_image_page
from documents.media_type import PDF
from documents.pdf import open_pdf
from documents.raster import RasterPage, budget_scale, grey_if_colourless
from schemas.errors import DocbeamError, ErrorCode

__all__ = ["RasterPage", "rasterise"]

_POINTS_PER_INCH = 72.0
_A_LITTLE_LESS = 0.999
_LEAST_DPI = 36.0
"""Print of ordinary size is illegible below this; such a page is refused rather than read as noise."""


def rasterise(path: Path, media_type: str, page_number: int, settings: DocumentSettings) -> RasterPage:
    """Page `page_number` (from 1) of the file at `path`, as a viewer shows it: turned, flattened on white, 8 bits.

    `media_type` is what `inspect` found. Runs native code on hostile input: call it in a process that may be killed.
    Raises DocbeamError PAGE_UNREADABLE, TOO_MANY_PIXELS, or what opening the document raises;
    FileNotFoundError when the cache has dropped the file: fetch it again.
    """
    try:
        if media_type == PDF:
            return _rasterise_pdf_page(path, page_number, settings)
        return rasterise_image_page(path, media_type, page_number, settings)
    except DocbeamError as error:
        if error.page is not None:
            raise
        raise DocbeamError(error.code, error.message, page=page_number) from None


def _rasterise_pdf_page(path: Path, page_number: int, settings: DocumentSettings) -> RasterPage:
    with open_pdf(path) as document:
        try:
            page = document[page_number - 1]
        except (pypdfium2.PdfiumError, IndexError):
            raise DocbeamError(ErrorCode.PAGE_UNREADABLE, "the PDF's page object is damaged or missing") from None
        try:
            return _render(page, settings)
        except (pypdfium2.PdfiumError, RuntimeError, ValueError) as error:
            message = f"the PDF engine could not draw the page ({type(error).__name__})"
            raise DocbeamError(ErrorCode.PAGE_UNREADABLE, message) from None
        finally:
            page.close()


def _render(page: pypdfium2.PdfPage, settings: DocumentSettings) -> RasterPage:
    width, height = page.get_size()
    dpi = _affordable_dpi(width, height, settings)
    bitmap = page.render(scale=dpi / _POINTS_PER_INCH, draw_annots=True, may_draw_forms=True)
    try:
        return RasterPage(grey_if_colourless(bitmap.to_numpy()), dpi)
    finally:
        bitmap.close()


def _affordable_dpi(width: float, height: float, settings: DocumentSettings) -> float:
    """The dpi at which a page of `width` x `height` points (already cropped and turned) stays in the budget."""
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, "the PDF page has no size; print the document anew")
    scale = settings.dpi / _POINTS_PER_INCH
    scale *= budget_scale(width * scale, height * scale, settings.max_pixels)
    while math.ceil(width * scale) * math.ceil(height * scale) > settings.max_pixels:
        # The engine rounds sides up to whole pixels.
        scale *= _A_LITTLE_LESS
    dpi = scale * _POINTS_PER_INCH
    if dpi < _LEAST_DPI:
        raise DocbeamError(
            ErrorCode.TOO_MANY_PIXELS,
            f"a page of {width:.0f} x {height:.0f} points exceeds {settings.max_pixels} pixels even at "
            f"{_LEAST_DPI:.0f} dpi; send it smaller",
        )
    return dpi
