"""The frames that a form draws around a field, one in another too: where they lie, nobody writes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]

AROUND, EDGE = 0.9, 0.2
"""Of both sides of the crop: a piece as large may be a frame, maybe with a shade; writing is further in than this share
of the height."""
LEAST_EDGE = 4
INNER_ASIDE, INNER_HIGH = 0.7, 0.5
"""What a frame within a frame leaves free at both sides together, and how high it is, in heights of the crop."""
SIDES_INKED = 0.5
"""Share of the columns that have ink near the upper and near the lower border: above a rule with a letter few have."""
STRAIGHT = 0.75
"""Share of the columns inked in the first rows, and in the last, of a frame within a frame."""
ROUND_ENDS, CORNER = 0.55, 0.08
"""How far round ends reach in, and the corners in which they have no ink, in heights of the crop."""


def without_frames(mask: Mask) -> Mask:
    """A copy of a (height, width) mask, ink 1, without the frames around the field and what lies on them."""
    rows, columns = mask.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    out = mask.copy()
    around = (stats[1:, 2] >= AROUND * columns) & (stats[1:, 3] >= AROUND * rows)
    frames = [int(at) + 1 for at in np.flatnonzero(around) if _has_sides(labels == at + 1)]
    if not frames:
        return out
    edge = max(LEAST_EDGE, round(EDGE * rows))
    for left, top, width, height, _ in stats[1:]:
        if columns - INNER_ASIDE * rows <= width < columns - 4 and INNER_HIGH * rows <= height:
            piece = mask[top : top + height, left : left + width]
            if min(float(piece[:2].max(axis=0).mean()), float(piece[-2:].max(axis=0).mean())) >= STRAIGHT:
                edge = max(edge, top + 3, rows - top - height + 3)
    for frame in frames:
        ends = labels == frame
        if not _has_corners(ends):
            ends[:, round(ROUND_ENDS * rows) : max(0, columns - round(ROUND_ENDS * rows))] = False
            out[ends] = 0
    out[:edge] = out[-edge:] = 0
    out[:, :edge] = out[:, -edge:] = 0
    return out


def _has_sides(frame: npt.NDArray[np.bool_]) -> bool:
    near = max(2, round(EDGE * frame.shape[0]))
    return bool(min(frame[:near].any(axis=0).mean(), frame[-near:].any(axis=0).mean()) >= SIDES_INKED)


def _has_corners(frame: npt.NDArray[np.bool_]) -> bool:
    size = max(3, round(CORNER * frame.shape[0]))
    corners = frame[:size, :size], frame[:size, -size:], frame[-size:, :size], frame[-size:, -size:]
    return any(corner.any() for corner in corners)
