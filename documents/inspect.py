"""What a document is and how many pages it has, without decoding a pixel."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from config.settings import DocumentSettings
from documents.images import check_source_pixels, open_image
from documents.media_type import PDF, TIFF, detect_media_type
from documents.pdf import open_pdf
from documents.placeholders import refuse_placeholder
from documents.tiff import TiffFrame, read_tiff_frames
from documents.tiff_samples import has_samples, not_read
from schemas.errors import DocbeamError, ErrorCode


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of a document before any page is decoded."""

    media_type: str
    page_count: int


def inspect(path: Path, settings: DocumentSettings) -> Inspection:
    """Look at the file at `path`.

    Runs native code on hostile input: call it in a process that may be killed. Raises DocbeamError DOCUMENT_EMPTY,
    UNSUPPORTED_MEDIA_TYPE, DOCUMENT_ENCRYPTED, DOCUMENT_CORRUPT, DOCUMENT_XFA, DOCUMENT_PORTFOLIO, TOO_MANY_PAGES or
    TOO_MANY_PIXELS, and FileNotFoundError when the cache has dropped the file: fetch it again.
    """
    media_type = detect_media_type(path)
    if media_type == PDF:
        return Inspection(media_type, _count_pdf_pages(path, settings.max_pages))
    frames: tuple[TiffFrame, ...] = ()
    if media_type == TIFF:
        frames = read_tiff_frames(path, settings.max_pages)
        for number, frame in enumerate(frames, start=1):
            check_source_pixels(frame.width, frame.height, settings, page=number)
        page_count = len(frames)
    else:
        # An animated PNG or WebP and a JPEG with a preview are one page: what a viewer shows first.
        page_count = 1
    try:
        with open_image(path, media_type, ErrorCode.DOCUMENT_CORRUPT) as image:
            check_source_pixels(*image.size, settings)
    except DocbeamError as error:
        if media_type != TIFF or error.code is not ErrorCode.DOCUMENT_CORRUPT:
            raise
        if not has_samples(path):
            raise DocbeamError(ErrorCode.DOCUMENT_CORRUPT, not_read(frames[0])) from None
    return Inspection(media_type, page_count)


def _count_pdf_pages(path: Path, max_pages: int) -> int:
    with open_pdf(path) as document:
        page_count = len(document)
        if page_count > max_pages:
            raise DocbeamError(
                ErrorCode.TOO_MANY_PAGES, f"the PDF has {page_count} pages, more than {max_pages}; split it"
            )
        with suppress(pypdfium2.PdfiumError):
            # A page that cannot be opened fails when it is drawn.
            refuse_placeholder(document, path)
    return page_count
