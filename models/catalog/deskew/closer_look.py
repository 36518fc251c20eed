"""Whether a page that seems upright stands on its head, from parts of it in which letters are large enough to be seen.

The network sees a page at 224 pixels, and judges by its outline: a form of combs, whose labels are close above them,
looks to it like one that stands on its head, as surely as any. In a sixth of such a page it sees letters.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.catalog.deskew.quarter_turn import QuarterTurn, right_of, scores
from models.runtimes.onnx import Network

_Grey = npt.NDArray[np.uint8]
_PART = 0.4
"""Sides of a part, of the page's shorter one."""
_SURELY = 0.6
"""Mean score of all parts from which they outweigh the page."""
_AT_MOST = 0.9
"""Page and parts contradict each other then."""


def looked_at_closely(network: Network, upright: _Grey, quarter: QuarterTurn) -> QuarterTurn:
    """`quarter`, or the half turn more that the page's parts agree on.

    `upright` is the page (height, width), straight and turned as `quarter` says.
    """
    parts = _parts(upright)
    fullest = max(parts, key=lambda part: float(part.std()))
    # One part is enough where it agrees, as it does on nearly every page.
    if not _on_head(network, [fullest]) or (share := _on_head(network, parts)) < _SURELY:
        return quarter
    return QuarterTurn((quarter.turns + 2) % 4, min(_AT_MOST, right_of(share)))


def _on_head(network: Network, parts: list[_Grey]) -> float:
    """The parts' mean score for standing on their head, 0 where that for upright is higher."""
    seen = scores(network, [view for part in parts for view in (part, part[::-1, ::-1])])
    mean = (seen[::2] + np.roll(seen[1::2], 2, axis=1)).mean(axis=0) / 2
    return float(mean[2]) if mean[2] > mean[0] else 0.0


def _parts(page: _Grey) -> list[_Grey]:
    """Squares that cover the page."""
    side = max(1, int(_PART * min(page.shape)))
    tops, lefts = (np.linspace(0, length - side, max(2, round(length / side))).astype(int) for length in page.shape)
    return [page[top : top + side, left : left + side] for top in tops for left in lefts]
