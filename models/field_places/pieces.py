"""Lines across, cut where lines down stand on them: what a place to write in may stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.field_places.page_print import PagePrint, pixels

LEAST_WIDTH = 15.0
"""Points: what is less is too little to write in."""
TOUCHES = 2.5
"""Points between lines that are meant to meet."""
_SIDE_ROWS, _MOSTLY = (2.0, 7.0), 0.7
"""Points above a line in which a line down must stand to be a side, and in how many of these rows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a line across, what lies between lines down."""

    left: int
    right: int
    top: int
    """The row of the line's upper edge."""
    bottom: int
    closed: tuple[bool, bool]
    """Whether a line down stands on it at its left, at its right."""
    hung: bool
    """Lines down hang from both its ends, and none stand on them: it is the top of something."""
    dotted: bool


def pieces(page: PagePrint) -> Iterator[Piece]:
    """Those that are long enough."""
    joined = cv2.morphologyEx(page.across, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    near, far = (pixels(points) for points in _SIDE_ROWS)
    margin = pixels(TOUCHES)
    for left, top, width, height, _ in stats[1:count].tolist():
        if height > 2 * margin or top < far:
            continue
        right = left + width
        standing = _sides(page, left - margin, right + margin, top - far, top - near)
        hung = _at_ends(page, left, right, top + height + far) and not _at_ends(page, left, right, top - near)
        dotted = bool(page.dotted[top : top + height, left:right].any())
        for start, end in gaps(standing[margin : margin + width]):
            if end - start >= pixels(LEAST_WIDTH):
                at_left = bool(standing[start : start + 2 * margin].any())
                at_right = bool(standing[end : end + 2 * margin].any())
                yield Piece(left + start, left + end, top, top + height, (at_left, at_right), hung, dotted)


def _at_ends(page: PagePrint, left: int, right: int, bottom: int) -> bool:
    """Whether lines down are at both ends of a line, in the rows above `bottom`; corners may be round."""
    margin = pixels(TOUCHES)
    near, far = (pixels(points) for points in _SIDE_ROWS)
    seen = _sides(page, left - 2 * margin, right + 2 * margin, bottom - far + near, bottom)
    return bool(seen[: 4 * margin].any() and seen[-4 * margin :].any())


def _sides(page: PagePrint, left: int, right: int, top: int, bottom: int) -> npt.NDArray[np.bool_]:
    """For each column from `left` to `right`, whether a line down runs through all rows from `top` to `bottom`."""
    found = np.zeros(right - left, bool)
    inside = max(0, left), min(page.down.shape[1], right)
    rows = (page.down | page.solid)[max(0, top) : bottom, inside[0] : inside[1]]
    if rows.size:
        found[inside[0] - left : inside[1] - left] = rows.mean(axis=0) > _MOSTLY
    return found


def gaps(taken: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Runs of False, as start and end."""
    padded = np.concatenate([[True], taken, [True]]).astype(np.int8)
    change = np.flatnonzero(np.diff(padded))
    yield from zip(change[::2].tolist(), change[1::2].tolist(), strict=True)
