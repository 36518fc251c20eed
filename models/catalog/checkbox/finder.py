"""All boxes of a page, by every way of finding them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.catalog.checkbox.alike import find_alike
from models.catalog.checkbox.borders import find_borders
from models.catalog.checkbox.frames import find_frames
from models.catalog.checkbox.overlaps import away_from, extents
from models.catalog.checkbox.page_ink import PageInk
from models.catalog.checkbox.rings import find_rings, with_marked_rings
from models.catalog.checkbox.selection import Found, choose_frames, without_overlaps
from models.catalog.checkbox.small_squares import small_squares
from models.ink_sums import PageSums

_SURE = 0.8
_FAINTEST = 0.1
_MARKED = 0.15
_OFF_SIDE = 1.4
"""Times by which a box may be larger or smaller than those that a part of a page is looked at for."""


def find_boxes(page: PageInk, least: float) -> list[Found]:
    """Places of confidence `least` and above, by borders alone, surest first; they may overlap one another."""
    dark, darker = (PageSums(mask) for mask in page.masks)
    either = PageSums(np.maximum(*page.masks))
    rings = find_rings(page.masks[0], least)
    rings = with_marked_rings(page.masks[0], rings)
    # What is round is no square, however well four sides fit around it.
    frames = choose_frames([find_frames(one, dark) for one in (dark, darker)], page.masks, least)
    frames = _apart_from(frames, rings)
    sure = [box for box in frames if box.confidence >= _SURE]
    if len(sure) >= 2:
        taken = [*sure, *rings]
        faint = PageSums((page.darkness > _FAINTEST).astype(np.uint8))
        alike = find_alike(either, dark.plain, sure, taken)
        # A heavy mark outshines a thin border; without a mark what is that faint is the grain of a desk.
        alike += [box for box in find_alike(faint, dark.plain, sure, taken) if _is_marked(page, box)]
        frames += _apart_from(alike, taken)
    known = without_overlaps([*rings, *frames])
    tried = _apart_from(find_borders(either), [box for box in known if box.confidence >= _SURE])
    if page.is_part or page.side is not None:
        tried += _apart_from(small_squares(dark), [*known, *tried])
    likely = [box for box in [*known, *tried] if box.confidence >= least]
    if page.side is None:
        return likely
    return [box for box in likely if page.side <= _OFF_SIDE * box.side and box.side <= _OFF_SIDE * page.side]


def _apart_from(boxes: Sequence[Found], others: Sequence[Found]) -> list[Found]:
    free = away_from(extents(boxes), extents(others))
    return [box for box, is_free in zip(boxes, free, strict=True) if is_free]


def _is_marked(page: PageInk, box: Found) -> bool:
    inside = page.masks[0][round(box.top) + 3 : round(box.bottom) - 2, round(box.left) + 3 : round(box.right) - 2]
    return bool(inside.size) and float(inside.mean()) > _MARKED
