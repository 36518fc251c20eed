"""Places without a signature to ask about: drawn at random, and told apart by what they hold.

The evaluation's own rules, so that no signature model grades itself: `blank` has next to no ink besides ruled lines,
`printed` is text that the OCR model reads surely, word by word, and that has no larger strokes, `other` is all else
(handwriting, logos, stamps, drawings, pictures, specks).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from evaluation.boxes import overlap
from evaluation.statistics import SEED
from models.contract import PageImage
from models.ink import grey_of
from schemas.prediction import Quad, TextLine, bounds, box_quad

INKED_A_PAGE, BLANK_A_PAGE = 6, 3
LEAST_INK = 0.01
"""Share of ink from which a random place is worth asking about as one that holds something."""
BLANK_INK = 0.0015
"""Share of ink besides ruled lines up to which a place is blank."""
SURE = 0.3
"""Confidence from which a word counts as read; Tesseract stays below it on nearly all handwriting."""
COVERED = 0.75
"""Share of the ink that must stand on such words."""
TALLEST = 1.5
"""Height of a piece of ink over that of a word up to which it may be print; a taller one that is in no word is not."""
_TRIES = 300
_DARK = 0.72
"""Of the paper's level, below which a pixel is ink."""

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]
Read = Callable[[PageImage], Sequence[TextLine]]
"""The OCR by which print is known; asked only where there is ink."""


class Holds(StrEnum):
    """What a place without a signature holds."""

    BLANK = "blank"
    PRINTED = "printed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Negative:
    """A place without a signature, upright, in pixels of the source page."""

    quad: Quad
    holds: Holds


def negatives(name: str, page: PageImage, taken: Sequence[Quad], read: Read) -> list[Negative]:
    """Up to 6 inked and 3 blank places that touch nothing in `taken`; the same in every run, seeded by `name`."""
    grey = grey_of(page.pixels)
    ink = ink_without_rules(grey)
    random = np.random.default_rng([SEED, zlib.crc32(name.encode())])
    places = [_place(random, grey.shape) for _ in range(_TRIES)]
    inked: list[Quad] = []
    blank: list[Quad] = []
    for place in places:
        if any(overlap(place, other) > 0 for other in (*taken, *inked, *blank)):
            continue
        if _share(ink, place) <= BLANK_INK:
            if len(blank) < BLANK_A_PAGE:
                blank.append(place)
        elif len(inked) < INKED_A_PAGE and _share((grey < 128).astype(np.uint8), place) >= LEAST_INK:
            inked.append(place)
    printed = _printed(page, ink, inked, read)
    found = [Negative(quad, Holds.PRINTED if p else Holds.OTHER) for quad, p in zip(inked, printed, strict=True)]
    return found + [Negative(quad, Holds.BLANK) for quad in blank]


def ink_without_rules(grey: Grey) -> Mask:
    """1 where the page is dark, long straight lines left out."""
    paper = float(np.percentile(grey, 75))
    ink = (grey < _DARK * paper).astype(np.uint8)
    length = max(25, grey.shape[1] // 25)
    for shape in ((length, 1), (1, length)):
        lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape[::-1], np.uint8))
        ink[cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0] = 0
    return np.asarray(ink, dtype=np.uint8)


def _place(random: np.random.Generator, shape: Sequence[int]) -> Quad:
    height, width = shape[:2]
    w, h = width * random.uniform(0.12, 0.4), height * random.uniform(0.03, 0.1)
    left, top = random.uniform(0, width - w), random.uniform(0, height - h)
    return box_quad(left, top, left + w, top + h)


def _share(mask: npt.NDArray[np.uint8], place: Quad) -> float:
    part = mask[int(place[1]) : int(place[5]), int(place[0]) : int(place[4])]
    return float(part.mean()) if part.size else 0.0


def _printed(page: PageImage, ink: Mask, places: Sequence[Quad], read: Read) -> list[bool]:
    """Whether each place holds nothing but print."""
    if not places:
        return []
    words = [bounds(word.quad) for line in read(page) for word in line.words if word.confidence >= SURE]
    return [_is_print(ink, place, words) for place in places]


def _is_print(ink: Mask, place: Quad, words: Sequence[tuple[float, float, float, float]]) -> bool:
    left, top, right, bottom = int(place[0]), int(place[1]), int(place[4]), int(place[5])
    near = [word for word in words if word[0] < right and word[2] > left and word[1] < bottom and word[3] > top]
    if not near:
        return False
    row = float(np.median([word[3] - word[1] for word in near]))
    count, _, stats, centres = cv2.connectedComponentsWithStats(ink[top:bottom, left:right], connectivity=8)
    total = regular = 0.0
    for index in range(1, count):
        area, height = float(stats[index, cv2.CC_STAT_AREA]), float(stats[index, cv2.CC_STAT_HEIGHT])
        x, y = centres[index][0] + left, centres[index][1] + top
        on = [word[3] - word[1] for word in near if word[0] <= x <= word[2] and word[1] <= y <= word[3]]
        total += area
        if any(height <= TALLEST * tall for tall in on):
            regular += area
        elif height > TALLEST * row:
            return False
    return regular >= COVERED * total
