"""At which size, and in how many strips, a page goes through the text detector."""

from __future__ import annotations

import math
from dataclasses import dataclass

MIN_SIDE = 736
"""Smaller pages are enlarged until their short side has so many pixels (the detector's published default)."""
MAX_INPUT_PIXELS = 2_000_000
"""Of one pass: about 600 MB of working memory. An A4 page passes whole at 150 dpi."""
MIN_SCALE = 0.45
"""A page is not shrunk further than this; what is still too large goes through in strips."""
MAX_SCALE = 4.0
OVERLAP = 160
"""Rows of the page that neighbouring strips share, so that a line at a seam is whole in one of them."""
LEAST_ROWS = 4 * OVERLAP
"""Of the page in a strip, so that overlaps stay a small part of the work."""
SHARED_PIXELS = 1_200_000
"""From so many on a page has two strips or more, for two children to work on; see `PageImage.share`."""
STRIDE = 32
"""The network halves its input five times."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Full-width rows of a page that pass the detector at once."""

    top: int
    """First row, in pixels of the page."""
    bottom: int
    """Past the last row."""
    input_width: int
    """Size at which the rows are given to the network, both multiples of STRIDE."""
    input_height: int
    core_top: float
    """Lines whose middle is in [core_top, core_bottom) are this strip's; the others are a neighbour's."""
    core_bottom: float

    def owns(self, middle: float) -> bool:
        """Whether a line with this middle row is answered by this strip."""
        return self.core_top <= middle < self.core_bottom


def plan_strips(width: int, height: int) -> list[Strip]:
    """The strips of a page of that size in pixels, from top to bottom; together they own every row."""
    scale = _scale(width, height)
    rows_at_once = max(LEAST_ROWS, int(MAX_INPUT_PIXELS / (scale * scale * width)))
    count = max(1, math.ceil((height - OVERLAP) / (rows_at_once - OVERLAP)))
    if width * height * scale * scale >= SHARED_PIXELS and height >= 2 * LEAST_ROWS - OVERLAP:
        count = max(2, count)
    strips = []
    for index in range(count):
        seam, next_seam = round(height * index / count), round(height * (index + 1) / count)
        top = 0 if index == 0 else seam - OVERLAP // 2
        bottom = height if index == count - 1 else next_seam + OVERLAP // 2
        strips.append(
            Strip(
                top=top,
                bottom=bottom,
                input_width=_multiple(width * scale),
                input_height=_multiple((bottom - top) * scale),
                core_top=-math.inf if index == 0 else seam,
                core_bottom=math.inf if index == count - 1 else next_seam,
            )
        )
    return strips


def _scale(width: int, height: int) -> float:
    short = min(width, height)
    fits = math.sqrt(MAX_INPUT_PIXELS / (width * height))
    least, most = (1.0, min(MIN_SIDE / short, MAX_SCALE)) if short < MIN_SIDE else (MIN_SCALE, 1.0)
    # A page so wide that even the least strip is too large is shrunk until it fits, readable or not.
    widest = math.sqrt(MAX_INPUT_PIXELS / (width * min(height, LEAST_ROWS)))
    return min(max(least, min(most, fits)), widest)


def _multiple(side: float) -> int:
    return max(STRIDE, round(side / STRIDE) * STRIDE)
