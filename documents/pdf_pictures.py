"""The pictures that a PDF page shows: whether one of them is damaged."""

from __future__ import annotations

import io
import math

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from documents.jpeg_end import is_damaged, with_end_marker

_LEAST_PIXELS, _LEAST_SIDE = 64 * 64, 256
"""A picture with fewer, and with sides shorter than that, says nothing; scanners write a page as strips of a few
rows."""
_MISSING = 0.02
"""Of a picture's bytes: some programs leave the last row out."""
_ENCODED = {"DCTDecode": ("JPEG", "MPO"), "JPXDecode": ("JPEG2000",)}
_CODED_BY_ROWS = ("CCITTFaxDecode", "JBIG2Decode")
_COUNTED = ("", "FlateDecode")
"""The samples of those are counted in the file itself."""
_STORED_BITS = (2, 4, 8, 16, 24, 32, 40, 48)
_START = b"\xff\xd8"


def damaged_picture(page: pypdfium2.PdfPage) -> str | None:
    """What is wrong with a picture of the page of which the engine draws only a part; None where all are whole."""
    for each in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,)):
        if not isinstance(each, pypdfium2.PdfImage) or not matters(each.get_px_size()):
            continue
        filters = each.get_filters()
        last = filters[-1] if filters else ""
        if last in _CODED_BY_ROWS:
            continue  # Their rows end where the data do; the engine tells no more.
        coded = bytes(each.get_data(decode_simple=True)) if last in _ENCODED else None
        if not (_has_all_rows(each, last in _COUNTED) if coded is None else is_whole_coded(coded, last)):
            return f"a picture on the page is damaged or cut off ({last or 'raw'})"
    return None


def matters(size: tuple[int, int]) -> bool:
    """Whether a picture of so many pixels is large enough to say something, or long enough to be a strip of a page."""
    return math.prod(size) >= _LEAST_PIXELS or max(size) >= _LEAST_SIDE


def is_whole_coded(data: bytes, coding: str) -> bool:
    """Whether a picture of that filter (DCTDecode, JPXDecode) can be decoded to its end; True for other filters."""
    formats = _ENCODED.get(coding)
    if formats is None:
        return True
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
    return not (is_jpeg and is_damaged(data))


def _has_all_rows(picture: pypdfium2.PdfImage, counted: bool) -> bool:
    size = pdfium.FPDFImageObj_GetImageDataDecoded(picture.raw, None, 0)
    width, height = picture.get_px_size()
    told = picture.get_metadata()
    if not told.bits_per_pixel:
        return False  # The engine cannot make a picture of it at all.
    # Of indices the engine tells the bits that it makes of them, not those that are stored.
    bits = 1 if told.colorspace == pdfium.FPDF_COLORSPACE_INDEXED else told.bits_per_pixel
    if size >= (1 - _MISSING) * _row_bytes(width, bits) * height:
        return True
    # Nor of other pictures that it stores in another way: samples of two bits, of spot colours, with a key.
    return counted and any(abs(size - _row_bytes(width, each) * height) <= 1 for each in _STORED_BITS)


def _row_bytes(width: int, bits: int) -> int:
    return math.ceil(width * bits / 8)
