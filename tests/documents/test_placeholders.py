"""PDFs whose pages only say that something else is to be opened: refused with what to send, in whatever language."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from config.settings import DocumentSettings
from documents.inspect import inspect
from documents.rasterise import rasterise
from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import pages_pdf, pdf, stream

ENGLISH = (
    "Please wait... If this message is not eventually replaced by the proper contents of the document, your PDF viewer "
    "may not be able to display this type of document. You can upgrade to the latest version by visiting "
    "http://www.adobe.com/go/reader_download. For more assistance visit http://www.adobe.com/go/acrreader."
)
OTHERS = (
    "Bitte warten... Weitere Hilfe: http://www.adobe.com/go/reader_download und http://www.adobe.com/go/acrreader.",
    "Veuillez patienter... http://www.adobe.com/go/reader_ download, http://www.adobe.com/go/acrreader",
    "Espere... http://www.adobe.com/go/reader_download http://www.adobe.com/go/acrreader Aguarde",
)


OLDER = (
    "Please wait... You can upgrade by visiting http://www.adobe.com/products/acrobat/readstep2.html. For more "
    "assistance visit http://www.adobe.com/support/products/acrreader.html.",
    "Die Umgebung ist nicht eingerichtet: http://www.adobe.com/go/pdf_forms_configure.",
    "The document you are trying to load requires Adobe Reader 8 or higher.",
)
COVER = "For the best experience, open this PDF portfolio in Acrobat X or Adobe Reader X, or later."
PROTECTED = (
    "This PDF Document has been protected. The reader you are using does not support opening files protected by it."
)
OTHER_WORDINGS = (
    "Please wait... this form needs JavaScript. Open it in another viewer.",
    "Loading the form, please wait. If nothing happens, your PDF reader is too old.",
    "Your browser's PDF viewer cannot display this form. Download and open it in Adobe Acrobat.",
    "To view this content, JavaScript must be enabled. Open the file in Adobe Acrobat Reader.",
    "Ihr PDF-Betrachter unterstutzt dieses Formular nicht.",
    "Votre lecteur PDF ne peut pas afficher ce document.",
    "Por favor, espere. Su visor de PDF no puede mostrar este documento.",
    "Aguarde. O seu leitor de PDF nao suporta este tipo de documento.",
)
ABOUT_PROGRAMS = (
    "Course: JavaScript for beginners. Cancellations are not supported after 1 May.",
    "We cannot open an account for applicants under 18. Adobe Reader is a trademark.",
    "Ticket 4711: the page cannot be displayed. Browser: Firefox 120.",
    "Forms are on our site. You need Adobe Reader to open them. Opening hours Monday to Friday.",
)


def in_lines(text: str) -> str:
    """As `of_text` breaks it, between words."""
    return "".join(line.ljust(40) for line in textwrap.wrap(text, 40))


def of_text(*texts: str) -> bytes:
    """A page for each text, in lines of forty letters."""
    count = len(texts)
    objects = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [%s] /Count %d>>" % (b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(count)), count),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    ]
    for number, text in enumerate(texts):
        lines = [text[start : start + 40] for start in range(0, len(text), 40)]
        shown = b"BT /F 10 Tf 12 TL 30 700 Td " + b" ".join(b"(%s) Tj T*" % line.encode() for line in lines) + b" ET"
        objects += [
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 400 800] /Contents %d 0 R "
            b"/Resources <</Font <</F 3 0 R>>>>>>" % (5 + 2 * number),
            stream(shown),
        ]
    return pdf(objects)


def changed(content: bytes) -> PdfWriter:
    return PdfWriter(clone_from=PdfReader(io.BytesIO(content)))


def xfa(content: bytes, *, rendering: bool | None, config: bytes = b"", field: bool = False) -> bytes:
    writer = changed(content)
    packet = StreamObject()
    packet._data = b"<xdp>" + config + b"</xdp>"
    form = DictionaryObject({NameObject("/Fields"): ArrayObject(), NameObject("/XFA"): writer._add_object(packet)})
    writer.root_object[NameObject("/AcroForm")] = form
    if rendering is not None:
        writer.root_object[NameObject("/NeedsRendering")] = BooleanObject(rendering)
    if field:
        widget = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject("/Tx"),
                NameObject("/T"): TextStringObject("a"),
                NameObject("/Rect"): ArrayObject(map(NumberObject, (10, 10, 90, 30))),
            }
        )
        reference = writer._add_object(widget)
        writer.pages[0][NameObject("/Annots")] = ArrayObject([reference])
        form[NameObject("/Fields")] = ArrayObject([reference])
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def attached(content: bytes, name: str = "inside.pdf") -> PdfWriter:
    writer = changed(content)
    writer.add_attachment(name, pages_pdf(1))
    return writer


def wrapper(hidden: bool = True) -> bytes:
    """As ISO 32000-2 has it: a cover, and the protected document as the file to open at first."""
    writer = attached(of_text("This document is protected."), "protected.pdf")
    payload = DictionaryObject(
        {NameObject("/Type"): NameObject("/Filespec"), NameObject("/AFRelationship"): NameObject("/EncryptedPayload")}
    )
    writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(payload)])
    if hidden:
        writer.root_object[NameObject("/Collection")] = DictionaryObject({NameObject("/View"): NameObject("/H")})
    return written(writer)


def pinned(content: bytes) -> bytes:
    writer = changed(content)
    note = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/FileAttachment"),
            NameObject("/Rect"): ArrayObject(map(NumberObject, (10, 10, 30, 30))),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])
    return written(writer)


DYNAMIC = b"<config><present><pdf><dynamicRender>required</dynamicRender></pdf></present></config>"
REFUSED = {
    "dynamic": (xfa(of_text("Bitte warten"), rendering=True), ErrorCode.DOCUMENT_XFA),
    "dynamic by its settings": (xfa(of_text("Attendere"), rendering=None, config=DYNAMIC), ErrorCode.DOCUMENT_XFA),
    "dynamic, a field on the notice": (xfa(of_text(ENGLISH), rendering=True, field=True), ErrorCode.DOCUMENT_XFA),
    "the notice alone": (of_text(ENGLISH), ErrorCode.DOCUMENT_XFA),
    **{f"the notice, {text[:6]}": (of_text(text), ErrorCode.DOCUMENT_XFA) for text in OTHERS},
    **{f"an older notice, {text[:6]}": (of_text(text), ErrorCode.DOCUMENT_XFA) for text in OLDER},
    **{f"its own notice, {text[:9]}": (of_text(in_lines(text)), ErrorCode.DOCUMENT_XFA) for text in OTHER_WORDINGS},
    "the cover of a portfolio": (of_text(COVER), ErrorCode.DOCUMENT_PORTFOLIO),
    "a cover in another language, and files": (
        written(attached(of_text("Apri questo portfolio PDF: PDF Portfolio"))), ErrorCode.DOCUMENT_PORTFOLIO
    ),
    "the cover of a protected document": (of_text(PROTECTED), ErrorCode.DOCUMENT_ENCRYPTED),
    "a white page and a file": (
        written(attached(pages_pdf(1, content=b"1 g 0 0 612 792 re f"))), ErrorCode.DOCUMENT_PORTFOLIO
    ),
    "a wrapper": (wrapper(), ErrorCode.DOCUMENT_ENCRYPTED),
    "a wrapper that hides nothing": (wrapper(hidden=False), ErrorCode.DOCUMENT_ENCRYPTED),
    "protected by Microsoft": (
        written(attached(of_text("Protected"), "MicrosoftIRMServices Protected PDF.pdf")), ErrorCode.DOCUMENT_ENCRYPTED
    ),
    "an empty page and a file": (written(attached(pages_pdf(1))), ErrorCode.DOCUMENT_PORTFOLIO),
    "empty pages and a file": (written(attached(pages_pdf(3))), ErrorCode.DOCUMENT_PORTFOLIO),
    "an empty page with a file pinned to it": (pinned(pages_pdf(1)), ErrorCode.DOCUMENT_PORTFOLIO),
}  # fmt: skip


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=list(REFUSED))
def test_a_page_that_is_none_says_what_to_send(tmp_path: Path, content: bytes, code: ErrorCode) -> None:
    assert code_of(tmp_path, content) is code


def test_a_notice_among_pages_costs_itself(tmp_path: Path) -> None:
    content = of_text("The first page.", ENGLISH, "The last one.")
    assert [code_of(tmp_path, content, number) for number in (1, 2, 3)] == [None, ErrorCode.DOCUMENT_XFA, None]


CONTENT = {
    "a form that names one address": of_text("Fill in with Adobe Reader: http://www.adobe.com/go/reader_download"),
    "long text with both": of_text(ENGLISH + " and so on" * 250),
    "an XFA form with fields": xfa(of_text("Name"), rendering=True, field=True),
    "a static XFA form": xfa(of_text("Name"), rendering=None),
    "a static XFA form by its settings": xfa(of_text("A"), rendering=False, config=DYNAMIC.replace(b"required", b"no")),
    "an invoice and its data": written(attached(of_text("Invoice"), "invoice.xml")),
    "an empty page": pages_pdf(1),
    "a letter about portfolios": written(attached(of_text("We send you a PDF portfolio. " + "Dear reader, " * 40))),
    "a form that wants a reader": of_text("This form requires Adobe Reader. Name: ________"),
    "a page with a file pinned to it": pinned(of_text("See the plan")),
    "a form with fields that names JavaScript": xfa(of_text(in_lines(OTHER_WORDINGS[3])), rendering=None, field=True),
    **{f"about programs, {text[:9]}": of_text(in_lines(text)) for text in ABOUT_PROGRAMS},
}


@pytest.mark.parametrize("content", CONTENT.values(), ids=list(CONTENT))
def test_pages_that_are_content_are_read(tmp_path: Path, content: bytes) -> None:
    assert code_of(tmp_path, content) is None


def code_of(tmp_path: Path, content: bytes, page: int = 1) -> ErrorCode | None:
    path = tmp_path / "sent.pdf"
    path.write_bytes(content)
    try:
        found = inspect(path, DocumentSettings())
        rasterise(path, found.media_type, page, DocumentSettings())
    except DocbeamError as error:
        return error.code
    return None
