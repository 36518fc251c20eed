"""Where a doubtful place would be if it were one of the sure boxes of its line: a mark moves what is seen of a border.

The network says 0.9 and more of a marked box at its own place, and often less than half of that a tenth of a side off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.detection import SURELY, confidences
from models.catalog.checkbox.overlaps import extents
from models.catalog.checkbox.selection import Found

_SURE = 0.9
_DOUBTFUL = (0.1, 0.95)
"""What the network says of sure boxes, and of places that are worth a second look."""
_LIKE_SIZE, _SLACK, _APART = 0.25, 0.3, 0.8
"""In sides of a sure box: how far a place may differ in size and stand off its line, and how far off it must stand."""
_FEWEST, _NEAREST = 2, 3
_LEAST, _WHOLE = 0.7, 0.9
"""What rules say of what may be a border, which letters hardly are, and of a border that leaves no doubt."""
_MOST = 64


def settled(found: Sequence[Found], network: npt.NDArray[np.float32]) -> list[tuple[int, Found]]:
    """Doubtful places moved to the line and brought to the size of two sure boxes and more, each with its number."""
    least, most = _DOUBTFUL
    sure = np.flatnonzero((network > _SURE) & (confidences(found, network) >= SURELY))
    rules = np.array([box.confidence for box in found])
    doubtful = np.flatnonzero((network >= least) & (network <= most) & (rules >= _LEAST) & (rules < _WHOLE))
    if len(sure) < _FEWEST or not len(doubtful):
        return []
    edges = extents(found)
    middles, sizes = (edges[:, :2] + edges[:, 2:]) / 2, edges[:, 2:] - edges[:, :2]
    moved: list[tuple[int, Found]] = []
    for index in doubtful[np.argsort(-network[doubtful])][:_MOST].tolist():
        off = np.abs(middles[sure] - middles[index])
        side = sizes[sure].mean(axis=1)
        like = (np.abs(sizes[sure] - sizes[index]).max(axis=1) <= _LIKE_SIZE * side) & (off.max(axis=1) > _APART * side)
        # In its column, then in its row: the nearest, since pages are hardly straight.
        lines = [
            near[np.argsort(off[near, 1 - axis])][:_NEAREST]
            for axis in (0, 1)
            for near in [np.flatnonzero(like & (off[:, axis] <= _SLACK * side))]
        ]
        company = sure[np.concatenate(lines)]
        if len(company) < _FEWEST:
            continue
        middle = [
            float(np.median(middles[sure[line], axis])) if len(line) else float(middles[index, axis])
            for axis, line in enumerate(lines)
        ]
        x, y = middle
        wide, high = (float(size) / 2 for size in np.median(sizes[company], axis=0))
        moved.append((index, replace(found[index], left=x - wide, top=y - high, right=x + wide, bottom=y + high)))
    return moved
