"""Places of another size than all boxes of a page: letters of headings, loops of signatures, emblems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.catalog.checkbox.detection import SURELY
from models.catalog.checkbox.overlaps import extents
from models.catalog.checkbox.seen import Seen

_MANY = 5
"""Sure boxes of one size: a page that has so many sets its boxes in that size."""
_LIKE_SIZE, _OTHER_SIZE = 0.16, 1.3
"""By how much boxes of one size differ, and how many times larger or smaller one of another size is."""


_ASKEW = np.arange(-3.0, 3.1, 0.5)
"""Degrees."""
_SCATTERED, _FEWEST_IN_LINE, _SLACK = 10, 0.6, 0.12
"""Places of one size; the share of them that stands in line with another if they are boxes, and sides off that line."""
_HEAD, _SURELY_IN_HEAD = 0.13, 0.97
"""Part of the page's height that is its head, where logos stand, and how sure a box of another size has to be there."""


def without_odd_ones(boxes: Sequence[Seen], height: int) -> list[Seen]:
    """The boxes without those that are not sure, of a size that no other has, where many are of another.

    `height`: of the page, in pixels.
    """
    edges = extents([box.place for box in boxes])
    sides = (edges[:, 2:] - edges[:, :2]).mean(axis=1)
    sure = np.array([box.place.confidence >= SURELY for box in boxes], np.bool_)
    like = np.abs(sides[:, None] - sides) <= _LIKE_SIZE * np.maximum(sides[:, None], sides)
    many = (like & sure).sum(axis=1)
    usual = sides[(many >= _MANY) & sure]
    if not len(usual):
        return list(boxes)
    ratio = sides[:, None] / usual
    other = (np.maximum(ratio, 1 / ratio) > _OTHER_SIZE).all(axis=1)
    least = np.where(edges[:, 3] < _HEAD * height, _SURELY_IN_HEAD, SURELY)
    odd = other & (like.sum(axis=1) == 1) & ([box.place.confidence for box in boxes] < least)
    return [box for box, is_odd in zip(boxes, odd, strict=True) if not is_odd]


def without_scattered(boxes: Sequence[Seen]) -> list[Seen]:
    """The boxes without those of a size of which there are many, hardly one in line with another: points of a plot."""
    edges = extents([box.place for box in boxes])
    sides = (edges[:, 2:] - edges[:, :2]).mean(axis=1)
    like = np.abs(sides[:, None] - sides) <= _LIKE_SIZE * np.maximum(sides[:, None], sides)
    count = like.sum(axis=1)
    if not (count >= _SCATTERED).any():
        return list(boxes)
    others = like & ~np.eye(len(boxes), dtype=np.bool_)
    most = np.zeros(len(boxes))
    # The page may be a little askew; then all lines are.
    for degrees in _ASKEW:
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        corners = edges[:, :2] @ np.array([[cosine, sine], [-sine, cosine]])
        off = np.abs(corners[:, None] - corners).min(axis=2)
        in_line = (others & (off <= _SLACK * sides[:, None])).any(axis=1)
        most = np.maximum(most, (like & in_line).sum(axis=1))
    scattered = (count >= _SCATTERED) & (most < _FEWEST_IN_LINE * count)
    return [box for box, is_scattered in zip(boxes, scattered, strict=True) if not is_scattered]
