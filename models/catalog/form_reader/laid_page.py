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
_NEAR = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _NEAR_PRINT + 1, 2 * _NEAR_PRINT + 1))
_PALE_AS_A_RULE, _DARKER, _DARKER_BY = 90, 1.3, 0.05
"""So many of a hundred pixels of pale print are no darker, measured by the blank, than what is held for usual on this
copy (a photocopier or fax may have made it black); ink so many times as dark, and by so much, is a pen's."""
_LEAST_BESIDE, _BESIDE = 8, 0.2
"""Of a stroke on pale print, pixels that are beside it, and how many for each that is on it."""
_LEAST_PALE = 50
"""Pixels of pale print that tell what is usual."""
_INK_SHARE, _INK_LIMITS = 0.5, (0.12, 0.45)
"""A pixel is ink from half the darkness that print has on this copy."""
_DARK = 0.5
"""Darkness of print that tells how dark this copy is printed."""
_PART, _AROUND, _IS_THERE, _FAINT = 8, (9, 9), 0.4, 0.6
"""Print that may be missing is looked for in so many parts around one of so many pixels, and is there where so much of
it has ink, if only faint."""
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

    always: Mask
    """1 where every copy has print, grey areas left out."""
    dark: npt.NDArray[np.int64]
    """Places, in the flattened page, of the darkest of it."""
    sometimes: tuple[SomePrint, ...]
    """What else each way of printing it has: with the frames of its fields, without them."""
    tinted: npt.NDArray[np.int64]
    """Places, in the flattened page, of grey areas: paper to write on, not print that hides ink."""
    pale: PalePrint


@dataclass(frozen=True, slots=True)
class PalePrint:
    """Print so pale that a pen is darker: letters in cells that say what to write, coloured frames."""

    places: npt.NDArray[np.int64]
    """In the flattened page."""
    darkness: Ink
    """(n,) of the blank page at the places."""
    around: npt.NDArray[np.int64]
    """Places in and near such print, and near no other."""
    darkness_around: Ink
    """(m,) of the darkest print near them."""


@dataclass(frozen=True, slots=True)
class SomePrint:
    """Print that not every copy has."""

    where: Mask
    amount: Ink
    """How much of it is around each part of the page, in squares of _PART pixels."""


def blank_print(pictures: Sequence[npt.NDArray[np.uint8]], size: tuple[int, int]) -> BlankPrint:
    """The print of a blank page of `size` (width, height) from grey pictures, one for each way of printing it."""
    ways = [_darkness_of(picture, size) for picture in pictures]
    tint = _tint(np.asarray(np.minimum.reduce(ways), dtype=np.float32))
    clear = tuple(np.asarray(np.maximum(way - tint, 0), dtype=np.float32) for way in ways)
    surely = np.asarray(np.minimum.reduce(clear), dtype=np.float32)
    always = np.asarray(surely > _PRINTED, dtype=np.uint8)
    # Two ways have nothing in common that not every copy has.
    rest = [np.asarray(way > _PRINTED, dtype=np.uint8) & (1 - always) for way in clear]
    sometimes = tuple(SomePrint(where, _around(where)) for where in rest if where.any())
    return BlankPrint(always, np.flatnonzero(surely > _DARK), sometimes, np.flatnonzero(tint), _pale(surely, clear))


def laid_page(grey: npt.NDArray[np.uint8], placement: Placement, blank: BlankPrint) -> LaidPage:
    """The writing on a grey page that lies on a blank page as `placement` says."""
    height, width = blank.always.shape
    size = width, height
    darkness = lay(relative_darkness(_of_size(grey, placement, size), _REACH), placement, size)
    if blank.tinted.size:
        flat = darkness.reshape(-1)
        flat[blank.tinted] = np.maximum(flat[blank.tinted] - _opened(darkness).reshape(-1)[blank.tinted], 0)
    print_of_copy = darkness.reshape(-1)[blank.dark]
    level = float(np.clip(np.percentile(print_of_copy, 60) * _INK_SHARE, *_INK_LIMITS)) if print_of_copy.size else 0.3
    printed = _print_of_copy(blank, _over(darkness, _FAINT * level))
    near_print = cv2.dilate(printed, _NEAR)
    is_ink = _over(darkness, level)
    near_print.reshape(-1)[_pen_on_pale_print(darkness, is_ink & (1 - near_print), level, blank.pale)] = 0
    bridged = _bridges(is_ink & (1 - near_print)) & is_ink
    writing = cv2.bitwise_and(darkness, darkness, mask=(near_print <= bridged).view(np.uint8))
    return LaidPage(writing, np.asarray(near_print, dtype=np.uint8), level, darkness, printed)


