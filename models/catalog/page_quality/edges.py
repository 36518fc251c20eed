"""Lines of text and rules that run into the edge of the page: signs that the page goes on beyond it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.page_quality.frame import Frame, Grey
from models.catalog.page_quality.text_near_edge import TOUCH, Span, TextNearEdge
from schemas.prediction import Quad

_USUAL_LETTER = 8.0
LETTERS_A_LINE = 2.25
"""Letters along the top or bottom edge that say as much as one line running into a side."""
_WIDE = 0.95
"""Height over width below which a page may be the upper or lower part of one; squares are not."""
_DEEP, _SHALLOW = 32.0, 6.0
"""Letters' heights that are looked at along the top and bottom, and along the sides."""
_RULE = 0.6
"""Letters' heights: a rule that lies a little askew is hardly wider in its strip."""
_MOST_UNTURNED = 40.0
"""Degrees; near 45 the canvas no longer tells how wide and how high the page in it was."""


@dataclass(frozen=True, slots=True)
class CutEdge:
    """The edge of the page into which most lines run."""

    lines: int
    quad: Quad
    """Where they run into it, in pixels of the page."""


def most_cut_edge(frame: Frame, depth: Grey, contrast: float, letter_height: float | None, angle: float) -> CutEdge:
    """The worst of the four edges of a page that was straightened by `angle` degrees (0: not turned).

    At the left and right a line is a group of strokes that touch the edge. At the top and bottom `TextNearEdge` tells;
    LETTERS_A_LINE of its letters count as one line.
    """
    letter = max(4.0, (letter_height or _USUAL_LETTER * frame.scale) / frame.scale)
    mask = (depth > 0.45 * contrast).astype(np.uint8)
    top, right, bottom, left = _strips(mask, letter, angle)
    above, below = (TextNearEdge(_things(strip), letter, strip.shape[1]) for strip in (top, bottom))
    wide = mask.shape[0] < _WIDE * mask.shape[1]
    across = _rules_across(right, left, letter)
    places = (
        above.cut(below, may_be_part=wide),
        _cut_lines(right, letter, across),
        below.cut(above, may_be_part=wide),
        _cut_lines(left, letter, left.shape[1] - across),
    )
    lines = [int(len(found) / (1 if side % 2 else LETTERS_A_LINE)) for side, found in enumerate(places)]
    worst = max(range(4), key=lines.__getitem__)
    strip = (top, right, bottom, left)[worst]
    return CutEdge(lines[worst], _quad_of(worst, _span(places[worst], strip.shape[1]), frame, letter))


def _strips(mask: Grey, letter: float, angle: float) -> Iterator[Grey]:
    """The ink along the top, right, bottom and left edge, each turned so that the edge is the strip's first row."""
    upright = _unturned(mask, angle)
    for turns in range(4):
        thickness = max(8, round((_SHALLOW if turns % 2 else _DEEP) * letter))
        yield np.ascontiguousarray(np.rot90(upright, turns)[:thickness])


def _unturned(mask: Grey, angle: float) -> Grey:
    """The mask turned back, without the corners that straightening added."""
    if not 0.05 <= abs(angle) <= _MOST_UNTURNED:
        return mask
    rows, columns = mask.shape
    cosine, sine = math.cos(math.radians(angle)), abs(math.sin(math.radians(angle)))
    # The canvas is as large as the turned page: columns = w cos + h sin, rows = w sin + h cos.
    spread = cosine * cosine - sine * sine
    width = max(1, round((columns * cosine - rows * sine) / spread))
    height = max(1, round((rows * cosine - columns * sine) / spread))
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), angle, 1.0)
    matrix[:, 2] += ((width - columns) / 2, (height - rows) / 2)
    return np.asarray(cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_NEAREST), dtype=np.uint8)


def _span(places: list[Span], length: int) -> tuple[float, float]:
    """From where to where along the edge, as shares."""
    return (min(places)[0] / length, max(end for _, end in places) / length) if places else (0.0, 0.0)


def _rules_across(right: Grey, left: Grey, letter: float) -> npt.NDArray[np.float64]:
    """Where rules meet the right edge that go on to the left one: lined paper has them, and no knife."""
    here, there = (_rules(strip, letter) for strip in (right, left))
    # The strip of the right edge runs downwards, that of the left upwards.
    apart = np.abs(here[:, None] - (left.shape[1] - there)[None, :])
    return np.asarray(here[(apart <= letter).any(axis=1)], dtype=np.float64)


def _rules(strip: Grey, letter: float) -> npt.NDArray[np.float64]:
    """The middles of thin strokes that go through all of a strip from its edge on."""
    things = _things(strip)
    deep = (things[:, 1] < TOUCH) & (things[:, 1] + things[:, 3] >= strip.shape[0] - TOUCH)
    thin = things[deep & (things[:, 2] <= _RULE * letter)]
    return np.asarray(thin[:, 0] + thin[:, 2] / 2, dtype=np.float64)


def _cut_lines(strip: Grey, letter: float, across: npt.NDArray[np.float64]) -> list[Span]:
    """Where lines that run along the rows meet the edge: touching strokes, those of one line taken together.

    Without those `across` the whole page.
    """
    touching = []
    for left, top, width, height, area in _things(strip):
        if top >= TOUCH or area < 0.08 * letter * letter or width > 4 * letter:
            continue
        if width <= _RULE * letter and (np.abs(across - left - width / 2) <= letter).any():
            continue
        # Specks and the ragged inside of a dark border stay near the edge; letters and rules come from further in.
        if height >= 0.35 * letter + TOUCH and _has_paper_beside(strip, left, width, letter):
            touching.append((float(left), float(left + width)))
    lines: list[Span] = []
    for start, end in sorted(touching):
        if lines and start <= lines[-1][1] + 0.8 * letter:
            lines[-1] = lines[-1][0], max(end, lines[-1][1])
        else:
            lines.append((start, end))
    return lines


def _things(strip: Grey) -> npt.NDArray[np.int32]:
    """(things, 5) left, top, width, height and area of what hangs together."""
    return np.asarray(cv2.connectedComponentsWithStats(strip, connectivity=8)[2][1:], dtype=np.int32)


def _has_paper_beside(strip: npt.NDArray[np.uint8], left: int, width: int, letter: float) -> bool:
    """A solid dark border has none."""
    margin = round(letter)
    around = strip[:, max(0, left - margin) : left + width + margin]
    return 0.01 < float(around.mean()) < 0.6


def _quad_of(side: int, span: tuple[float, float], frame: Frame, letter: float) -> Quad:
    height, width = frame.pixels.shape[:2]
    thick = 2 * letter * frame.scale
    start, end = span
    if side in (1, 3):
        # The strip of the right edge runs downwards, that of the left upwards.
        top, bottom = (start, end) if side == 1 else (1 - end, 1 - start)
        left, right = (width - thick, float(width)) if side == 1 else (0.0, thick)
        return _box(left, top * height, right, bottom * height)
    left, right = (start, end) if side == 0 else (1 - end, 1 - start)
    top, bottom = (0.0, thick) if side == 0 else (height - thick, float(height))
    return _box(left * width, top, right * width, bottom)


def _box(left: float, top: float, right: float, bottom: float) -> Quad:
    return (left, top, right, top, right, bottom, left, bottom)
