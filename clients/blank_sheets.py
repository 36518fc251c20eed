"""The pages of a blank that says nothing of its fields: upright, in grey, with the words that are printed on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from config.settings import DocumentSettings
from documents.geometry import apply_steps, straightening_steps
from documents.inspect import inspect
from documents.media_type import PDF
from documents.printed_words import printed_words
from documents.rasterise import RasterPage, rasterise
from models.contract import Model, PageImage
from models.field_places.page_print import DPI
from models.field_places.place import PrintedWord
from models.ink import grey_of
from models.registry import load_model, straighteners
from schemas.prediction import Prediction, TextLine, Word, bounds, box_quad

_TEXT_READER = "ocr"
_INCHES = (6.0, 20.0)
"""Of a page's longer side: what an image says beside that is not believed."""
_USUAL_INCHES = 11.3
"""Between letter and A4."""
_FEW_WORDS = 5
"""A text layer of fewer is a stamp on a picture."""


@dataclass(frozen=True, slots=True)
class BlankSheet:
    """A page of a blank."""

    number: int
    image: PageImage
    """Upright and grey, of DPI, with the words among its earlier findings."""
    words: tuple[PrintedWord, ...]
    """In pixels of the image."""
    straightened: bool


def blank_sheets(blank: Path) -> Iterator[BlankSheet]:
    """The pages of a PDF, PNG, JPEG, TIFF or whatever else is a document.

    Pages that do not lie level are straightened. Words come from a PDF's text layer, else they are read.
    Raises DocbeamError for what cannot be drawn.
    """
    settings = DocumentSettings(dpi=DPI)
    found = inspect(blank, settings)
    loaded: dict[str, Model] = {}
    for number in range(1, found.page_count + 1):
        raster = rasterise(blank, found.media_type, number, settings)
        image = PageImage(number, _of_dpi(raster), float(DPI))
        upright = _upright(image, loaded)
        straightened = upright is not image
        lines: tuple[TextLine, ...] = ()
        if found.media_type == PDF and not straightened:
            lines = _told_lines(blank, upright)
        if not lines:
            lines = load_model(_TEXT_READER, loaded).predict([upright])[0].lines
        words = tuple(PrintedWord(word.text, bounds(word.quad)) for line in lines for word in _words_of(line))
        yield BlankSheet(number, replace(upright, earlier={_TEXT_READER: Prediction(lines=lines)}), words, straightened)


def _of_dpi(raster: RasterPage) -> npt.NDArray[np.uint8]:
    grey = grey_of(raster.pixels)
    longest = max(grey.shape)
    dpi = raster.dpi or 0.0
    if not dpi or not _INCHES[0] <= longest / dpi <= _INCHES[1]:
        dpi = longest / _USUAL_INCHES
    scale = DPI / dpi
    size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
    if size == (grey.shape[1], grey.shape[0]):
        return grey
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8)


def _upright(image: PageImage, loaded: dict[str, Model]) -> PageImage:
    height, width = image.pixels.shape
    for name in straighteners():
        skew = load_model(name, loaded).predict([image])[0].skew
        steps = straightening_steps(skew, width, height)
        if steps:
            return replace(image, pixels=apply_steps(image.pixels, steps))
    return image


def _told_lines(blank: Path, image: PageImage) -> tuple[TextLine, ...]:
    """A PDF's own words, each as a line: whoever wants longer texts puts them together."""
    height, width = image.pixels.shape
    words = printed_words(blank, image.number)
    if len(words) < _FEW_WORDS:
        return ()
    quads = [
        box_quad(box[0] * width, box[1] * height, box[2] * width, box[3] * height) for box in (w.box for w in words)
    ]
    return tuple(
        TextLine(word.text, quad, 1.0, (Word(word.text, quad, 1.0),)) for word, quad in zip(words, quads, strict=True)
    )


def _words_of(line: TextLine) -> tuple[Word, ...]:
    return line.words or (Word(line.text, line.quad, line.confidence),)
