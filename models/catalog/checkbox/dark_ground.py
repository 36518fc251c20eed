"""Parts of a page that are light on dark, turned into ink on paper."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]

_DARK = 110
"""Ground above this grey is paper, if tinted."""
_LINE_MM = 0.4
"""Dark things at least so wide all around may be ground; thin print is not."""
_LEAST_MM = (4.0, 14.0)
"""Shorter and longer side of a dark part: letters of large print are smaller."""
_USUAL_DPI = 150.0
_EDGE_MM = 0.35
_GROUND_SHARE = 0.5
"""Of a part; the rules of a table enclose more paper than that."""
_PAPER = 255
_CORNER, _FEWEST_CORNERS = (0.03, 0.085), 3
"""Of a side: where in a white box its corners are looked for, and how many have some white: letters are rounded."""


def turned_parts(grey: Grey, dpi: float | None) -> list[Grey]:
    """The page with nothing but its dark parts, as ink on white paper; empty where there are none.

    First what is light became dark: lines drawn in white. Then light areas stay, with a dark edge: boxes filled with
    white. Both of the size of `grey`.
    """
    pixels_a_mm = (dpi or _USUAL_DPI) / 25.4
    part = _dark_part(grey, pixels_a_mm)
    if part is None:
        return []
    turned = np.where(part, _PAPER - grey, _PAPER).astype(np.uint8)
    near = cv2.dilate((grey >= _DARK).astype(np.uint8), _disc(_EDGE_MM * pixels_a_mm))
    edged = np.where(part & (near > 0), grey, _PAPER).astype(np.uint8)
    return [_stretched(turned, part), edged]


def has_white_corners(grey: Grey, extent: tuple[float, float, float, float]) -> bool:
    """Whether a box filled with white on dark ground is so up to its corners, and no white letter of a logo."""
    left, top, right, bottom = (round(edge) for edge in extent)
    near, far = (max(1, round(share * min(right - left, bottom - top))) for share in _CORNER)
    inside = grey[top:bottom, left:right]
    ends = (slice(near, far + 1), slice(-far - 1, -near))
    white = sum(int(inside[down, across].max(initial=0)) > _DARK for down in ends for across in ends)
    return white >= _FEWEST_CORNERS


def _dark_part(grey: Grey, pixels_a_mm: float) -> npt.NDArray[np.bool_] | None:
    dark = (grey < _DARK).astype(np.uint8)
    ground = cv2.morphologyEx(dark, cv2.MORPH_OPEN, _square(_LINE_MM * pixels_a_mm))
    # What is drawn on the ground is a hole in it, unlike the paper between things.
    contours, _ = cv2.findContours(ground, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    low, high = (length * pixels_a_mm for length in _LEAST_MM)
    part = np.zeros(grey.shape, np.uint8)
    for contour in contours:
        left, top, width, height = cv2.boundingRect(contour)
        if min(width, height) < low or max(width, height) < high:
            continue
        here = np.s_[top : top + height, left : left + width]
        own = np.zeros((height, width), np.uint8)
        cv2.drawContours(own, [contour - (left, top)], 0, (1,), -1)
        inside = own > 0
        if dark[here][inside].mean() >= _GROUND_SHARE and grey[here][inside].max() > _DARK:
            part[here] |= own
    return part > 0 if part.any() else None


def _stretched(turned: Grey, part: npt.NDArray[np.bool_]) -> Grey:
    """With the ground as white as the paper around."""
    ground = float(np.median(turned[part]))
    return np.asarray(np.clip(turned * (_PAPER / max(ground, 1.0)), 0, _PAPER), dtype=np.uint8)


def _square(side: float) -> npt.NDArray[np.uint8]:
    return np.ones((max(3, round(side)),) * 2, np.uint8)


def _disc(radius: float) -> npt.NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)
