"""Reads what a PDF page says beside its picture, so that nobody has to guess at what was typed."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from documents.pdf import open_pdf, page_annotations
from documents.symbol_fonts import outlined, symbol_of
from schemas.pdf_content import PdfContent, PdfField, PdfFieldType
from schemas.prediction import Quad, box_quad

MAX_CHARACTERS = 50_000
"""Of a page; one with more is read from its picture."""
MAX_VALUE = 10_000
"""Characters of a value; the field of a longer one is read from its picture."""
MAX_WIDGETS = 5_000
_STEPS = 1_000_000
"""Into which the engine is asked to divide a page's sides: it counts in whole ones."""
_FULL_PAGE = 0.5
"""A picture that covers as much of the page hides what was drawn before it."""
_FONT_NAME = 128
"""Bytes; a longer name is none of a font that we know."""
_DEEPEST = 15
"""Levels of forms within forms."""
_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_OUTLINED = (pdfium.FPDF_TEXTRENDERMODE_STROKE, pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP)
_TYPES = {
    pdfium.FPDF_FORMFIELD_TEXTFIELD: PdfFieldType.TEXT,
    pdfium.FPDF_FORMFIELD_COMBOBOX: PdfFieldType.CHOICE,
    pdfium.FPDF_FORMFIELD_LISTBOX: PdfFieldType.CHOICE,
    pdfium.FPDF_FORMFIELD_CHECKBOX: PdfFieldType.CHECKBOX,
    pdfium.FPDF_FORMFIELD_RADIOBUTTON: PdfFieldType.RADIO,
    pdfium.FPDF_FORMFIELD_SIGNATURE: PdfFieldType.SIGNATURE,
}
_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_SIGNED = "signed"
_Text = Callable[[Any, int], int]


def pdf_content(path: Path, page_number: int) -> PdfContent:
    """What the PDF at `path` says of its page `page_number`, from 1; in fractions of the page as a viewer shows it.

    Runs native code on hostile input: call it in a process that may be killed. Raises DocbeamError as `open_pdf` does;
    what cannot be read of the page is left out, since its picture is still there.
    """
    with open_pdf(path) as document:
        try:
            page = document[page_number - 1]
        except (pypdfium2.PdfiumError, IndexError):
            return PdfContent((), "", np.zeros((0, 4)))
        try:
            return PdfContent(tuple(_fields(document, page)), *_visible_text(page))
        finally:
            page.close()


def _fields(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> Iterator[PdfField]:
    if document.formenv is None:
        return
    form = document.formenv.raw
    for annotation in islice(page_annotations(page), MAX_WIDGETS):
        found = _field(form, page, annotation)
        if found is not None:
            yield found


def _field(form: Any, page: pypdfium2.PdfPage, annotation: Any) -> PdfField | None:
    if pdfium.FPDFAnnot_GetSubtype(annotation) != pdfium.FPDF_ANNOT_WIDGET:
        return None
    kind = _TYPES.get(pdfium.FPDFAnnot_GetFormFieldType(form, annotation))
    rectangle = pdfium.FS_RECTF()
    if kind is None or not pdfium.FPDFAnnot_GetRect(annotation, rectangle):
        return None
    if pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
        return None
    name = _string(partial(pdfium.FPDFAnnot_GetFormFieldName, form, annotation))
    value = _value(form, annotation, kind)
    if name is None or value is None:
        return None
    on = kind in (PdfFieldType.CHECKBOX, PdfFieldType.RADIO) and bool(pdfium.FPDFAnnot_IsChecked(form, annotation))
    return PdfField(name, kind, value, on, _shown(page, rectangle))


def _value(form: Any, annotation: Any, kind: PdfFieldType) -> str | None:
    if kind is PdfFieldType.CHOICE:
        chosen = _chosen(form, annotation)
        if chosen:
            return chosen
    if kind is PdfFieldType.SIGNATURE:
        # /V is a dictionary: what is in it is of no use here, that it is there is.
        return _SIGNED if pdfium.FPDFAnnot_HasKey(annotation, b"V") else ""
    if kind in (PdfFieldType.CHECKBOX, PdfFieldType.RADIO):
        return ""
    typed = _string(partial(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation))
    return None if typed is None else typed.replace("\r\n", "\n").replace("\r", "\n")


def _chosen(form: Any, annotation: Any) -> str:
    """What people see of the options that are chosen; the field's value may be what a program calls them."""
    chosen = [
        number
        for number in range(min(MAX_WIDGETS, pdfium.FPDFAnnot_GetOptionCount(form, annotation)))
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, number)
    ]
    labels = (_string(partial(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, number)) for number in chosen)
    return "\n".join(label for label in labels if label)


