"""Round radio buttons: thin rings that stand alone, and others of their size in line with them.

A ring is seen by its outline as long as no mark crosses it. Radio buttons come in groups set in a row or column, so
the crossed ones are looked for there, by laying a ring of the known size over every place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.page_ink import Mask
from models.catalog.checkbox.selection import Found, without_overlaps

_SMALLEST, _LARGEST = 13, 56
_MOST_HOLES = 20_000
_MOST_RINGS = 400
_MOST_LINES = 60
_LIKE_SIZE = 0.12
_CLEAR_LEFT, _CLEAR_RIGHT = 0.4, 0.22
_SLACK = 3
_COVER, _OUTSIDE, _SQUARE = 0.88, 0.25, 0.6
_BESIDE = 0.12
_SEED, _MARKED_CONFIDENCE = 0.8, 0.88
_LONE_SEED, _LONE_CONFIDENCE = 0.5, 0.45
"""A single clear ring may be a letter, so what is found by it is left to the network to verify."""


def find_rings(mask: Mask, least: float) -> list[Found]:
    """Rings of confidence `least` and above. A ring without company in its row or column is never sure."""
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if hierarchy is None:
        return []
    rings: list[Found] = []
    for hole in np.flatnonzero(hierarchy[0, :, 3] >= 0)[:_MOST_HOLES]:
        ring = _ring(contours[hole], contours[hierarchy[0, hole, 3]], mask)
        if ring is not None:
            rings.append(ring)
    found = [_with_company(ring, rings) for ring in rings[:_MOST_RINGS]]
    return [ring for ring in found if ring.confidence >= least]


def with_marked_rings(mask: Mask, rings: Sequence[Found]) -> list[Found]:
    """The `rings` and those of their size and in line with them, whatever is drawn over them; none overlapping.

    A ring that had no company gets some by what is found in its row.
    """
    known = [ring for ring in rings if ring.confidence >= _SEED]
    marked = _in_line_with(mask, known)
    lone = [ring for ring in rings if _LONE_SEED <= ring.confidence < _SEED]
    doubtful = [replace(one, confidence=_LONE_CONFIDENCE) for one in _in_line_with(mask, lone)]
    raised = [
        replace(ring, confidence=max(ring.confidence, _MARKED_CONFIDENCE))
        if any(abs(ring.top - one.top) <= _SLACK and not ring.overlaps(one) for one in marked) and ring in known
        else ring
        for ring in rings
    ]
    new = [one for one in [*marked, *doubtful] if not any(one.overlaps(ring) for ring in raised)]
    return without_overlaps([*raised, *new])


def _in_line_with(mask: Mask, known: Sequence[Found]) -> list[Found]:
    rows: dict[tuple[int, int], Found] = {}
    columns: dict[tuple[int, int], Found] = {}
    for ring in known:
        size = round(ring.side)
        rows.setdefault((round(ring.top) // 4, size // 3), ring)
        if sum(abs(ring.left - other.left) <= _SLACK for other in known) >= 2:
            columns.setdefault((round(ring.left) // 4, size // 3), ring)
    thick = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    found: list[Found] = []
    for ring in list(rows.values())[:_MOST_LINES]:
        found += _along(mask, thick, ring, 0, round(ring.top) - _SLACK)
    for ring in list(columns.values())[:_MOST_LINES]:
        turned = _turned(ring)
        across = _along(cv2.transpose(mask), cv2.transpose(thick), turned, 0, round(turned.top) - _SLACK)
        found += [_turned(one) for one in across]
    return found


def _turned(ring: Found) -> Found:
    return Found(ring.top, ring.left, ring.bottom, ring.right, ring.confidence, radio=True)


def _along(mask: Mask, thick: Mask, ring: Found, left: int, top: int) -> list[Found]:
    size = round(ring.side)
    pad = max(4, round(0.2 * size))
    border, around = _ring_kernel(size, pad, 0.0), _ring_kernel(size, pad, 0.17 * size)
    first, last = max(0, top - pad), min(mask.shape[0], top + size + 2 * _SLACK + pad + 1)
    if last - first < len(border) or mask.shape[1] < len(border):
        return []
    cover = _share(thick[first:last], border)
    outside = _share(mask[first:last], around)
    square = _share(thick[first:last], _corner_kernel(size, pad))
    value = np.where((cover >= _COVER) & (outside <= _OUTSIDE) & (square <= _SQUARE), cover - 0.5 * outside, 0.0)
    found: list[Found] = []
    while len(found) < _MOST_LINES and float(value.max()) > 0:
        row, column = (int(v) for v in np.unravel_index(int(value.argmax()), value.shape))
        x, y = column + pad, first + row + pad
        beside = mask[y : y + size, max(0, x - round(0.45 * size)) : max(0, x - round(0.2 * size))]
        if beside.size and beside.mean() <= _BESIDE and not _is_in_cell(mask, x, y, size, size):
            found.append(Found(x, y, x + size, y + size, _MARKED_CONFIDENCE, radio=True))
        value[:, max(0, column - size // 2) : column + size // 2 + 1] = 0
    return found


def _ring_kernel(size: int, pad: int, beyond: float) -> npt.NDArray[np.float32]:
    """A circle one pixel wide, `beyond` outside of a ring of that size, in a square `pad` wider on each side."""
    steps = np.arange(size + 1 + 2 * pad) - (size + 2 * pad) / 2
    away = np.hypot(steps[None, :], steps[:, None])
    circle = (np.abs(away - size / 2 - beyond) <= 0.6).astype(np.float32)
    return np.asarray(circle / circle.sum(), dtype=np.float32)


def _corner_kernel(size: int, pad: int) -> npt.NDArray[np.float32]:
    """The sides of a square around the ring near its corners, without the corners, where arms of a cross end."""
    steps = np.abs(np.arange(size + 1 + 2 * pad) - (size + 2 * pad) / 2)
    far, near = np.maximum(steps[None, :], steps[:, None]), np.minimum(steps[None, :], steps[:, None])
    sides = (np.abs(far - size / 2) <= 0.6) & (near >= 0.31 * size) & (near <= 0.46 * size)
    return np.asarray(sides / max(1, sides.sum()), dtype=np.float32)


def _share(band: Mask, kernel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.matchTemplate(band.astype(np.float32), kernel, cv2.TM_CCORR), dtype=np.float32)


def _with_company(ring: Found, rings: Sequence[Found]) -> Found:
    alike = [one for one in rings if one is not ring and abs(one.side - ring.side) <= _LIKE_SIZE * ring.side]
    slack = 0.3 * ring.side
    in_line = sum(abs(one.top - ring.top) <= slack or abs(one.left - ring.left) <= slack for one in alike)
    company = 0.55 + 0.1 * min(len(alike), 2) + 0.17 * min(in_line, 2)
    left, top, right, bottom = ring.left, ring.top, ring.right, ring.bottom
    return Found(left, top, right, bottom, min(0.97, company) * ring.confidence, radio=True)


def _ring(hole: Mask, outer: Mask, mask: Mask) -> Found | None:
    """The ring at the middle of its line, surer the rounder it is; None if it is none."""
    if len(hole) < 2 * _SMALLEST or len(outer) < 3 * _SMALLEST:
        return None
    x, y, width, height = cv2.boundingRect(hole)
    outer_x, outer_y, outer_width, outer_height = cv2.boundingRect(outer)
    size = (width + height + outer_width + outer_height) / 4
    if not _SMALLEST <= size <= _LARGEST or not 0.87 < outer_width / outer_height < 1.15:
        return None
    if (outer_width - width) > 0.42 * size or (outer_height - height) > 0.42 * size:
        return None
    ellipse = np.pi / 4
    # A contour runs through pixel centres, so a disc of n pixels across has the area of one of n - 1.
    inner_round = cv2.contourArea(hole) / max(1.0, ellipse * (width - 1) * (height - 1))
    outer_round = cv2.contourArea(outer) / max(1.0, ellipse * (outer_width - 1) * (outer_height - 1))
    off_round = max(abs(inner_round - 1), abs(outer_round - 1))
    if off_round > 0.085 or not _is_clear(mask, outer_x, outer_y, outer_width, outer_height):
        return None
    left, top = (x + outer_x) // 2, (y + outer_y) // 2
    right, bottom = (x + width + outer_x + outer_width) // 2, (y + height + outer_y + outer_height) // 2
    return Found(left, top, right, bottom, 1 - 2 * max(0.0, off_round - 0.03), radio=True)


def _is_clear(mask: Mask, x: int, y: int, width: int, height: int) -> bool:
    """Whether nothing is beside the ring, as there would be in a word or a cell."""
    rows = slice(y, y + height)
    left = mask[rows, max(0, x - round(_CLEAR_LEFT * width)) : max(0, x - 1)]
    right = mask[rows, x + width + 1 : x + width + round(_CLEAR_RIGHT * width)]
    return not left.any() and not right.any() and not _is_in_cell(mask, x, y, width, height)


def _is_in_cell(mask: Mask, x: int, y: int, width: int, height: int) -> bool:
    """Whether there is an upright line close to the left and to the right."""
    rows = slice(y, y + height)
    walls = mask[rows, max(0, x - width) : max(0, x - 1)], mask[rows, x + width + 1 : x + 2 * width]
    return all(wall.size and wall.mean(axis=0).max() > 0.9 for wall in walls)
