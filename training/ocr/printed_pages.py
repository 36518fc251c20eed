"""Pages of the training PDFs as scans, with the words of their text layer: what printed text is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium

from synthesis.geometry import Box
from synthesis.sheet import Sheet, new_sheet
from synthesis.wear import degrade, moving

DRAWN_DPI = 200
LEAST_WORDS = 80
MOST_SIDE = 3000
"""Pixels; larger pages are posters and maps."""
_RECIPES = (degrade.scan, degrade.photocopy, degrade.fax)
_SHARES = (0.5, 0.3, 0.2)
_DPI = (85, 95, 100, 110, 150, 200)
_SKEW = 0.4


@dataclass(frozen=True, slots=True)
class TrueWord:
    """A word of the text layer and its middle on the scan, in pixels."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A scan of a page."""

    source: str
    """File name of the PDF: pages of one must not be on both sides of a split."""
    pixels: npt.NDArray[np.uint8]
    words: tuple[TrueWord, ...]


def printed_pages(data: Path, count: int, seed: int) -> Iterator[PrintedPage]:
    """`count` pages with a text layer from `data`, in one order for a seed, as small scans, copies and faxes."""
    files = sorted((data / "pages").glob("*.pdf")) * 2 + sorted((data / "forms").glob("*.pdf"))
    random = np.random.default_rng(seed)
    made = 0
    while made < count:
        page = _page(files[int(random.integers(len(files)))], random)
        if page is not None:
            made += 1
            yield page


def _page(path: Path, random: np.random.Generator) -> PrintedPage | None:
    with pdfium.PdfDocument(path) as document:
        page = document[int(random.integers(len(document)))]
        words = _words(page)
        if page.get_rotation() or len(words) < LEAST_WORDS:
            return None
        image = page.render(scale=DRAWN_DPI / 72, grayscale=True, may_draw_forms=False).to_numpy()
    if max(image.shape) > MOST_SIDE:
        return None
    sheet = new_sheet(np.ascontiguousarray(image.reshape(image.shape[:2])), DRAWN_DPI)
    return PrintedPage(path.name, *_scanned(sheet, words, random))


def _scanned(
    sheet: Sheet, words: list[tuple[str, Box]], random: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], tuple[TrueWord, ...]]:
    recipe = _RECIPES[int(random.choice(len(_RECIPES), p=_SHARES))]
    out = recipe(sheet, int(random.integers(1 << 30)), float(random.normal(0, _SKEW)))
    dpi = float(random.choice(_DPI))
    if out.dpi > dpi:
        out = moving.resample(out, dpi)
    middles = [out.corners(box).mean(axis=0) for _, box in words]
    return out.image, tuple(TrueWord(text, *xy) for (text, _), xy in zip(words, middles, strict=True))


def _words(page: pdfium.PdfPage) -> list[tuple[str, Box]]:
    """Words of the text layer: runs of characters without white space, a jump or a gap between."""
    layer = page.get_textpage()
    height = page.get_height()
    words: list[tuple[str, Box]] = []
    text, box = "", None
    for index in range(layer.count_chars()):
        character = layer.get_text_range(index, 1)
        left, bottom, right, top = layer.get_charbox(index)
        here = Box(left, height - top, right, height - bottom)
        ends = not character or character.isspace()
        if box is not None and (ends or _apart(box, here)):
            words.append((text, box))
            text, box = "", None
        if not ends:
            text += character
            box = here if box is None else _around(box, here)
    return words if box is None else [*words, (text, box)]


def _apart(word: Box, character: Box) -> bool:
    tall = max(1.0, word.bottom - word.top)
    jump = abs(character.top + character.bottom - word.top - word.bottom) / 2
    return jump > 0.8 * tall or character.left - word.right > 0.6 * max(4.0, tall) or character.left < word.left - 2


def _around(a: Box, b: Box) -> Box:
    return Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))
