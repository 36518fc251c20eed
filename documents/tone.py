"""Negatives: pages, or large parts of them, whose print is bright on dark, as microfilm, screens and panels show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from documents.raster import Pixels

_LOOK_PIXELS = 800
"""Longer side at which a page is looked at."""
_AROUND = 51
"""Pixels of the look: what is commonest within is the ground."""
_GROUNDS = (165, 120, 80)
"""Levels: a ground that is brighter than the first is paper, whatever its colour; one may be around a darker one."""
_OFF = 40
"""Levels by which print differs from its ground."""
_PART = 0.2
"""Of the page: smaller dark parts are left to those who look for things in them."""
_MOST_UNEVEN = 60.0
"""Levels between most of a part's ground: pictures have more."""
_LETTERS = 8
_OUTNUMBER = 3
"""Bright letters in a part, at least; and for each dark one in it."""
_LETTER = (4, 60)
"""Height in pixels of the look."""
_LONGEST = 15
"""Heights, of what may be a word."""
_ALIKE, _LIKE_SIZE = 0.5, (0.4, 2.5)
"""Of the letters, as many are about as high as the usual one; specks and the grain of wood are of any size."""
_LEAST = 0.02
"""Of the page: nothing smaller is a part by itself."""
_WIDE = 15
"""Pixels of the look: what is as bright and wider is a place to write in, or a bar with dark print."""
_FULL_PERCENTILE, _FULL_SHARE = 90, 0.75
_RIM = 2
_WHITE, _PAPER = 255, 235
"""Levels: a ground that is turned over is at least as bright as the second."""
_PRINT, _STEEPEST = 190.0, 2.5
"""Levels by which print that was turned over differs from its ground, if differences need not grow more than that."""
_WHOLE = 0.97
_MOSTLY = 0.5


Mask = npt.NDArray[np.bool_]
Letters = npt.NDArray[np.intp]
"""(n, 3): the middle, across and down, and the height of what may be a letter or a word."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A page of a few pixels."""

    grey: Pixels
    ground: Pixels


def positive(pixels: Pixels) -> tuple[Pixels, bool]:
    """The page with its negative parts turned over, dark on bright, and whether those are most of it.

    What is bright and wide in them stays as it is, with a dark edge around it. Pages without such parts come back as
    they are.
    """
    look = _look(pixels)
    parts = [] if look is None else list(_negative_parts(look))
    if look is None or not parts:
        return pixels, False
    part = np.logical_or.reduce(parts)
    ground = float(np.median(look.ground[part]))
    share = float(part.mean())
    part = np.ones_like(part) if share >= _WHOLE else _to_its_edge(part, look.grey, ground)
    return _turned_over(pixels, look, part, ground), share >= _MOSTLY


def _look(pixels: Pixels) -> _Look | None:
    """None for a page that is mostly paper."""
    scale = min(1.0, _LOOK_PIXELS / max(pixels.shape[:2]))
    size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
    # The grey of coloured print is enough, and the smaller picture is quicker to make grey.
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY) if small.ndim == 3 else small, dtype=np.uint8)
    if min(grey.shape) < _AROUND or float((grey <= _GROUNDS[0]).mean()) < _PART:
        return None
    return _Look(grey, np.asarray(cv2.medianBlur(grey, _AROUND), dtype=np.uint8))


def _negative_parts(look: _Look) -> Iterator[Mask]:
    bright = _letters(cv2.subtract(look.grey, look.ground))
    black = _letters(cv2.subtract(look.ground, look.grey))
    found = np.zeros(look.grey.shape, np.bool_)
    for level in _GROUNDS:
        dark = ((look.ground <= level) & ~found).astype(np.uint8)
        _, labels, statistics, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
        for label in np.flatnonzero(statistics[1:, cv2.CC_STAT_AREA] >= _PART * dark.size) + 1:
            part = labels == label
            in_part = (letters[labels[letters[:, 1], letters[:, 0]] == label] for letters in (bright, black))
            if np.subtract(*np.percentile(look.ground[part], (90, 10))) <= _MOST_UNEVEN and _is_print(*in_part):
                found |= part
                yield part


