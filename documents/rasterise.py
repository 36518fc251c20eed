"""One page of a document as pixels, never more of them than the budget."""

from __future__ import annotations

import math
from pathlib import Path

import pypdfium2

from config.settings import DocumentSettings
from documents.bare_annotations import draw_bare_annotations
from documents.image_pages import rasterise_image_page
from documents.media_type import PDF
from documents.page_resolution import wanted_dpi
from documents.pdf import open_pdf
from documents.pdf_pictures import damaged_picture
from documents.pdf_streams import look_through
from documents.placeholders import refuse_placeholder_page
from documents.raster import RasterPage, budget_scale, credible_dpi, grey_if_colourless
from documents.tone import positive
from schemas.errors import DocbeamError, ErrorCode

__all__ = ["RasterPage", "rasterise"]

_POINTS_PER_INCH = 72.0
_A_LITTLE_LESS = 0.999
_LEAST_DPI = 36.0
"""Print of ordinary size is illegible below this; such a page is refused rather than read as noise."""


def rasterise(path: Path, media_type: str, page_number: int, settings: DocumentSettings) -> RasterPage:
    """Page `page_number` (from 1) of the file at `path`, as a viewer shows it: turned, flattened on white, 8 bits.

    Only negatives, and large parts of pages that are, are shown dark on bright.

    `media_type` is what `inspect` found. Runs native code on hostile input: call it in a process that may be killed.
    Raises DocbeamError PAGE_UNREADABLE, TOO_MANY_PIXELS, for a page that is only a notice DOCUMENT_XFA,
    DOCUMENT_PORTFOLIO or DOCUMENT_ENCRYPTED, or what opening the document raises;
    FileNotFoundError when the cache has dropped the file: fetch it again.
    """
    try:
        if media_type == PDF:
            page = _rasterise_pdf_page(path, page_number, settings)
        else:
            page = rasterise_image_page(path, media_type, page_number, settings)
    except DocbeamError as error:
        if error.page is not None:
            raise
        raise DocbeamError(error.code, error.message, page=page_number) from None
    pixels, negative = positive(page.pixels)
    return RasterPage(pixels, page.dpi, negative=negative)


def _rasterise_pdf_page(path: Path, page_number: int, settings: DocumentSettings) -> RasterPage:
    with open_pdf(path) as document:
        try:
            page = document[page_number - 1]
        except (pypdfium2.PdfiumError, IndexError):
            raise DocbeamError(ErrorCode.PAGE_UNREADABLE, "the PDF's page object is damaged or missing") from None
        try:
            refuse_placeholder_page(page)
            streams = look_through(path, page, page_number)
            damage = damaged_picture(page) or streams.lacking
            if damage is not None:
                raise DocbeamError(ErrorCode.PAGE_UNREADABLE, f"{damage}; scan or send it anew")
            draw_bare_annotations(page)
            return _render(page, wanted_dpi(page, settings.dpi, streams.longest_unlisted), settings)
        except (pypdfium2.PdfiumError, RuntimeError, ValueError) as error:
            message = f"the PDF engine could not draw the page ({type(error).__name__})"
            raise DocbeamError(ErrorCode.PAGE_UNREADABLE, message) from None
        finally:
            page.close()


def _render(page: pypdfium2.PdfPage, wanted: float, settings: DocumentSettings) -> RasterPage:
    width, height = page.get_size()
    dpi = _affordable_dpi(width, height, wanted, settings)
    bitmap = page.render(scale=dpi / _POINTS_PER_INCH, draw_annots=True, may_draw_forms=True)
    try:
        pixels = grey_if_colourless(bitmap.to_numpy())
        return RasterPage(pixels, credible_dpi(dpi, max(pixels.shape)))
    finally:
        bitmap.close()


def _affordable_dpi(width: float, height: float, wanted: float, settings: DocumentSettings) -> float:
    """The dpi, `wanted` at most, at which a page of `width` x `height` points (cropped and turned) is in the budget."""
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, "the PDF page has no size; print the document anew")
    scale = wanted / _POINTS_PER_INCH
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
