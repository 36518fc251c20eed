"""A page laid over its blank page, and what of it is writing: ink that the blank has not printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.laying import lay
from models.blank_pages.placement import Placement
from models.ink import Ink, relative_darkness

Mask = npt.NDArray[np.uint8]

DPI = 200
"""Of the laid page: text of eight points is read at it, and a page takes a sixth of a second."""
_REACH = 11
"""How far paper is looked for, in steps of 8 pixels."""
_SHRINK_FROM = 1.15
"""A page this much larger is made smaller first: picking single pixels out of it would tear strokes."""
_PRINTED = 0.2
"""Darkness of the blank page from which something is printed there."""
_NEAR_PRINT = 3
"""Pixels around print in which ink is taken for print: it spreads, and lies up to a pixel or two off."""
_INK_SHARE, _INK_LIMITS = 0.5, (0.12, 0.45)
"""A pixel is ink from half the darkness that print has on this copy."""
_AROUND, _IS_THERE, _FAINT = (75, 75), 0.4, 0.6
"""Print that may be missing is looked for so far around, and is there where so much of it has ink, if
only faint."""
_BRIDGED = 2 * _NEAR_PRINT + 5


@dataclass(frozen=True, slots=True)
class LaidPage:
    """Writing on a page, in pixels of its blank page at DPI."""

    writing: Ink
    """(height, width), darkness of what is not the blank's print; 0 elsewhere."""
    near_print: Mask
    """1 where something is printed or so near that ink is taken for it."""
    level: float
    """Darkness from which something is ink."""


def laid_page(grey: npt.NDArray[np.uint8], placement: Placement, ways: Sequence[Ink]) -> LaidPage:
    """The writing on a grey page that lies on a blank page as `placement` says.

    `ways` are those in which the blank page may be printed, by `printed`: with the frames of its fields, without them.
    """
    height, width = ways[0].shape
    size = width, height
    darkness = lay(relative_darkness(_of_size(grey, placement, size), _REACH), placement, size)
    surely = np.minimum.reduce(ways)
    print_of_copy = darkness[surely > 0.5]
    level = float(np.clip(np.percentile(print_of_copy, 60) * _INK_SHARE, *_INK_LIMITS)) if print_of_copy.size else 0.3
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _NEAR_PRINT + 1, 2 * _NEAR_PRINT + 1))
    near_print = cv2.dilate(_print_of_copy(ways, surely, darkness > _FAINT * level), disc)
    beside = np.asarray(darkness * (1 - near_print), dtype=np.float32)
    kept = _bridges((beside > level).astype(np.uint8)) & near_print & (darkness > level)
    return LaidPage(np.where(kept > 0, darkness, beside), np.asarray(near_print, dtype=np.uint8), level)


def printed(blank: npt.NDArray[np.uint8], size: tuple[int, int]) -> Ink:
    """The print of a grey blank page, in a picture of `size` (width, height)."""
    darkness = relative_darkness(blank, _REACH)
    return np.asarray(cv2.resize(darkness, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _print_of_copy(ways: Sequence[Ink], surely: Ink, inked: npt.NDArray[np.bool_]) -> Mask:
    """What is printed on this copy: in all ways in which it may be, and of each other way where its ink is there."""
    found = np.asarray(surely > _PRINTED, dtype=np.uint8)
    for way in ways:
        only = np.asarray((way > _PRINTED) & (found == 0), dtype=np.float32)
        if only.any():
            there = cv2.blur(only * inked, _AROUND) > _IS_THERE * cv2.blur(only, _AROUND)
            found |= np.asarray((only > 0) & there, dtype=np.uint8)
    return found


def _of_size(grey: npt.NDArray[np.uint8], placement: Placement, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    corner, across, down = placement.map(np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.9]])) * (
        grey.shape[1],
        grey.shape[0],
    )
    widths = np.linalg.norm(across - corner) / (0.8 * size[0]), np.linalg.norm(down - corner) / (0.8 * size[1])
    scale = float(min(widths))
    if scale < _SHRINK_FROM:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _bridges(ink: Mask) -> Mask:
    """Where strokes that cross a printed line go on under it: ink on both sides, as far apart as a line is wide."""
    down = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((_BRIDGED, 1), np.uint8))
    across = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, _BRIDGED), np.uint8))
    return np.asarray(down | across, dtype=np.uint8)
