"""The one door to the PDF engine, which is not thread-safe: everything happens under one process-wide lock."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from schemas.errors import DocbeamError, ErrorCode

# It quotes what it cannot read.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)
_LOCK = threading.Lock()
_NO_ERROR = pdfium.FPDF_ERR_FILE
"""What `_forget_last_error` leaves, as no file has an empty name; ours are regular files that do open."""
_LOCKED_CODES = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


@contextmanager
def engine() -> Iterator[None]:
    """The engine's lock, for those who open documents of their own making."""
    with _LOCK:
        yield


@contextmanager
def open_pdf(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """The document, its forms ready to be drawn, for as long as the block holds the engine's lock.

    Close pages and bitmaps inside the block: their finalizers call the engine too.
    Raises DocbeamError DOCUMENT_ENCRYPTED when a password is needed, DOCUMENT_EMPTY without pages, DOCUMENT_CORRUPT
    for anything else that cannot be opened, and OSError for a file that cannot be.
    """
    with _LOCK:
        document = _open(path)
        try:
            _ready_forms(document)
            yield document
        finally:
            document.close()


def _open(path: Path) -> pypdfium2.PdfDocument:
    """pypdfium2's own way leaves a document without pages open in the engine, and its file with it."""
    with path.open("rb"):
        # The engine does not tell a file that cannot be opened from one it cannot read.
        _forget_last_error()
        opened = pdfium.FPDF_LoadDocument(os.fsencode(path) + b"\0", None)
    if not opened:
        raise _open_error(pdfium.FPDF_GetLastError())
    if pdfium.FPDF_GetPageCount(opened) < 1:
        pdfium.FPDF_CloseDocument(opened)
        raise _open_error(_NO_ERROR)
    return pypdfium2.PdfDocument(opened)


def _forget_last_error() -> None:
    """The engine sets its last error on some failures only: what an earlier document left must not count."""
    pdfium.FPDF_LoadDocument(b"", None)


def page_annotations(page: pypdfium2.PdfPage) -> Iterator[Any]:
    """The engine's handles of a page's annotations, each closed behind its turn, also where nobody wants the rest."""
    for number in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, number)
        if annotation:
            try:
                yield annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


def _ready_forms(document: pypdfium2.PdfDocument) -> None:
    try:
        document.init_forms()
    except pypdfium2.PdfiumError:
        # Broken form structures cost the filled-in values, not the page beneath them.
        return


def _open_error(code: int) -> DocbeamError:
    if code in _LOCKED_CODES:
        return DocbeamError(
            ErrorCode.DOCUMENT_ENCRYPTED, "the PDF opens only with a password or certificate; send it unlocked"
        )
    if code == _NO_ERROR:
        # The engine opens no document without pages, and finds no fault with it either.
        return DocbeamError(ErrorCode.DOCUMENT_EMPTY, "no page can be found in the PDF; send one that has some")
    return DocbeamError(ErrorCode.DOCUMENT_CORRUPT, "the PDF's structure cannot be read; save or print it anew")
