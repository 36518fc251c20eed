"""Whether a page that seems upright stands on its head, from parts of it in which letters are large enough to be seen.

The network sees a page at 224 pixels, and judges by its outline: a form of combs, whose labels are close above them,
looks to it like one that stands on its head, as surely as any. In a sixth of such a page it sees letters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.catalog.deskew.quarter_turn import QuarterTurn, right_of, scores
from models.runtimes.onnx import Network

_Grey = npt.NDArray[np.uint8]
_PART = 0.4
"""Sides of a part, of the page's shorter one."""
_SURELY = 0.6
"""Mean score of all parts from which they outweigh the page."""
_PLAINLY, _RATHER = 0.3, 0.1
"""By so much more a part scores for upright, the fullest and all: random capitals in combs stand either way."""
_UNSURE = 0.55
"""Below what is acted upon."""
_AT_MOST = 0.9
"""Page and parts contradict each other then."""


def looked_at_closely(network: Network, upright: _Grey, quarter: QuarterTurn) -> QuarterTurn:
    """`quarter`, or the half turn more that the page's parts agree on; less sure where they do not tell.

    `upright` is the page (height, width), straight and turned as `quarter` says.
    """
    parts = _parts(upright)
    fullest = max(parts, key=lambda part: float(part.std()))
    # One part is enough where it agrees, as it does on nearly every page.
    if quarter.sure and _stands(network, [fullest]).upright_by > _PLAINLY:
        return quarter
    stands = _stands(network, parts)
    if stands.on_head > max(stands.upright, _SURELY):
        return QuarterTurn((quarter.turns + 2) % 4, min(_AT_MOST, right_of(stands.on_head)))
    if quarter.turns % 2 == 0 and stands.upright > _SURELY:
        return QuarterTurn(quarter.turns, max(quarter.confidence, min(_AT_MOST, right_of(stands.upright))))
    # A page on its side is turned one way or the other; an upright one is not turned over for a guess.
    doubtful = quarter.turns % 2 == 0 and stands.upright_by <= _RATHER
    return QuarterTurn(quarter.turns, min(quarter.confidence, _UNSURE)) if doubtful else quarter


class _Stands(NamedTuple):
    """Mean scores of parts of a page."""

    upright: float
    on_head: float

    @property
    def upright_by(self) -> float:
        return self.upright - self.on_head


def _stands(network: Network, parts: list[_Grey]) -> _Stands:
    seen = scores(network, [view for part in parts for view in (part, part[::-1, ::-1])])
    mean = (seen[::2] + np.roll(seen[1::2], 2, axis=1)).mean(axis=0) / 2
    return _Stands(float(mean[0]), float(mean[2]))


def _parts(page: _Grey) -> list[_Grey]:
    """Squares that cover the page."""
    side = max(1, int(_PART * min(page.shape)))
    tops, lefts = (np.linspace(0, length - side, max(2, round(length / side))).astype(int) for length in page.shape)
    return [page[top : top + side, left : left + side] for top in tops for left in lefts]
