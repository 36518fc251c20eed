"""A page in parts that overlap, where as a whole it would be too large to be worked on."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_PIXELS = 3_200_000
"""Of a part at its working scale."""
_OVERLAP = 160
"""Working pixels that a part shares with the next: the largest box and what is looked at around it."""

_ROUNDING = 1.001
"""A scale that was chosen for the whole page is not taken for one too large."""


@dataclass(frozen=True, slots=True)
class Part:
    """An upright part of a page, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


def parts_of(height: int, width: int, scale: float) -> list[Part]:
    """The parts of a page of that size; one that is the whole, where that is not too large at this scale."""
    if height * width * scale * scale <= MOST_PIXELS * _ROUNDING:
        return [Part(0, 0, width, height)]
    # Parts about as wide as high overlap least.
    longest = math.sqrt(MOST_PIXELS) / scale
    rows = _spans(height, longest, _OVERLAP / scale)
    columns = _spans(width, longest, _OVERLAP / scale)
    return [Part(left, top, right, bottom) for top, bottom in rows for left, right in columns]


def _spans(length: int, longest: float, overlap: float) -> list[tuple[int, int]]:
    count = max(1, math.ceil((length - overlap) / (longest - overlap)))
    step = (length - overlap) / count
    return [(round(n * step), min(length, math.ceil((n + 1) * step + overlap))) for n in range(count)]
