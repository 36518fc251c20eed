"""A blank form: its pages as pictures, its fields, the print beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from pypdf.errors import PyPdfError

from forms.form_file import FormError
from synthesis.filled.blank_fields import BlankField, page_boxes, read_fields
from synthesis.geometry import scaling
from synthesis.sheet import Pixels, Sheet

_BESIDE, _ABOVE = 150.0, 13.0
"""Points left of a field and above it in which its label is looked for."""


class BlankUnreadableError(Exception):
    """A blank that cannot be filled; the message says why."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A fillable PDF."""

    path: Path
    sizes: tuple[tuple[float, float], ...]
    """Points, of each page as shown."""
    fields: tuple[BlankField, ...]
    labels: dict[tuple[str, int], str] = field(default_factory=dict, repr=False)
    """Print left of a field and above it, by its name and page."""

    @property
    def name(self) -> str:
        """The name of its folder in the set."""
        return self.path.stem

    @property
    def pages(self) -> list[int]:
        """The pages that have fields, from 1."""
        return sorted({field.page for field in self.fields})

    def on(self, page: int) -> list[BlankField]:
        """The fields of a page."""
        return [field for field in self.fields if field.page == page]

    def printed(self, page: int, dpi: float) -> Sheet:
        """The page (from 1) as it leaves a printer, blue-green-red; the sheet's points are those of the shown page."""
        width, height = self.sizes[page - 1]
        size = round(width * dpi / 72), round(height * dpi / 72)
        document = pypdfium2.PdfDocument(self.path)
        try:
            image = _rendered(document, page - 1, dpi)
        finally:
            document.close()
        if image.shape[1::-1] != size:
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        return Sheet(image, dpi, scaling(size[0] / width, size[1] / height))


def open_blank(path: Path) -> Blank:
    """Reads fields and labels. Raises BlankUnreadableError where it is no PDF or has no field to fill."""
    try:
        fields, sizes = tuple(read_fields(path)), tuple(page_boxes(path))
        labels = _labels(path, sizes, fields)
    except FormError as error:
        raise BlankUnreadableError(str(error)) from error
    except (OSError, ValueError, KeyError, TypeError, PyPdfError, pypdfium2.PdfiumError) as error:
        raise BlankUnreadableError(f"{path}: cannot be read as a PDF form ({type(error).__name__})") from error
    if not fields:
        raise BlankUnreadableError(f"{path}: has no fillable field; give a PDF with an AcroForm")
    return Blank(path, sizes, fields, labels)


def _rendered(document: pypdfium2.PdfDocument, index: int, dpi: float) -> Pixels:
    page = document[index]
    image = page.render(scale=dpi / 72, may_draw_forms=False, rev_byteorder=False).to_numpy()
    if image.ndim == 2 or image.shape[2] == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return np.ascontiguousarray(image[:, :, :3])


def _labels(
    path: Path, sizes: tuple[tuple[float, float], ...], fields: tuple[BlankField, ...]
) -> dict[tuple[str, int], str]:
    document = pypdfium2.PdfDocument(path)
    try:
        texts = {number: document[number - 1].get_textpage() for number in {field.page for field in fields}}
        rotated = {number: document[number - 1].get_rotation() for number in texts}
        boxes = {number: document[number - 1].get_cropbox() for number in texts}
        found = {}
        for one in fields:
            if rotated[one.page]:
                continue
            width, height = sizes[one.page - 1]
            origin = boxes[one.page][0], boxes[one.page][1]
            left, top, right, bottom = (
                value * side for value, side in zip(one.boxes[0], (width, height, width, height), strict=True)
            )
            places = ((left - _BESIDE, top, left, bottom), (left, top - _ABOVE, right, top))
            parts = [
                texts[one.page].get_text_bounded(
                    origin[0] + x0, origin[1] + height - y1, origin[0] + x1, origin[1] + height - y0
                )
                for x0, y0, x1, y1 in places
            ]
            found[one.name, one.page] = " ".join(" ".join(parts).split())[-120:]
        return found
    finally:
        document.close()