def _is_print(bright: Letters, black: Letters) -> bool:
    """Whether a part's bright letters are its print."""
    heights = bright[:, 2]
    if len(heights) < max(_LETTERS, _OUTNUMBER * len(black)):
        return False
    usual = float(np.median(heights))
    return bool(np.mean((heights >= _LIKE_SIZE[0] * usual) & (heights <= _LIKE_SIZE[1] * usual)) >= _ALIKE)


def _letters(off: Pixels) -> Letters:
    _, _, statistics, middles = cv2.connectedComponentsWithStats((off >= _OFF).astype(np.uint8), connectivity=8)
    wide, high = statistics[1:, cv2.CC_STAT_WIDTH], statistics[1:, cv2.CC_STAT_HEIGHT]
    fits = (high >= _LETTER[0]) & (high <= _LETTER[1]) & (wide >= 2) & (wide <= _LONGEST * high)
    return np.asarray(np.column_stack([middles[1:], high])[fits], dtype=np.intp)


def _to_its_edge(part: Mask, grey: Pixels, ground: float) -> Mask:
    """The part as far as it really goes: the commonest level around does not tell at corners, and near dark print."""
    zone = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((_AROUND, _AROUND), np.uint8)) > 0
    dark = grey <= (ground + _WHITE) / 2
    grown = part | (_hanging_together(dark, part) & zone)
    kept = grown & ~(_hanging_together(~dark, ~part) & zone)
    # Print on a bright label near by is dark too, and hangs together with nothing.
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(kept.astype(np.uint8), connectivity=8)
    large = statistics[:, cv2.CC_STAT_AREA] >= _LEAST * part.size
    large[0] = False
    return np.asarray(large[labels], dtype=np.bool_)


def _hanging_together(mask: Mask, with_what: Mask) -> Mask:
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    inside = np.bincount(labels[with_what & mask], minlength=int(labels.max()) + 1) >= _WIDE * _WIDE
    inside[0] = False
    return np.asarray(inside[labels], dtype=np.bool_)


def _turned_over(pixels: Pixels, look: _Look, part: Mask, ground: float) -> Pixels:
    size = (pixels.shape[1], pixels.shape[0])
    square = np.ones((_WIDE, _WIDE), np.uint8)
    off = cv2.subtract(look.grey, look.ground)
    # Small counters of soft letters are half as bright as their strokes.
    full = float(np.percentile(off[part & (off >= _OFF)], _FULL_PERCENTILE))
    bright = (off >= _FULL_SHARE * full).astype(np.uint8)
    wide = cv2.erode(cv2.morphologyEx(bright, cv2.MORPH_OPEN, square), np.ones((2 * _RIM + 1,) * 2, np.uint8))
    turned = part & (wide == 0)
    # On a ground of middle tones, and where it is no brighter than that itself, print would stay pale.
    paper = max(_WHITE - ground, float(_PAPER))
    steeper = min(max(_PRINT / full, paper / (_WHITE - ground)), _STEEPEST) if full < _PRINT else 1.0
    levels = np.clip(paper - (np.arange(256) - ground) * steeper, 0, _WHITE).astype(np.uint8)
    over = np.asarray(cv2.LUT(pixels, levels), dtype=np.uint8)
    if turned.all():
        return over
    mask = cv2.resize(turned.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    out = np.where(mask[..., None] if pixels.ndim == 3 else mask, over, pixels)
    if not part.all():
        # Nobody knows to the pixel where the part ends.
        edge = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2 * _RIM + 1,) * 2, np.uint8))
        there = cv2.resize(edge, size, interpolation=cv2.INTER_NEAREST) > 0
        out[there] = np.maximum(pixels[there], over[there])
    return np.ascontiguousarray(out, dtype=np.uint8)