def _over(darkness: Ink, level: float) -> Mask:
    return np.asarray((darkness > np.float32(level)).view(np.uint8))


def _darkness_of(picture: npt.NDArray[np.uint8], size: tuple[int, int]) -> Ink:
    darkness = relative_darkness(picture, _REACH)
    return np.asarray(cv2.resize(darkness, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _tint(surely: Ink) -> Ink:
    flat = _opened(surely)
    return np.asarray(np.where((flat > _TINTED[0]) & (flat < _TINTED[1]), flat, 0), dtype=np.float32)


def _opened(darkness: Ink) -> Ink:
    """Without what is thinner than the strokes of a marker."""
    return np.asarray(cv2.morphologyEx(darkness, cv2.MORPH_OPEN, np.ones((_WIDE, _WIDE), np.uint8)), dtype=np.float32)


def _print_of_copy(blank: BlankPrint, inked: Mask) -> Mask:
    """What is printed on this copy: in all ways in which it may be, and of each other way where its ink is there."""
    found = blank.always.copy()
    height, width = found.shape
    for some in blank.sometimes:
        there = np.asarray(_around(some.where & inked) > _IS_THERE * some.amount, dtype=np.uint8)
        found |= some.where & cv2.resize(there, (width, height), interpolation=cv2.INTER_NEAREST)
    return found


def _pale(surely: Ink, ways: Sequence[Ink]) -> PalePrint:
    near = cv2.dilate(np.maximum.reduce(ways), _NEAR)
    pale = (near > _PRINTED) & (near < _DARK)
    places, around = np.flatnonzero(pale & (surely > _PRINTED)), np.flatnonzero(pale)
    return PalePrint(places, surely.reshape(-1)[places], around, near.reshape(-1)[around])


def _pen_on_pale_print(darkness: Ink, away: Mask, level: float, pale: PalePrint) -> npt.NDArray[np.int64]:
    """Places in the flattened page where ink is darker than pale print ever is on this copy, and belongs to strokes.

    `away` is ink that is not near print. What is dark for once and goes on nowhere is print.
    """
    if pale.places.size < _LEAST_PALE:
        return pale.around[:0]
    flat = darkness.reshape(-1)
    usual = float(np.percentile(flat[pale.places] / pale.darkness, _PALE_AS_A_RULE))
    least = np.maximum(_DARKER * usual * pale.darkness_around + _DARKER_BY, level)
    pen = pale.around[flat[pale.around] > least]
    if not pen.size:
        return np.zeros(0, np.int64)
    strokes = away.copy()
    strokes.reshape(-1)[pen] = 1
    count, labels = cv2.connectedComponents(strokes, connectivity=8)
    on_print = labels.reshape(-1)[pen]
    sizes = np.bincount(on_print, minlength=count)
    beside = np.bincount(labels[away > 0], minlength=count)
    goes_on = (beside >= _LEAST_BESIDE) & (beside >= _BESIDE * sizes)
    return np.asarray(pen[goes_on[on_print]], dtype=np.int64)


def _around(mask: Mask) -> Ink:
    height, width = mask.shape
    parts = -(-width // _PART), -(-height // _PART)
    whole = cv2.copyMakeBorder(mask, 0, parts[1] * _PART - height, 0, parts[0] * _PART - width, cv2.BORDER_CONSTANT)
    small = cv2.resize(whole * np.uint8(255), parts, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.blur(small.astype(np.float32), _AROUND), dtype=np.float32)


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
