"""What was done to a box: from the ink inside, and from strokes that pass through on their way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from models.checkbox.page_ink import Darkness, PageInk
from models.checkbox.selection import Found
from models.checkbox.strokes import Strokes, find_strokes
from schemas.prediction import CheckboxState

_GRID = 32
"""Pixels a side of the interior, brought to one size."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Measurements of the ink of one box; shares are 0 to 1."""

    inside: float
    """Share of the interior that is ink."""
    gap: float
    """From the border to the nearest pen stroke meant for this box, in sides; 0 inside, 9 for none."""
    stroke: float
    """Length of that stroke, in sides."""

    @staticmethod
    def blank() -> Marks:
        """Of a box on a page without ink."""
        return Marks(0.0, 9.0, 0.0)


def measure(page: PageInk, boxes: Sequence[Found]) -> list[Marks]:
    """The marks of each of `boxes`, which must be all boxes of the page for strokes to find their owner."""
    strokes = find_strokes(page.masks[0], boxes)
    return [_measure(page, box, index, strokes) for index, box in enumerate(boxes)]


def _measure(page: PageInk, box: Found, index: int, strokes: Strokes) -> Marks:
    interior = _interior(page.darkness, box, page.scale)
    paper = float(np.percentile(interior, 20))
    if paper > 0.3 and float(np.percentile(interior, 80)) - paper < 0.35:
        paper = 0.0
    paper = min(paper, 0.3)
    level = max(0.1, 0.4 * (_border_darkness(page.darkness, box) - paper))
    ink = (interior - paper > level).astype(np.float64)
    ink *= 1 - _foreign(strokes, box, index, page.scale)
    gap, stroke = strokes.reach(box, index)
    if box.radio:
        ink *= _DISC
        share = float(ink.sum() / _DISC.sum())
    else:
        share = float(ink.mean())
    return Marks(share, gap, stroke)


def judge(marks: Marks, page: Usual) -> tuple[CheckboxState, float]:
    """State and confidence, given what is usual on the page."""
    over = marks.inside - page.empty
    evidence = 90 * (over - _LEAST) if over < 0.12 else 90 * (0.12 - _LEAST) + 6 * (over - 0.12)
    if evidence < 0.5 and page.trusts_strokes and _is_passed_by(marks):
        evidence = max(evidence, 0.5)
    confidence = float(np.clip(1 / (1 + np.exp(-abs(evidence))), 0.5, _SUREST))
    if evidence < 0:
        return CheckboxState.EMPTY, confidence
    # Ticks, crosses and scribbles are not told apart: rules got the kind right in barely more than half of them.
    return (CheckboxState.FILLED if marks.inside > _SOLID else CheckboxState.MARKED), confidence


@dataclass(frozen=True, slots=True)
class Usual:
    """What the boxes of a page have in common."""

    empty: float = 0.0
    """Ink inside a box that nobody touched."""
    trusts_strokes: bool = True
    """Whether strokes beside boxes tell anything; not where they are beside many boxes without ink inside,
    which then are thick borders or rules rather than ticks."""


def usual(marks: Sequence[Marks]) -> Usual:
    """What is usual among `marks`; the lower quartile of ink is that of empty boxes, when there are four or more."""
    if len(marks) < 4:
        return Usual()
    empty = float(min(0.06, np.percentile([mark.inside for mark in marks], 25)))
    passed_by = sum(_is_passed_by(mark) and mark.inside - empty < _LEAST for mark in marks)
    return Usual(empty, passed_by <= max(2, _MOST_PASSED_BY * len(marks)))


_MOST_PASSED_BY = 0.15
_LEAST = 0.05
_SOLID = 0.72
_BLURRED = 2.5
"""Pixels of the page, from the middle of a border, that its blur reaches at most."""
_SUREST = 0.985
"""Share of right answers, on real pages, among those with all evidence."""
_TOUCHING, _NEAR = 0.06, 0.3


def _is_passed_by(marks: Marks) -> bool:
    """Whether a pen stroke meant for this box touches it or all but does."""
    return (marks.gap <= _TOUCHING and marks.stroke >= 1.75) or (marks.gap <= _NEAR and marks.stroke >= 2.0)


def _interior(darkness: Darkness, box: Found, scale: float) -> npt.NDArray[np.float64]:
    """The inside of the box without its border, as `_GRID` by `_GRID` pixels.

    `scale` is working pixels for one of the page's: a border on a screen of few pixels is blurred over two of them.
    """
    inset = max(2.0, _BLURRED * scale, (0.2 if box.radio else 0.15) * box.side)
    inset = min(inset, 0.3 * box.side)
    left, top = box.left + inset, box.top + inset
    width, height = box.right - box.left - 2 * inset, box.bottom - box.top - 2 * inset
    matrix = np.array([[width / _GRID, 0, left], [0, height / _GRID, top]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(darkness, matrix, (_GRID, _GRID), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, dtype=np.float64)


def _border_darkness(darkness: Darkness, box: Found) -> float:
    left, top = max(0, int(box.left)), max(0, int(box.top))
    right, bottom = min(darkness.shape[1] - 1, int(box.right)), min(darkness.shape[0] - 1, int(box.bottom))
    if right <= left or bottom <= top:
        return 0.5
    rows = np.concatenate([darkness[top, left:right], darkness[bottom, left:right]])
    columns = np.concatenate([darkness[top:bottom, left], darkness[top:bottom, right]])
    return float(np.median(np.concatenate([rows, columns])))


def _foreign(strokes: Strokes, box: Found, index: int, scale: float) -> npt.NDArray[np.float64]:
    """Where in the interior strokes of other boxes pass, widened a little, on the `_GRID`."""
    y0, x0 = max(0, int(box.top)), max(0, int(box.left))
    y1, x1 = int(box.bottom) + 1, int(box.right) + 1
    labels = strokes.labels[y0:y1, x0:x1]
    owner = strokes.owner[labels]
    foreign = ((labels > 0) & (owner >= 0) & (owner != index)).astype(np.uint8)
    if not foreign.any():
        return np.zeros((_GRID, _GRID))
    page = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.float32)
    page[: foreign.shape[0], : foreign.shape[1]] = cv2.dilate(foreign, np.ones((5, 5), np.uint8))
    moved = replace(box, left=box.left - x0, right=box.right - x0, top=box.top - y0, bottom=box.bottom - y0)
    return (_interior(page, moved, scale) > 0.3).astype(np.float64)


def _disc() -> npt.NDArray[np.float64]:
    steps = np.arange(_GRID) - (_GRID - 1) / 2
    return np.asarray(np.hypot(steps[None, :], steps[:, None]) <= _GRID / 2, dtype=np.float64)


_DISC = _disc()
