"""A blank page at reading size, and pages laid on it ever more finely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.bending import Sheet, follow
from models.blank_pages.blocks import Blocks, Moves, blocks_of, moves_of
from models.blank_pages.features import full_contrast
from models.blank_pages.laying import lay
from models.blank_pages.placement import Placement
from models.blank_pages.print_check import Checked, check, on_page
from models.blank_pages.printed_words import PrintedWords, printed_words
from models.ink import Ink, grey_page, ink_of

LONGEST = 1240
"""Pixels of the longer side: 106 dpi of an A4 page; small print is told apart there at half the time of 150."""
_STAGES = ((2, 32, 6, 6), (1, 44, 3, 2))
"""By how much smaller, a block's side and its reach in pixels of that size, and at most how many rounds."""
_SETTLED = 0.85
"""Of all blocks, as many that lie where the sheet says are enough."""
_NOISE = 0.5
"""Pixels of each size by which the place of a good block may be wrong."""
_START_NOISE = 3.0
_SOFT = 0.7


@dataclass(frozen=True, slots=True)
class Detail:
    """A blank page's ink at reading size, and its blocks at each stage."""

    ways: tuple[Ink, ...]
    """One for each way in which copies are printed: with frames and buttons that a viewer draws, without them."""
    size: tuple[int, int]
    """Width and height of each."""
    stages: tuple[Blocks, ...]
    words: PrintedWords


@dataclass(frozen=True, slots=True)
class Fitted:
    """A page laid on a blank page as well as could be."""

    sheet: Sheet
    checked: Checked
    laid: Ink
    """The page over the blank page."""


def detail_of(grey: npt.NDArray[np.uint8], plain: npt.NDArray[np.uint8] | None = None) -> Detail:
    """The blank page of at most 1240 pixels; `plain` shows it without what viewers add, None if they add nothing."""
    ink = fine_ink(grey)
    return Detail(
        (ink,) if plain is None else (ink, fine_ink(plain)),
        (ink.shape[1], ink.shape[0]),
        tuple(blocks_of(_smaller(ink, shrink), side) for shrink, side, *_ in _STAGES),
        printed_words(ink),
    )


def fine_ink(grey: npt.NDArray[np.uint8], longest: int = LONGEST) -> Ink:
    """The ink of a page of at most `longest` pixels, slightly blurred."""
    ink = full_contrast(ink_of(grey_page(grey, longest)))
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), _SOFT), dtype=np.float32)


def _smaller(ink: Ink, shrink: int) -> Ink:
    """Cut to a multiple, so that fractions stay what they are to within a pixel of the whole."""
    if shrink == 1:
        return ink
    size = ink.shape[1] // shrink, ink.shape[0] // shrink
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def fit(page: Sequence[Ink], placement: Placement, start: Moves | None, blank: Detail) -> Fitted | None:
    """`placement` refined: first by moves that are known, then from coarse to fine.

    `page` is its ink at each stage. None where too little print is found.
    """
    sheet = None if start is None else follow(placement, start, blank.size, _START_NOISE)
    placement = placement if sheet is None else sheet.placement
    for (_, _, reach, rounds), blocks, ink in zip(_STAGES, blank.stages, page, strict=True):
        # Where paper is bent more than blocks reach, the part that fits leads to the part beside it.
        for _ in range(rounds):
            moves = moves_of(lay(ink, placement, blocks.size), blocks, reach)
            sheet = follow(placement, moves, blocks.size, _NOISE, last=blocks is blank.stages[-1])
            if sheet is None:
                return None
            placement = sheet.placement
            if _believed(sheet, blocks) >= _SETTLED:
                break
    assert sheet is not None
    laid = lay(page[-1], placement, blank.size)
    return Fitted(sheet, check(laid, on_page(placement, blank.size), blank.ways), laid)


def _believed(sheet: Sheet, blocks: Blocks) -> float:
    return float((sheet.weights > 0.1).sum()) / len(blocks.corners)


def stages_of(ink: Ink) -> tuple[Ink, ...]:
    """A page's ink for each stage."""
    return tuple(_smaller(ink, shrink) for shrink, *_ in _STAGES)
