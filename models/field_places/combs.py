"""Combs: one cell a character, drawn as cells side by side, as teeth on a line, or as little boxes in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from models.field_places.page_print import Mask, PagePrint, pixels
from models.field_places.place import PlaceKind, Rectangle, SeenPlace

LEAST_CELLS = 3
_LEAST_TEETH = 3
"""Of a group of cells."""
_NARROWEST, _WIDEST = 8.0, 26.0
"""Points, of a cell."""
_TOOTH_ROWS = (1.0, 3.0)
"""Points above the line in which a tooth must stand."""
_TOOTH_WIDTH = 2.5
_UNEVEN = 0.09
"""Of a cell's width."""
_LEAST_HEIGHT, _HEIGHT = 8.0, 18.0
_EMPTY = 0.02
_WIDEST_GAP, _OFF_BEAT = 1.3, 0.2
"""Cells between two groups of one comb, and how far that may be from a whole number."""
_BOX_GAP = 4.5
"""Points between little boxes of one comb."""


def combs(page: PagePrint) -> list[SeenPlace]:
    """Combs on lines across."""
    joined = cv2.morphologyEx(page.across, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    near, far = (pixels(points) for points in _TOOTH_ROWS)
    upright = page.down | page.letters
    found = []
    for left, top, width, height, _ in stats[1:count].tolist():
        if top < pixels(_HEIGHT) or height > pixels(_TOOTH_WIDTH) * 2:
            continue
        margin = pixels(1.5)
        start = max(0, left - margin)
        standing = upright[top - far : top - near, start : left + width + margin].mean(axis=0) > 0.75
        teeth = [start + middle for middle in _narrow_runs(standing)]
        found += [place for run in _even_runs(teeth) if (place := _comb(page, run, top)) is not None]
    return [comb for comb in _joined(found) if (comb.cells or 0) >= LEAST_CELLS]


def _joined(parts: Sequence[SeenPlace]) -> list[SeenPlace]:
    """Groups of cells that stand one or two cells apart, as those of a number with separators, are one comb."""
    joined: list[SeenPlace] = []
    for part in sorted(parts, key=lambda part: (round(part.box[3] / pixels(3)), part.box[0])):
        assert part.cells is not None
        last = joined[-1] if joined else None
        if last is not None and last.cells is not None:
            cell = (part.box[2] - part.box[0]) / part.cells
            before = (last.box[2] - last.box[0]) / last.cells
            gap = (part.box[0] - last.box[2]) / cell
            level = abs(part.box[3] - last.box[3]) < pixels(2) and abs(cell - before) < _UNEVEN * cell
            if level and 0.8 < gap < _WIDEST_GAP and abs(gap - round(gap)) < _OFF_BEAT:
                box = (last.box[0], max(last.box[1], part.box[1]), part.box[2], part.box[3])
                joined[-1] = SeenPlace(PlaceKind.COMB, box, box, last.cells + round(gap) + part.cells)
                continue
        joined.append(part)
    return joined


def rows_of_boxes(boxes: Sequence[Rectangle]) -> tuple[list[SeenPlace], list[Rectangle]]:
    """Combs drawn as little boxes of one size close to one another, and the boxes that are in none."""
    left_over: list[Rectangle] = []
    found: list[SeenPlace] = []
    rows: list[list[Rectangle]] = []
    for box in sorted(boxes):
        for row in rows:
            last = row[-1]
            side = max(last[2] - last[0], last[3] - last[1])
            if (
                abs(box[1] - last[1]) < 0.2 * side
                and abs(box[3] - last[3]) < 0.2 * side
                and -0.2 * side < box[0] - last[2] < pixels(_BOX_GAP)
            ):
                row.append(box)
                break
        else:
            rows.append([box])
    for row in rows:
        if len(row) >= LEAST_CELLS:
            edges = (row[0][0], min(b[1] for b in row), row[-1][2], max(b[3] for b in row))
            found.append(SeenPlace(PlaceKind.COMB, edges, edges, len(row)))
        else:
            left_over += row
    return found, left_over


def _narrow_runs(standing: npt.NDArray[np.bool_]) -> Iterator[int]:
    padded = np.concatenate([[False], standing, [False]]).astype(np.int8)
    change = np.flatnonzero(np.diff(padded))
    for start, end in zip(change[::2].tolist(), change[1::2].tolist(), strict=True):
        if end - start <= pixels(_TOOTH_WIDTH):
            yield (start + end) // 2


def _even_runs(teeth: Sequence[int]) -> Iterator[list[int]]:
    """Teeth in a row at one distance, _LEAST_TEETH at least."""
    run: list[int] = []
    for tooth in teeth:
        if len(run) >= 2:
            step = (run[-1] - run[0]) / (len(run) - 1)
            if abs(tooth - run[-1] - step) > max(2.0, _UNEVEN * step):
                if len(run) >= _LEAST_TEETH:
                    yield run
                run = run[-1:]
        if run and not pixels(_NARROWEST) <= tooth - run[-1] <= pixels(_WIDEST):
            if len(run) >= _LEAST_TEETH:
                yield run
            run = []
        run.append(tooth)
    if len(run) >= _LEAST_TEETH:
        yield run


def _comb(page: PagePrint, teeth: Sequence[int], bottom: int) -> SeenPlace | None:
    left, right = teeth[0], teeth[-1]
    reach = pixels(_HEIGHT)
    block = _between(page.letters | page.across | page.solid, teeth, bottom - reach, bottom - pixels(0.8))
    inked = np.flatnonzero(block.mean(axis=1) > _EMPTY)
    height = reach if not inked.size else reach - int(inked[-1]) - 1
    if height < pixels(_LEAST_HEIGHT):
        return None
    box = (float(left), float(bottom - height), float(right), float(bottom))
    return SeenPlace(PlaceKind.COMB, box, box, len(teeth) - 1)


def _between(mask: Mask, teeth: Sequence[int], top: int, bottom: int) -> Mask:
    """The mask's rows from top to bottom without what is at the teeth themselves."""
    margin = pixels(1.2)
    parts = [mask[top:bottom, a + margin : b - margin] for a, b in pairwise(teeth)]
    return np.concatenate(parts, axis=1)
