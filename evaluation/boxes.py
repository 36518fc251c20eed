"""Pairs found boxes with true ones."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.prediction import Quad, bounds


def pair_by_centre(true: Sequence[Quad], found: Sequence[Quad]) -> list[tuple[int, int]]:
    """Pairs (true, found) in which each one's centre lies in the other, nearest centres first, each used once.

    Check boxes are 15 to 40 px: two pixels of border more or less already halve the overlap of the same box, so
    overlap would measure how wide a border is labelled.
    """
    near = []
    for i, a in enumerate(true):
        for j, b in enumerate(found):
            if _holds(a, _centre(b)) and _holds(b, _centre(a)):
                (ax, ay), (bx, by) = _centre(a), _centre(b)
                near.append(((ax - bx) ** 2 + (ay - by) ** 2, i, j))
    pairs: list[tuple[int, int]] = []
    for _, i, j in sorted(near):
        if all(i != used_true and j != used_found for used_true, used_found in pairs):
            pairs.append((i, j))
    return pairs


def overlap(first: Quad, second: Quad) -> float:
    """Intersection over union of the upright boxes around two quads."""
    a, b = bounds(first), bounds(second)
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = width * height
    union = _area(a) + _area(b) - shared
    return shared / union if union > 0 else 0.0


def holds_centre(outer: Quad, inner: Quad) -> bool:
    """Whether the upright box around `outer` holds the centre of `inner`."""
    return _holds(outer, _centre(inner))


def _holds(quad: Quad, point: tuple[float, float]) -> bool:
    left, top, right, bottom = bounds(quad)
    return left <= point[0] <= right and top <= point[1] <= bottom


def _centre(quad: Quad) -> tuple[float, float]:
    return sum(quad[0::2]) / 4, sum(quad[1::2]) / 4


def _area(bounds: tuple[float, float, float, float]) -> float:
    return (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])
