"""Boxes of so few pixels that hardly any are found, beside letters that are large enough to be read."""

from __future__ import annotations

import numpy as np

from models.catalog.page_quality.frame import Frame
from models.ink import relative_darkness
from models.square_groups import groups_of_squares

_LARGEST = 7.0
"""Pixels of a side, border included; of larger ones nothing is said."""
_FAINTEST = 0.08
"""Of a border between two rows of pixels both are pale."""


def side_of_tiny_boxes(frame: Frame) -> float | None:
    """The side of the smallest squares of the page that are boxes, in pixels; None where there are none so small."""
    if frame.scale > 1:
        return None
    ink = np.asarray(relative_darkness(frame.small) > _FAINTEST, dtype=np.uint8)
    return min((group.side for group in groups_of_squares(ink, _LARGEST)), default=None)