def _string(call: _Text) -> str | None:
    """A text of the engine's, which counts in bytes of UTF-16 with two zeros behind; None where it is too long."""
    size = call(None, 0)
    if size <= 2:
        return ""
    if size > 2 * MAX_VALUE:
        return None
    buffer = ctypes.create_string_buffer(size)
    call(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", errors="replace").replace("\0", "")


def _hides_text(page: pypdfium2.PdfPage) -> Callable[[Any], bool]:
    """Whether a text object lies under a picture of the page, where scanners' programs put what they read."""
    width, height = page.get_size()
    order: dict[int | None, int] = {}
    last = -1
    for number, drawn in enumerate(page.get_objects(max_depth=_DEEPEST)):
        order[_address(drawn.raw)] = number
        if drawn.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = drawn.get_bounds()
            if abs(right - left) * abs(top - bottom) >= _FULL_PAGE * width * height:
                last = number
    return lambda text: order.get(_address(text), -1) < last


def _address(drawn: Any) -> int | None:
    return ctypes.cast(drawn, ctypes.c_void_p).value


def _visible_text(page: pypdfium2.PdfPage) -> tuple[str, npt.NDArray[np.float64]]:
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > MAX_CHARACTERS:
            return "", np.zeros((0, 4))
        characters, boxes = [], []
        is_hidden = _hides_text(page)
        for number in range(count):
            character, box = _character(page, text_page, number, is_hidden)
            if character:
                characters.append(character)
                boxes.append(box)
        return "".join(characters), np.array(boxes, dtype=np.float64).reshape(-1, 4)
    finally:
        text_page.close()


def _character(
    page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, number: int, is_hidden: Callable[[Any], bool]
) -> tuple[str, tuple[float, float, float, float]]:
    """One character and its box; an empty one where nobody sees it, U+FFFD where the PDF does not say which it is."""
    nowhere = (math.nan, math.nan, math.nan, math.nan)
    code = pdfium.FPDFText_GetUnicode(text_page.raw, number)
    generated = pdfium.FPDFText_IsGenerated(text_page.raw, number) == 1
    if generated:
        return ("\n" if code in (10, 13) else " "), nowhere
    drawn = pdfium.FPDFText_GetTextObject(text_page.raw, number)
    how = pdfium.FPDFTextObj_GetTextRenderMode(drawn) if drawn else None
    unseen = how in _INVISIBLE or (how not in _OUTLINED and _is_transparent(drawn))
    if drawn and (unseen or is_hidden(drawn)):
        return "", nowhere
    symbol = symbol_of(_font(text_page, number), code)
    unknown = pdfium.FPDFText_HasUnicodeMapError(text_page.raw, number) == 1 or not _means_something(code)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium.FPDFText_GetCharBox(text_page.raw, number, left, right, bottom, top):
        return "", nowhere
    rectangle = pdfium.FS_RECTF(left=left.value, top=top.value, right=right.value, bottom=bottom.value)
    x0, y0, x1, _, _, y1, *_ = _shown(page, rectangle)
    if symbol is None:
        symbol = "" if unknown else chr(code)
    if how in _OUTLINED:
        symbol = outlined(symbol)
    return symbol or "\N{REPLACEMENT CHARACTER}", (x0, y0, x1, y1)


def _is_transparent(text: Any) -> bool:
    if not text:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    return bool(pdfium.FPDFPageObj_GetFillColor(text, red, green, blue, alpha)) and alpha.value == 0


def _font(text_page: pypdfium2.PdfTextPage, number: int) -> str:
    """The name of a character's font; "" where it has none, or a very long one."""
    name = ctypes.create_string_buffer(_FONT_NAME)
    size = pdfium.FPDFText_GetFontInfo(text_page.raw, number, name, _FONT_NAME, ctypes.c_int())
    return name.value.decode("utf-8", errors="replace") if 0 < size <= _FONT_NAME else ""


def _means_something(code: int) -> bool:
    """Neither a control character, half a pair, nor of a private area."""
    return code >= 32 and not 0x7F <= code <= 0x9F and not 0xD800 <= code <= 0xF8FF and code < 0xF0000


def _shown(page: pypdfium2.PdfPage, rectangle: Any) -> Quad:
    """A rectangle of the page's own space as a viewer shows it, cropped and turned, in fractions."""
    xs, ys = [], []
    for x, y in ((rectangle.left, rectangle.top), (rectangle.right, rectangle.bottom)):
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page.raw, 0, 0, _STEPS, _STEPS, 0, x, y, across, down)
        xs.append(across.value / _STEPS)
        ys.append(down.value / _STEPS)
    return box_quad(min(xs), min(ys), max(xs), max(ys))
