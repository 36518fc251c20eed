"""All boxes of a page, by every way of finding them."""

from __future__ import annotations

import numpy as np

from models.checkbox.frames import find_frames
from models.checkbox.page_ink import PageInk
from models.checkbox.rings import find_rings
from models.checkbox.selection import Found, choose_frames, without_overlaps
from models.checkbox.solids import find_solids

_FAINTEST = 0.1
_SURE = 0.8
_LIKE_SIZE = 0.14


def find_boxes(page: PageInk, least: float) -> list[Found]:
    """Boxes of detection confidence `least` and above, surest first, none overlapping another."""
    frames = [find_frames(mask) for mask in page.masks]
    # What is round is no square, however well four sides fit around it.
    rings = find_rings(page.masks[0], least)
    frames_found = choose_frames(frames, page.masks, least)
    found = rings + [box for box in frames_found if not any(box.overlaps(ring) for ring in rings)]
    sure = [box for box in found if box.confidence >= _SURE and not box.radio]
    if len(sure) >= 2:
        found += _fainter(page, sure, least)
        found += find_solids(page.masks[0], sure)
        found = [box for box in found if box.radio or not any(box.overlaps(ring) for ring in rings)]
    return without_overlaps(found)


def _fainter(page: PageInk, sure: list[Found], least: float) -> list[Found]:
    """Boxes of a size already known whose thin border a heavy mark outshines in the other masks."""
    mask = (page.darkness > _FAINTEST).astype(np.uint8)
    sides = np.array([box.side for box in sure])
    frames = find_frames(mask, sides=(0.88 * float(sides.min()), 1.12 * float(sides.max())))
    found = choose_frames([frames], [mask], least)
    return [box for box in found if np.any(np.abs(sides - box.side) <= _LIKE_SIZE * box.side)]
