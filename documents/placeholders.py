"""PDFs whose pages are not what was to be sent: notices and covers of what viewers cannot show, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from documents.notices import MOST_CHARACTERS, notice_in
from documents.pdf import page_annotations
from documents.said_notices import said_notice_in
from schemas.errors import DocbeamError, ErrorCode

_HIDDEN = "/H"
_DYNAMIC = re.compile(rb"<dynamicRender\s*>\s*required")
"""In the packet of an XFA form's settings (XFA 3.3, part 2, "dynamicRender")."""
_PAYLOAD, _OF_MICROSOFT = "/EncryptedPayload", "MicrosoftIRMServices"
_COVER = "pdfportfolio"
_COVER_CHARACTERS = 400
"""Of the page that Adobe's programs put before a portfolio; the words in between are in the sender's language."""
_LOOK_DPI = 20
_WHITE = 250
_MOST_POINTS = 4000 * 4000
_XFA = (
    "an XFA form without ordinary fields or pages; open it in the program that made it and print it to an ordinary PDF"
)


def refuse_placeholder(document: pypdfium2.PdfDocument, path: Path) -> None:
    """Raise what says what to send, where the document's pages are no more than a notice or a cover.

    DocbeamError DOCUMENT_XFA, DOCUMENT_PORTFOLIO or DOCUMENT_ENCRYPTED; PdfiumError for a page that cannot be opened.
    """
    if _is_xfa_alone(document, path):
        raise DocbeamError(ErrorCode.DOCUMENT_XFA, f"the PDF is {_XFA}")
    if pdfium.FPDFDoc_GetAttachmentCount(document.raw) < 1:
        return
    root = _root(path)
    if _is_wrapper(root, document):
        raise DocbeamError(
            ErrorCode.DOCUMENT_ENCRYPTED,
            "the PDF's pages are the cover of a protected document inside; open that with the rights it asks for and "
            "send it unprotected",
        )
    if _is_portfolio(root) or all(_is_cover(page) for page in islice(_pages(document), 1)):
        raise DocbeamError(
            ErrorCode.DOCUMENT_PORTFOLIO,
            "the PDF is a portfolio, whose pages only announce the files in it; send those",
        )
    if all(_shows_nothing(page) for page in _pages(document)):
        raise DocbeamError(
            ErrorCode.DOCUMENT_PORTFOLIO, "the PDF's pages are empty and files are attached to it; send those"
        )


def refuse_placeholder_page(page: pypdfium2.PdfPage) -> None:
    """The same for one page among others."""
    kinds, text = _kinds(page), _text(page)
    # A page that can be filled is shown, whatever it says of other programs.
    notice = notice_in(_closed_up(text)) or (None if pdfium.FPDF_ANNOT_WIDGET in kinds else said_notice_in(text))
    if notice is not None:
        raise notice
    if pdfium.FPDF_ANNOT_FILEATTACHMENT in kinds and _shows_nothing(page):
        raise DocbeamError(ErrorCode.DOCUMENT_PORTFOLIO, "the page shows only that files are pinned to it; send those")


def _closed_up(text: str) -> str:
    """Without blanks, since an address may be broken at the end of a line."""
    return "".join(text.split())


def _text(page: pypdfium2.PdfPage) -> str:
    """All of it; "" where it cannot be read, or is too long for a notice."""
    try:
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError:
        return ""
    try:
        return str(text_page.get_text_range()) if text_page.count_chars() <= 2 * MOST_CHARACTERS else ""
    finally:
        text_page.close()


def _is_xfa_alone(document: pypdfium2.PdfDocument, path: Path) -> bool:
    """Whether the document is a dynamic XFA form (ISO 32000-1, 12.7.8), with no fields that say what was typed."""
    kind = document.get_formtype()
    dynamic = kind == pdfium.FORMTYPE_XFA_FULL or (
        kind == pdfium.FORMTYPE_XFA_FOREGROUND and any(_DYNAMIC.search(packet) for packet in _xfa_packets(path))
    )
    if not dynamic:
        return False
    has_fields = any(pdfium.FPDF_ANNOT_WIDGET in _kinds(page) for page in _pages(document))
    return not has_fields or all(notice_in(_closed_up(_text(page))) is not None for page in islice(_pages(document), 1))


def _xfa_packets(path: Path) -> Iterator[bytes]:
    """By another reader: the engine tells how long they are, and zeros."""
    try:
        told = _root(path)["/AcroForm"]["/XFA"]  # type: ignore[index]
        for each in told if isinstance(told, ArrayObject) else [told]:
            packet = each.get_object()
            if isinstance(packet, StreamObject):
                yield bytes(packet.get_data())
    except Exception:
        # Of what cannot be read nothing is known.
        return


def _pages(document: pypdfium2.PdfDocument) -> Iterator[pypdfium2.PdfPage]:
    """Each page for its turn."""
    for page in document:
        try:
            yield page
        finally:
            page.close()


def _kinds(page: pypdfium2.PdfPage) -> list[int]:
    """Of the page's annotations."""
    return [pdfium.FPDFAnnot_GetSubtype(each) for each in page_annotations(page)]


def _shows_nothing(page: pypdfium2.PdfPage) -> bool:
    """Nothing that anybody sees is drawn on the page, and nothing but files is pinned to it."""
    if not set(_kinds(page)) <= {pdfium.FPDF_ANNOT_FILEATTACHMENT, pdfium.FPDF_ANNOT_POPUP}:
        return False
    if next(iter(page.get_objects(max_depth=1)), None) is None:
        return True
    width, height = page.get_size()
    if not 0 < width * height < _MOST_POINTS:
        return False
    bitmap = page.render(scale=_LOOK_DPI / 72, draw_annots=False)
    try:
        return bool(bitmap.to_numpy().min() >= _WHITE)
    finally:
        bitmap.close()


def _is_cover(page: pypdfium2.PdfPage) -> bool:
    """Of a portfolio that some program has made an ordinary PDF of, with the files still in it."""
    text = _closed_up(_text(page)).lower().replace("-", "")
    return _COVER in text and len(text) <= _COVER_CHARACTERS


def _root(path: Path) -> DictionaryObject:
    """The catalogue; an empty one where it cannot be read: the engine opened the file, so it is no reason to refuse."""
    try:
        root = PdfReader(path).trailer["/Root"].get_object()
        return root if isinstance(root, DictionaryObject) else DictionaryObject()
    except Exception:
        return DictionaryObject()


def _is_wrapper(root: DictionaryObject, document: pypdfium2.PdfDocument) -> bool:
    """Whether a protected document is inside (ISO 32000-2, 7.6.7), under whatever a reader of it may call it."""
    files = root.get("/AF")
    files = files.get_object() if files is not None else None
    told = [each.get_object().get("/AFRelationship") for each in files] if isinstance(files, list) else []
    return _PAYLOAD in told or any(name.startswith(_OF_MICROSOFT) for name in _attached_names(document))


def _attached_names(document: pypdfium2.PdfDocument) -> Iterator[str]:
    for number in range(document.count_attachments()):
        try:
            yield document.get_attachment(number).get_name()
        except pypdfium2.PdfiumError:
            continue


def _is_portfolio(root: DictionaryObject) -> bool:
    """Not where the collection is hidden at first: then the pages are what the sender sees (12.3.5: /Collection)."""
    collection = root.get("/Collection")
    collection = collection.get_object() if collection is not None else None
    return isinstance(collection, DictionaryObject) and collection.get("/View") != _HIDDEN
