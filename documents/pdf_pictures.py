"""The pictures that a PDF page shows: how finely it was scanned, and whether one of them is damaged."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from documents.jpeg_end import lacks_rows, with_end_marker

_POINTS_PER_INCH = 72.0
_COVERS = 0.95
"""Of a page, as much is the picture of a scan."""
_LEAST_DPI = 72.0
"""A coarser picture of a whole page is a background, not a scan."""
_JUST_BELOW = 1 - 1e-5
"""The engine rounds sides up: a hair above the picture's own size would be a pixel more."""
LEAST_PIXELS = 64 * 64
"""A smaller picture says nothing by itself; scanners write a page as strips of a few rows."""
_MISSING = 0.02
"""Of a picture's bytes: some programs leave the last row out."""
_ENCODED = {"DCTDecode": ("JPEG", "MPO"), "JPXDecode": ("JPEG2000",)}
_CODED_BY_ROWS = ("CCITTFaxDecode", "JBIG2Decode")
_START = b"\xff\xd8"


def scan_dpi(page: pypdfium2.PdfPage) -> tuple[float | None, bool]:
    """The resolution of the finest picture that covers the page, and whether the page shows nothing else.

    (None, False) for a page that is no scan.
    """
    finest, alone = None, True
    for each in page.get_objects(max_depth=1):
        dpi = _covering(each, page) if isinstance(each, pypdfium2.PdfImage) else None
        if dpi is not None:
            finest = max(dpi, finest or 0.0)
        elif not _invisible(each):
            alone = False
    return finest, finest is not None and alone


def damaged_picture(page: pypdfium2.PdfPage) -> str | None:
    """What is wrong with a picture of the page of which the engine draws only a part; None where all are whole."""
    for each in _pictures(page):
        filters = each.get_filters()
        last = filters[-1] if filters else ""
        if last in _CODED_BY_ROWS:
            continue  # Their rows end where the data do; the engine tells no more.
        if last in _ENCODED:
            whole = _decodes(bytes(each.get_data(decode_simple=True)), _ENCODED[last])
        else:
            whole = _has_all_rows(each)
        if not whole:
            return f"a picture on the page is damaged or cut off ({last or 'raw'})"
    return None


def _covering(picture: pypdfium2.PdfImage, page: pypdfium2.PdfPage) -> float | None:
    """The picture's dots per inch; None where it leaves some of the page free or is too coarse."""
    left, bottom, right, top = page.get_cropbox()
    x0, y0, x1, y1 = picture.get_bounds()
    seen = max(0.0, min(x1, right) - max(x0, left)) * max(0.0, min(y1, top) - max(y0, bottom))
    matrix = picture.get_matrix()
    sides = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    if seen < _COVERS * (right - left) * (top - bottom) or min(sides) <= 0:
        return None
    dpi = max(pixels / side for pixels, side in zip(picture.get_px_size(), sides, strict=True)) * _POINTS_PER_INCH
    return dpi * _JUST_BELOW if math.isfinite(dpi) and dpi >= _LEAST_DPI else None


def _invisible(each: pypdfium2.PdfObject) -> bool:
    """What text recognition wrote behind a scan."""
    if each.type != pdfium.FPDF_PAGEOBJ_TEXT:
        return False
    return bool(pdfium.FPDFTextObj_GetTextRenderMode(each.raw) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)


def _pictures(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfImage]:
    for each in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,)):
        if isinstance(each, pypdfium2.PdfImage) and math.prod(each.get_px_size()) >= LEAST_PIXELS:
            yield each


def _decodes(data: bytes, formats: tuple[str, ...]) -> bool:
    is_jpeg = formats[0] == "JPEG"
    data = data[max(0, data.find(_START)) :] if is_jpeg else data
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            # The coded data are read to their end; a picture of an eighth costs less to make of them.
            image.draft(None, (image.width // 8, image.height // 8))
            image.load()
    except Exception:
        # Decoders let every kind of exception out of broken data.
        return is_jpeg and with_end_marker(data) is not None
    return not (is_jpeg and lacks_rows(data))


def _has_all_rows(picture: pypdfium2.PdfImage) -> bool:
    size = pdfium.FPDFImageObj_GetImageDataDecoded(picture.raw, None, 0)
    width, height = picture.get_px_size()
    told = picture.get_metadata()
    if not told.bits_per_pixel:
        return False  # The engine cannot make a picture of it at all.
    # Of indices the engine tells the bits that it makes of them, not those that are stored.
    bits = 1 if told.colorspace == pdfium.FPDF_COLORSPACE_INDEXED else told.bits_per_pixel
    return bool(size >= (1 - _MISSING) * height * math.ceil(width * bits / 8))
