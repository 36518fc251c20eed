"""Places that the finder tries and that are no boxes: of signatures, codes, arrows, emblems, large print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.catalog.checkbox.borders import find_borders
from models.ink_sums import PageSums
from synthesis.ink.crop_ink import bounds, draw_cover, soak
from synthesis.ink.line_drawings import emblem
from synthesis.ink.pen_strokes import Part
from synthesis.ink.signature_hand import SignatureHand
from synthesis.sheet import Pixels
from training.checkbox.form_places import patch_around

Random = np.random.Generator

_SIZE = (240, 420)
"""Height and width of what is drawn, in pixels of the working page, where boxes are 12 to 60 wide."""
_ROOM = 150
_INK = 140
_LETTERS = (9.0, 45.0)
"""Height of the letters of a signature in pixels; loops of the larger ones are as large as boxes."""
_MODULES = (21, 41)
_FINDER = 7


class Lookalikes:
    """Draws them in the hands of one part."""

    def __init__(self, data: Path, part: Part, strips: Sequence[Pixels]) -> None:
        """`strips` are printed words, black on white. Raises OSError, KeyError when `data` has no pen strokes."""
        self._hand = SignatureHand(data / "handwriting", part)
        self._strips = strips
        self._things: tuple[Callable[[Pixels, Random], Pixels], ...] = (
            self._signature,
            self._signature,
            self._large_print,
            _matrix_code,
            _arrows,
            _emblem,
        )

    def __call__(self, random: Random) -> Pixels:
        """A patch as of `form_places`, the place in its middle."""
        paper = np.full(_SIZE, int(random.integers(215, 256)), np.uint8)
        paper = self._things[int(random.integers(len(self._things)))](paper, random)
        place = _tried_place(paper, random)
        # The paper goes on, or its edge would tell that here is no box.
        around = (_ROOM,) * 4
        whole = cv2.copyMakeBorder(paper, *around, cv2.BORDER_CONSTANT, value=(int(paper[0, 0]),))
        return patch_around(np.asarray(whole, dtype=np.uint8), place + _ROOM)

    def _signature(self, paper: Pixels, random: Random) -> Pixels:
        kind = random.random()
        strokes = self._hand.signature(random) if kind < 0.75 else self._hand.initials(random)
        left, top, right, bottom = bounds(strokes)
        high = float(np.exp(random.uniform(*np.log(_LETTERS))))
        middle = np.array([_SIZE[1] / 2, _SIZE[0] / 2]) + random.normal(0, 20, 2)
        placed = [(stroke - ((left + right) / 2, (top + bottom) / 2)) * high + middle for stroke in strokes]
        shade = float(random.integers(5, 110))
        if random.random() < 0.5:
            level = round(middle[1] + high * random.uniform(-0.2, 1.0))
            cv2.line(paper, (0, level), (_SIZE[1], level), int(random.integers(0, 150)), int(random.integers(1, 4)))
        return soak(paper, draw_cover(_SIZE, placed, random.uniform(1.2, 5.0)), shade, random)

    def _large_print(self, paper: Pixels, random: Random) -> Pixels:
        """Words of letters as high as boxes, as in headings and emblems."""
        scale, grey = random.uniform(0.5, 2.2), int(random.integers(0, 110))
        y = 10
        while y < _SIZE[0] - 20:
            strip = self._strips[int(random.integers(len(self._strips)))]
            word = cv2.resize(strip, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[: _SIZE[0] - y, : _SIZE[1]]
            x = int(random.integers(0, max(1, _SIZE[1] - word.shape[1])))
            part = paper[y : y + word.shape[0], x : x + word.shape[1]]
            part[:] = np.minimum(part, grey + (word.astype(np.float32) * (255 - grey) / 255).astype(np.uint8))
            y += word.shape[0] + int(random.integers(2, 14))
        return paper


def _tried_place(paper: Pixels, random: Random) -> NDArray[np.float64]:
    """Where the finder sees something of a border; on any ink where it sees none."""
    mask = (paper < _INK).astype(np.uint8)
    tried = find_borders(PageSums(mask))
    if tried and random.random() < 0.85:
        found = tried[int(random.integers(len(tried)))]
        return np.array([found.left, found.top, found.right + 1, found.bottom + 1])
    inked = np.argwhere(mask)
    y, x = inked[int(random.integers(len(inked)))] if len(inked) else (_SIZE[0] // 2, _SIZE[1] // 2)
    half = random.uniform(7, 24)
    x, y = x + random.uniform(-half, half), y + random.uniform(-half, half)
    return np.array([x - half, y - half, x + half, y + half])


def _matrix_code(paper: Pixels, random: Random) -> Pixels:
    """Random modules with the squares of a QR code in three corners, and smaller ones as in its larger versions."""
    count = int(random.integers(*_MODULES))
    module = int(random.integers(3, max(4, 200 // count) + 1))
    dark = random.random((count, count)) < 0.5
    for y, x in ((0, 0), (0, count - _FINDER), (count - _FINDER, 0)):
        dark[max(0, y - 1) : y + _FINDER + 1, max(0, x - 1) : x + _FINDER + 1] = False
        dark[y : y + _FINDER, x : x + _FINDER] = _nested(_FINDER)
    if count > 24 and random.random() < 0.7:
        dark[count - 9 : count - 4, count - 9 : count - 4] = _nested(5)
    shade = int(random.integers(0, 90))
    ink = np.kron(dark, np.ones((module, module), np.bool_))[: _SIZE[0] - 10, : _SIZE[1] - 10]
    y, x = (
        int(random.integers(5, limit - size + 1))
        for limit, size in zip((_SIZE[0] - 5, _SIZE[1] - 5), ink.shape, strict=True)
    )
    paper[y : y + ink.shape[0], x : x + ink.shape[1]][ink] = shade
    return paper


def _nested(size: int) -> NDArray[np.bool_]:
    steps = np.abs(np.arange(size) - size // 2)
    return np.asarray(np.maximum(steps[:, None], steps[None, :]) != size // 2 - 1)


def _arrows(paper: Pixels, random: Random) -> Pixels:
    """Arrows, heads of arrows and tags that point somewhere, full or in outline, some framed."""
    half, pitch = random.uniform(7, 26), random.uniform(2.6, 5.0)
    body = random.uniform(0.15, 0.5)
    shapes = (
        [(-1, -body), (0, -body), (0, -1), (1, 0), (0, 1), (0, body), (-1, body)],
        [(-1, -1), (1, 0), (-1, 1)],
        [(-1, -1), (1, 0), (-1, 1), (-0.4, 0)],
        [(-1, -0.9), (0.3, -0.9), (1, 0), (0.3, 0.9), (-1, 0.9)],
        [(0, -1), (1, 0), (0, 1), (-1, 0)],
        [(-1, -0.8), (-0.2, 0), (-1, 0.8), (-0.4, 0.8), (0.4, 0), (-0.4, -0.8)],
    )
    outline = np.array(shapes[int(random.integers(len(shapes)))], dtype=np.float64) * half * random.uniform(0.8, 1.2, 2)
    if random.random() < 0.5:
        outline = outline @ np.array([[0.0, 1.0], [-1.0, 0.0]]) * random.choice([-1.0, 1.0])
    filled, framed = random.random() < 0.5, random.random() < 0.3
    shade, width = int(random.integers(0, 120)), int(random.integers(1, 4))
    for y in np.arange(half * 1.6, _SIZE[0] - half, pitch * half):
        for x in np.arange(half * 1.6, _SIZE[1] - half, 1.5 * pitch * half):
            points = np.rint((outline * (0.6 if framed else 1.0) + (x, y)) * 16).astype(np.int32).reshape(-1, 1, 2)
            if filled:
                cv2.fillPoly(paper, [points], (shade,), cv2.LINE_AA, 4)
            else:
                cv2.polylines(paper, [points], True, (shade,), width, cv2.LINE_AA, 4)
            if framed:
                near, far = (round(x - half), round(y - half)), (round(x + half), round(y + half))
                cv2.rectangle(paper, near, far, (shade,), width)
    return paper


def _emblem(paper: Pixels, random: Random) -> Pixels:
    part = paper[:, : int(random.integers(120, _SIZE[1]))]
    emblem(part, random)
    return paper
