"""PDF files of drawn pages. Needs pypdf for anything beyond plain pages; only the drawing of samples does."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence

import cv2
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from synthesis.forms.form import FieldKind
from synthesis.forms.layout import PAGE_HEIGHT, PAGE_WIDTH, Layout, PlacedField
from synthesis.geometry import Box
from synthesis.sheet import Pixels

_RADIO = 1 << 15
_COMB = 1 << 24
"""Flags of PDF 32000-1:2008, tables 226 and 228."""
_FIXED_DATE = time.struct_time((2026, 1, 1, 0, 0, 0, 3, 1, 0))
"""The same pages give the same file."""


def pages_to_pdf(pages: Sequence[Pixels], dpi: float, quality: int = 70) -> bytes:
    """One page an image (grey or blue-green-red), as JPEG of `quality` inside."""
    pictures = [Image.fromarray(page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_BGR2RGB)) for page in pages]
    return pictures_to_pdf(pictures, (dpi, dpi), quality)


def pictures_to_pdf(pictures: Sequence[Image.Image], dpi: tuple[float, float], quality: int = 70) -> bytes:
    """The same of pictures: 1 bit as CCITT group 4, others as JPEG; `dpi` across and down."""
    out = io.BytesIO()
    # Pillow refuses a quality for pictures of 1 bit.
    packed = {} if any(picture.mode == "1" for picture in pictures) else {"quality": quality}
    pictures[0].save(
        out,
        "PDF",
        dpi=dpi,
        save_all=True,
        append_images=list(pictures[1:]),
        creationDate=_FIXED_DATE,
        modDate=_FIXED_DATE,
        **packed,
    )
    return out.getvalue()


def encrypted(pdf: bytes, password: str) -> bytes:
    """The same document, opening only with `password`."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt(password, algorithm="RC4-128")
    return _written(writer)


def with_fields(pdf: bytes, layout: Layout) -> bytes:
    """The one-page document with the form's fields as fillable ones (AcroForm), named as in the layout.

    A comb with gaps between its cells only gets its maximum length. Choices become radio groups or groups of boxes.
    """
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    page = writer.pages[0]
    scale = float(page.mediabox.width) / PAGE_WIDTH, float(page.mediabox.height) / PAGE_HEIGHT
    maker = _FieldMaker(writer, page.indirect_reference, scale)
    for placed in layout.fields.values():
        maker.add(placed)
    page[NameObject("/Annots")] = ArrayObject(maker.widgets)
    helvetica = writer._add_object(_names(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica"))
    fonts = DictionaryObject({NameObject("/Helv"): helvetica})
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {
            NameObject("/Fields"): ArrayObject(maker.roots),
            NameObject("/DR"): DictionaryObject({NameObject("/Font"): fonts}),
            NameObject("/DA"): TextStringObject("/Helv 0 Tf 0 g"),
            NameObject("/NeedAppearances"): BooleanObject(True),
        }
    )
    return _written(writer)


class _FieldMaker:
    def __init__(self, writer: PdfWriter, page: IndirectObject | None, scale: tuple[float, float]) -> None:
        self._writer, self._page, self._scale = writer, page, scale
        self._groups: dict[str, IndirectObject] = {}
        self._kids: dict[str, ArrayObject] = {}
        self.roots: list[IndirectObject] = []
        self.widgets: list[IndirectObject] = []

    def add(self, placed: PlacedField) -> None:
        widget = _names(Type="/Annot", Subtype="/Widget")
        widget[NameObject("/Rect")] = self._rectangle(placed.writing)
        widget[NameObject("/F")] = NumberObject(4)
        if self._page is not None:
            widget[NameObject("/P")] = self._page
        state = placed.name.rpartition(".")[2]
        if placed.kind in (FieldKind.CHECKBOX, FieldKind.RADIO):
            self._make_button(widget, placed, state if placed.kind is FieldKind.RADIO else "Yes")
        elif placed.kind is FieldKind.SIGNATURE:
            widget[NameObject("/FT")] = NameObject("/Sig")
        else:
            self._make_text(widget, placed)
        if placed.kind is not FieldKind.RADIO:
            widget[NameObject("/T")] = TextStringObject(state)
        widget[NameObject("/TU")] = TextStringObject(placed.label)
        reference = self._writer._add_object(widget)
        self.widgets.append(reference)
        if not placed.group:
            self.roots.append(reference)
            return
        parent = self._group(placed)
        widget[NameObject("/Parent")] = parent
        self._kids[placed.group].append(reference)

    def _group(self, placed: PlacedField) -> IndirectObject:
        if placed.group not in self._groups:
            kids = self._kids[placed.group] = ArrayObject()
            group = DictionaryObject({NameObject("/T"): TextStringObject(placed.group), NameObject("/Kids"): kids})
            if placed.kind is FieldKind.RADIO:
                group.update(_names(FT="/Btn", V="/Off"))
                group[NameObject("/Ff")] = NumberObject(_RADIO)
            self._groups[placed.group] = self._writer._add_object(group)
            self.roots.append(self._groups[placed.group])
        return self._groups[placed.group]

    def _make_text(self, widget: DictionaryObject, placed: PlacedField) -> None:
        widget[NameObject("/FT")] = NameObject("/Tx")
        widget[NameObject("/DA")] = TextStringObject("/Helv 10 Tf 0 g")
        if placed.cells:
            widget[NameObject("/MaxLen")] = NumberObject(len(placed.cells))
            width = placed.writing.width - sum(cell.width for cell in placed.cells)
            if abs(width) < 0.01:
                widget[NameObject("/Ff")] = NumberObject(_COMB)

    def _make_button(self, widget: DictionaryObject, placed: PlacedField, state: str) -> None:
        if placed.kind is FieldKind.CHECKBOX:
            widget.update(_names(FT="/Btn", V="/Off"))
        widget[NameObject("/AS")] = NameObject("/Off")
        side = placed.writing.width
        cross = f"1 w 2 2 m {side - 2:.2f} {side - 2:.2f} l 2 {side - 2:.2f} m {side - 2:.2f} 2 l S"
        looks = {f"/{state}": cross, "/Off": ""}
        streams = {NameObject(name): self._picture(drawing, side) for name, drawing in looks.items()}
        widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): DictionaryObject(streams)})

    def _picture(self, drawing: str, side: float) -> IndirectObject:
        stream = DecodedStreamObject()
        stream.set_data(drawing.encode("ascii"))
        stream.update(_names(Type="/XObject", Subtype="/Form"))
        stream[NameObject("/BBox")] = ArrayObject([FloatObject(value) for value in (0, 0, side, side)])
        return self._writer._add_object(stream)

    def _rectangle(self, box: Box) -> ArrayObject:
        x, y = self._scale
        height = PAGE_HEIGHT * y
        corners = (box.left * x, height - box.bottom * y, box.right * x, height - box.top * y)
        return ArrayObject([FloatObject(round(value, 2)) for value in corners])


def _names(**entries: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NameObject(value) for key, value in entries.items()})


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
