"""Reads single characters in boxes: one cell in, a character out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.language.alphabets import CLASSES, CropKind, allowed_classes
from models.runtimes.onnx import Network

Grey = npt.NDArray[np.uint8]
Ink = npt.NDArray[np.uint8]
"""0 on paper, 255 in full ink."""

SIDE = 32
"""Of both views in pixels."""
MOST_PIXELS = 96
"""Longer side to which a cell is reduced before anything else."""
LEAST_SIDE = 4
LEAST_CONTRAST = 50.0
"""Grey levels between paper and ink; fainter ink is not made darker than that, or dust would become a character."""
INKED = 102
"""From this on a pixel is ink."""
FRAME_ZONE = 0.2
"""Share of a side in which a line from border to border is the frame."""
FRAME_COVER = 0.85
CLOSEST = 0.36
"""Share of the cell's height that is shown at least, so that a comma is not enlarged into a slash."""
_THREE_ROWS, _THREE_COLUMNS = np.ones((3, 1), np.uint8), np.ones((1, 3), np.uint8)


def views(cell: Grey) -> Grey:
    """What the network sees of a grey (height, width) cell: (2, SIDE, SIDE), 0 on paper and 255 in ink.

    First the character alone, its frame and strangers' strokes removed and its ink centred; second the whole cell,
    which still shows what the first view may have lost, and how large and where the character stands.
    """
    seen: Grey = np.zeros((2, SIDE, SIDE), dtype=np.uint8)
    if min(cell.shape) < LEAST_SIDE:
        return seen
    ink = ink_of(_reduced(cell))
    seen[1] = _square(ink, (0, 0, ink.shape[1], ink.shape[0]), max(ink.shape))
    without = _without_frame(ink)
    box = _character_box(without)
    if box is not None:
        seen[0] = _square(without, box, max(1.12 * max(box[2], box[3]), CLOSEST * max(ink.shape)))
    return seen


def ink_of(grey: Grey) -> Ink:
    """How much ink each pixel has, whatever the brightness of paper and pen."""
    counts = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]))
    dark, paper = (float(level) for level in np.searchsorted(counts, (0.01 * grey.size, 0.7 * grey.size)))
    table = (paper - np.arange(256)) * (255 / max(paper - dark, LEAST_CONTRAST))
    return np.asarray(cv2.LUT(grey, np.clip(table, 0, 255).astype(np.uint8)), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class ReadCharacter:
    """What one cell says."""

    text: str
    """"" for an empty cell."""
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    """The next likeliest answers, best first."""


class CharacterReader:
    """A loaded character network."""

    def __init__(self, model: Path) -> None:
        self._network = Network(model)

    def scores(self, cells: Sequence[Grey]) -> npt.NDArray[np.float32]:
        """(cells, CLASSES) scores before softmax of grey cells."""
        if not cells:
            return np.zeros((0, len(CLASSES)), dtype=np.float32)
        seen = np.stack([views(cell) for cell in cells]).astype(np.float32) / np.float32(255)
        return self._network(seen)

    def read(self, cells: Sequence[Grey], kind: CropKind, temperature: float = 1.0) -> list[ReadCharacter]:
        """One answer for each cell, of the characters that `kind` allows, or that the cell is empty."""
        classes = allowed_classes(kind)
        scores = self.scores(cells)[:, classes] / np.float32(temperature)
        likely = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
        likely /= likely.sum(axis=1, keepdims=True)
        return [_best(row, classes) for row in likely]


def _best(likely: npt.NDArray[np.float32], classes: Sequence[int]) -> ReadCharacter:
    order = np.argsort(-likely, kind="stable")[:4]
    ranked = [(CLASSES[classes[place]], float(likely[place])) for place in order]
    return ReadCharacter(ranked[0][0], ranked[0][1], tuple(ranked[1:]))


def _reduced(cell: Grey) -> Grey:
    longer = max(cell.shape)
    if longer <= MOST_PIXELS:
        return cell
    scale = MOST_PIXELS / longer
    size = max(LEAST_SIDE, round(cell.shape[1] * scale)), max(LEAST_SIDE, round(cell.shape[0] * scale))
    return np.asarray(cv2.resize(cell, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _without_frame(ink: Ink) -> Ink:
    """A copy in which lines from border to border, near a border, are paper."""
    inked = np.asarray(ink > INKED, dtype=np.uint8)
    out = ink.copy()
    # A line of a tilted scan leaves its row by a pixel or two; looking at three rows together still sees it.
    rows = cv2.reduce(cv2.dilate(inked, _THREE_ROWS), 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    columns = cv2.reduce(cv2.dilate(inked, _THREE_COLUMNS), 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    for start, end in _border_lines(rows):
        out[start:end] = 0
    for start, end in _border_lines(columns):
        out[:, start:end] = 0
    return out


def _border_lines(cover: npt.NDArray[np.float32]) -> list[tuple[int, int]]:
    """From and to of the rows to clear: everything between a border and the innermost line near it."""
    length = len(cover)
    zone = max(2, round(FRAME_ZONE * length))
    found = []
    first = np.flatnonzero(cover[:zone] >= FRAME_COVER)
    last = np.flatnonzero(cover[-zone:] >= FRAME_COVER)
    if len(first):
        found.append((0, int(first[-1]) + 1))
    if len(last):
        found.append((length - zone + int(last[0]), length))
    return found


def _character_box(ink: Ink) -> tuple[int, int, int, int] | None:
    """Left, top, width, height of the character: of all ink but dust and what reaches in from outside."""
    inked = np.asarray(ink > INKED, dtype=np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(inked, connectivity=8)
    if count < 2:
        return None
    rows, columns = ink.shape
    stats, centres = stats[1:], centres[1:]
    left, top, width, height, area = stats.T
    largest = area.max()
    dust = area < max(2, 0.0015 * rows * columns, 0.02 * largest)
    touches = (left == 0) | (top == 0) | (left + width == columns) | (top + height == rows)
    off_centre = np.maximum(np.abs(centres[:, 0] / columns - 0.5), np.abs(centres[:, 1] / rows - 0.5))
    stranger = touches & (off_centre > 0.36) & (np.minimum(width / columns, height / rows) < 0.25)
    kept = stats[~dust & ~stranger]
    if not len(kept):
        return None
    start, up = int(kept[:, 0].min()), int(kept[:, 1].min())
    return start, up, int((kept[:, 0] + kept[:, 2]).max()) - start, int((kept[:, 1] + kept[:, 3]).max()) - up


def _square(ink: Ink, box: tuple[int, int, int, int], side: float) -> Grey:
    """A square of `side` pixels round the middle of `box`, as SIDE x SIDE; outside the cell is paper."""
    scale = SIDE / side
    middle_x, middle_y = box[0] + box[2] / 2, box[1] + box[3] / 2
    shrunk = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else ink
    ratio_x, ratio_y = shrunk.shape[1] / ink.shape[1], shrunk.shape[0] / ink.shape[0]
    zoom = max(1.0, scale)
    matrix = np.array(
        [
            [zoom, 0, SIDE / 2 - zoom * middle_x * ratio_x + (zoom - 1) / 2],
            [0, zoom, SIDE / 2 - zoom * middle_y * ratio_y + (zoom - 1) / 2],
        ]
    )
    seen = cv2.warpAffine(shrunk, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return np.asarray(seen, dtype=np.uint8)
