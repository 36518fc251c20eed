"""From a blank to a form folder: blank pages, form.toml, and a picture of every page with its fields."""

from __future__ import annotations

import re
import shutil
import tempfile
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
    """Write the folder `into`/NAME from a blank fillable PDF; nothing is left behind when something fails.

    Raises FormError for a folder that is there already, a file that is no fillable PDF, DocbeamError for pages that
    cannot be drawn.
    """
    target = into / wish.name
    if target.exists():
        raise FormError(f"{target} is there already; remove it, or give another --name")
    fields = _fields(blank)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=f".{wish.name}-") as unfinished:
        folder = Path(unfinished) / wish.name
        folder.mkdir()
        pages = _draw(blank, folder)
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


def _fields(blank: Path) -> tuple[FormField, ...]:
    try:
        media_type = inspect(blank, DocumentSettings()).media_type
    except OSError as error:
        raise FormError(f"{blank}: {error.strerror}") from None
    except DocbeamError as error:
        raise FormError(f"{blank}: {error.message}") from None
    fields = read_acroform(blank) if media_type == PDF else ()
    if not fields:
        raise FormError(
            f"{blank} has no fillable fields; open it in a program that edits PDF forms and add them, or ask whoever "
            "made the form for the fillable edition"
        )
    return fields


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
        content = f"content-{number}.png"
        for name, drawn in ((image, grey), (content, _without_widgets(blank, number, grey.shape))):
            if not cv2.imwrite(str(folder / name), drawn):
                raise FormError(f"{folder / name} cannot be written; is the disk full?")
        scale = _POINTS_PER_INCH / (raster.dpi or BLANK_DPI)
        height, width = grey.shape
        size = {"width_points": round(width * scale, 1), "height_points": round(height * scale, 1)}
        pages.append(FormPage(number=number, image=image, content=content, **size))
    return tuple(pages)
