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
_TINTED, _WIDE = (0.04, 0.55), 15
"""Darkness of a grey area, and pixels that it is wide at least: 1.9 mm."""
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
    darkness: Ink
    """Of everything on the page but grey areas."""
    printed: Mask
    """1 where this copy has print of the blank."""


@dataclass(frozen=True, slots=True)
class BlankPrint:
    """What a blank page has printed, as far as its copies may, in pixels at DPI; made once for all of them."""

    surely: Ink
    """Darkness of what every copy has, without grey areas."""
    ways: tuple[Ink, ...]
    """The same of each way in which it may be printed: with the frames of its fields, without them."""
    tinted: npt.NDArray[np.bool_]
    """Where grey areas are: paper to write on, not print that hides ink."""


def blank_print(pictures: Sequence[npt.NDArray[np.uint8]], size: tuple[int, int]) -> BlankPrint:
    """The print of a blank page of `size` (width, height) from grey pictures, one for each way of printing it."""
    ways = [_darkness_of(picture, size) for picture in pictures]
    tint = _tint(np.asarray(np.minimum.reduce(ways), dtype=np.float32))
    clear = tuple(np.asarray(np.maximum(way - tint, 0), dtype=np.float32) for way in ways)
    return BlankPrint(np.asarray(np.minimum.reduce(clear), dtype=np.float32), clear, np.asarray(tint > 0))


def laid_page(grey: npt.NDArray[np.uint8], placement: Placement, blank: BlankPrint) -> LaidPage:
    """The writing on a grey page that lies on a blank page as `placement` says."""
    height, width = blank.surely.shape
    size = width, height
    darkness = lay(relative_darkness(_of_size(grey, placement, size), _REACH), placement, size)
    if blank.tinted.any():
        darkness[blank.tinted] = np.maximum(darkness[blank.tinted] - _opened(darkness)[blank.tinted], 0)
    print_of_copy = darkness[blank.surely > 0.5]
    level = float(np.clip(np.percentile(print_of_copy, 60) * _INK_SHARE, *_INK_LIMITS)) if print_of_copy.size else 0.3
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _NEAR_PRINT + 1, 2 * _NEAR_PRINT + 1))
    printed = _print_of_copy(blank, darkness > _FAINT * level)
    near_print = cv2.dilate(printed, disc)
    is_ink = np.asarray(darkness > level, dtype=np.uint8)
    bridged = _bridges(is_ink & (1 - near_print)) & is_ink
    writing = darkness.copy()
    writing[near_print > bridged] = 0
    return LaidPage(writing, np.asarray(near_print, dtype=np.uint8), level, darkness, printed)


def _darkness_of(picture: npt.NDArray[np.uint8], size: tuple[int, int]) -> Ink:
    darkness = relative_darkness(picture, _REACH)
    return np.asarray(cv2.resize(darkness, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _tint(surely: Ink) -> Ink:
    flat = _opened(surely)
    return np.asarray(np.where((flat > _TINTED[0]) & (flat < _TINTED[1]), flat, 0), dtype=np.float32)


def _opened(darkness: Ink) -> Ink:
    """Without what is thinner than the strokes of a marker."""
    return np.asarray(cv2.morphologyEx(darkness, cv2.MORPH_OPEN, np.ones((_WIDE, _WIDE), np.uint8)), dtype=np.float32)


def _print_of_copy(blank: BlankPrint, inked: npt.NDArray[np.bool_]) -> Mask:
    """What is printed on this copy: in all ways in which it may be, and of each other way where its ink is there."""
    found = np.asarray(blank.surely > _PRINTED, dtype=np.uint8)
    for way in blank.ways:
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
