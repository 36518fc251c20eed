"""From a blank to a form folder: blank pages, form.toml, and a picture of every page with its fields.

A fillable PDF says what its fields are; of any other blank they are proposed from what its pages look like.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import DocumentSettings
from documents.inspect import inspect
from documents.media_type import PDF
from documents.pdf import open_pdf
from documents.rasterise import rasterise
from forms.acroform import read_acroform
from forms.form import Form, FormField, FormPage
from forms.form_file import FormError, write_form
from schemas.errors import DocbeamError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from clients.blank_sheets import BlankSheet

BLANK_DPI = 150
"""Of blank pages as they are kept."""
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks for."""

    name: str
    version: str = "1"
    title: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class MadeForm:
    """What was written."""

    form: Form
    folder: Path
    pictures: tuple[Path, ...]


def name_from(blank: Path) -> str:
    """A form's name from the file's: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", blank.stem.lower()).strip("-")[:63].strip("-") or "form"


def make_form(blank: Path, wish: Wish, into: Path) -> MadeForm:
    """Write the folder `into`/NAME from a blank; nothing is left behind when something fails.

    Raises FormError for a folder that is there already, a blank on which there is nothing to write in, DocbeamError for
    pages that cannot be drawn.
    """
    target = into / wish.name
    if target.exists():
        raise FormError(f"{target} is there already; remove it, or give another --name")
    fields = _fillable_fields(blank)
    sheets = () if fields else _sheets(blank)
    if not fields:
        fields = _proposed(blank, sheets)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=f".{wish.name}-") as unfinished:
        folder = Path(unfinished) / wish.name
        folder.mkdir()
        pages = _keep(sheets, folder) if sheets else _draw(blank, folder)
        fields = _with_cells(fields, pages, folder, stated=not sheets)
        form = Form(
            name=wish.name, version=wish.version, title=wish.title, family=wish.family, pages=pages, fields=fields
        )
        write_form(form, folder)
        draw_fields(form, folder)
        shutil.move(folder, target)
    return MadeForm(form, target, tuple(sorted(target.glob("fields-*.png"))))


def draw_fields(form: Form, folder: Path) -> None:
    """Write fields-N.png for each page: the blank with every field's places, kinds and names."""
    from clients.form_picture import picture_of

    for page in form.pages:
        picture_of(form, page, folder / page.image).save(folder / f"fields-{page.number}.png")


def _fillable_fields(blank: Path) -> tuple[FormField, ...]:
    """Those of the AcroForm; none where there is none."""
    try:
        media_type = inspect(blank, DocumentSettings()).media_type
    except OSError as error:
        raise FormError(f"{blank}: {error.strerror}") from None
    except DocbeamError as error:
        raise FormError(f"{blank}: {error.message}") from None
    return read_acroform(blank) if media_type == PDF else ()


def _with_cells(
    fields: Sequence[FormField], pages: Sequence[FormPage], folder: Path, *, stated: bool
) -> tuple[FormField, ...]:
    """`stated`: a PDF says which fields there are; those that were proposed have their cells already."""
    from clients.printed_cells import with_printed_cells
    from clients.uneven_cells import with_cell_spans

    return with_cell_spans(with_printed_cells(fields, pages, folder) if stated else fields, pages, folder)


def _sheets(blank: Path) -> tuple[BlankSheet, ...]:
    from clients.blank_sheets import blank_sheets

    return tuple(blank_sheets(blank))


def _proposed(blank: Path, sheets: Sequence[BlankSheet]) -> tuple[FormField, ...]:
    from clients.proposing_fields import proposed_fields

    fields = proposed_fields(sheets)
    if not fields:
        raise FormError(
            f"{blank} has no fillable fields, and no boxes, combs, cells or lines to write on were seen on it; is it a "
            "blank? If so, add fields in a program that edits PDF forms, or ask whoever made the form for the fillable "
            "edition"
        )
    return fields


def _keep(sheets: Sequence[BlankSheet], folder: Path) -> tuple[FormPage, ...]:
    """The pages as they were looked at, straightened, at BLANK_DPI."""
    import cv2

    pages = []
    for sheet in sheets:
        image = f"page-{sheet.number}.png"
        dpi = sheet.image.dpi or BLANK_DPI
        height, width = sheet.image.pixels.shape
        size = round(width * BLANK_DPI / dpi), round(height * BLANK_DPI / dpi)
        _write_picture(folder / image, cv2.resize(sheet.image.pixels, size, interpolation=cv2.INTER_AREA))
        scale = _POINTS_PER_INCH / dpi
        size_points = {"width_points": round(width * scale, 1), "height_points": round(height * scale, 1)}
        pages.append(FormPage(number=sheet.number, image=image, **size_points))
    return tuple(pages)


def _write_picture(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    import cv2

    if not cv2.imwrite(str(path), pixels):
        raise FormError(f"{path} cannot be written; is the disk full?")


def _without_widgets(blank: Path, number: int, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """The page's own content, grey, as large as `shape` says."""
    import cv2
    import numpy as np

    with open_pdf(blank) as document:
        page = document[number - 1]
        bitmap = page.render(
            scale=BLANK_DPI / _POINTS_PER_INCH, grayscale=True, draw_annots=False, may_draw_forms=False
        )
        pixels = np.array(bitmap.to_numpy(), dtype=np.uint8)
        bitmap.close()
        page.close()
    drawn = pixels.reshape(pixels.shape[:2])
    return np.asarray(cv2.resize(drawn, (shape[1], shape[0]), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _draw(blank: Path, folder: Path) -> tuple[FormPage, ...]:
    import cv2

    settings = DocumentSettings(dpi=BLANK_DPI)
    found = inspect(blank, settings)
    pages = []
    for number in range(1, found.page_count + 1):
        raster = rasterise(blank, found.media_type, number, settings)
        image = f"page-{number}.png"
        pixels: npt.NDArray[np.uint8] = raster.pixels
        grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        dpi = raster.dpi or BLANK_DPI
        if dpi > BLANK_DPI:
            # A page that is a scan comes in its own resolution.
            height, width = (math.ceil(side * BLANK_DPI / dpi) for side in grey.shape)
            grey, dpi = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), BLANK_DPI
        content = f"content-{number}.png"
        for name, drawn in ((image, grey), (content, _without_widgets(blank, number, grey.shape))):
            _write_picture(folder / name, drawn)
        scale = _POINTS_PER_INCH / dpi
        height, width = grey.shape
        size = {"width_points": round(width * scale, 1), "height_points": round(height * scale, 1)}
        pages.append(FormPage(number=number, image=image, content=content, **size))
    return tuple(pages)
