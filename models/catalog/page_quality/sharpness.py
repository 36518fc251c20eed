"""How wide the edges of letters are, in the direction in which they are worst."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.page_quality.frame import Frame, Grey

_PATCHES = 8
_FEW_EDGES = 60
_USUAL_LETTER = 10.0
_LEAST_LETTER = 6.0
"""Pixels: lower letters are of a page with too few pixels, and its edges are as wide as pixels are."""
_SHARP = 2.0
"""Pixels: an edge of a sharp page that was resampled is as wide."""
_PLAIN = 0.8
"""Text has about as many edges across as along: the lesser of both strengths is at least this share of the greater."""


def edge_blur(frame: Frame, contrast: float, letter_height: float | None) -> float | None:
    """Width of edges beyond what the pixels' grid explains, as a share of the letters' height; None without edges.

    An edge's width is the difference of the levels on its two sides by its steepest step (Marziliano et al., A
    no-reference perceptual blur metric, ICIP 2002). The median across, or that along if wider, counts. Where one
    direction is smeared, its edges are gone rather than wide; the width is raised by how much weaker the gradients
    of the weakest direction are.
    """
    height = max(_LEAST_LETTER, letter_height or _USUAL_LETTER)
    reach = int(np.clip(round(0.8 * height), 3, 24))
    side = int(np.clip(14 * height, 128, 300))
    widths: tuple[list[npt.NDArray[np.float32]], ...] = ([], [])
    tensor = np.zeros((2, 2))
    for patch in inked_patches(frame, side):
        for axis in (0, 1):
            widths[axis].append(_edge_widths(patch if axis else np.ascontiguousarray(patch.T), reach, contrast))
        tensor += _gradients(patch)
    medians = [float(np.median(found)) for found in map(_joined, widths) if found.size >= _FEW_EDGES]
    if not medians:
        return None
    weak, strong = np.linalg.eigvalsh(tensor)
    smear = max(1.0, _PLAIN / max(0.05, float(np.sqrt(max(weak, 0) / strong)))) if strong > 0 else 1.0
    width = max(medians) * smear
    return float(np.sqrt(max(0.0, width * width - _SHARP * _SHARP))) / height


def inked_patches(frame: Frame, side: int) -> Iterator[Grey]:
    """Squares of `side` pixels of the page at full size, those with most edges of ink first."""
    height, width = frame.pixels.shape[:2]
    side = min(side, height, width)
    cell = max(1, side // frame.scale)
    edges = cv2.absdiff(frame.depth[:, 1:], frame.depth[:, :-1])
    if not edges.size:
        return
    rows, columns = max(1, edges.shape[0] // cell), max(1, edges.shape[1] // cell)
    density = cv2.resize(edges, (columns, rows), interpolation=cv2.INTER_AREA).ravel()
    for index in np.argsort(-density.astype(np.int16), kind="stable")[:_PATCHES]:
        top, left = (int(place) * cell * frame.scale for place in divmod(int(index), columns))
        yield frame.full(min(left, width - side), min(top, height - side), side)


def _edge_widths(patch: Grey, reach: int, contrast: float) -> npt.NDArray[np.float32]:
    """Widths in pixels of the edges met along the rows."""
    step = cv2.absdiff(patch[:, 1:], patch[:, :-1])
    around = np.ones((1, 2 * reach + 1), np.uint8)
    height = cv2.subtract(cv2.dilate(patch, around), cv2.erode(patch, around))[:, 1:]
    edge = (step >= cv2.dilate(step, around)) & (height > max(6.0, 0.5 * contrast)) & (step > 0)
    return np.asarray(height[edge].astype(np.float32) / step[edge], dtype=np.float32)


def _gradients(patch: Grey) -> npt.NDArray[np.float64]:
    soft = cv2.GaussianBlur(patch.astype(np.float32), (0, 0), 0.7)
    if min(soft.shape) < 2:
        return np.zeros((2, 2))
    across, down = soft[:-1, 1:] - soft[:-1, :-1], soft[1:, :-1] - soft[:-1, :-1]
    mixed = float((across * down).sum())
    return np.array([[float((across * across).sum()), mixed], [mixed, float((down * down).sum())]])


def _joined(parts: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
