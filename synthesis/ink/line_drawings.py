"""Printed drawings that are thin lines like a pen's: diagrams, structures, technical drawings, emblems."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from synthesis.sheet import Pixels

Random = np.random.Generator


def diagram(paper: Pixels, random: Random) -> None:
    """Straight bonds from knot to knot, or circles in one another with rays and arrows, in place."""
    (_structure if random.random() < 0.5 else _circles)(paper, random)


def emblem(paper: Pixels, random: Random) -> None:
    """A smooth closed shape with others cut out of it, filled or in outline, in place."""
    high, wide = paper.shape
    size, middle = high * random.uniform(0.25, 0.6), random.uniform(0.2, 0.8, 2) * (wide, high)
    shade = int(random.integers(0, 110))
    for layer in range(int(random.integers(2, 5))):
        points = _blob(random) * size * 0.72**layer + middle
        outline = [np.rint(points).astype(np.int32).reshape(-1, 1, 2)]
        if random.random() < 0.65:
            cv2.fillPoly(paper, outline, shade if layer % 2 == 0 else 250, cv2.LINE_AA)
        else:
            cv2.polylines(paper, outline, True, shade, int(random.integers(1, 4)), cv2.LINE_AA)


def _structure(paper: Pixels, random: Random) -> None:
    high, wide = paper.shape
    bond, thick = high * random.uniform(0.12, 0.35), int(random.integers(1, 3))
    shade, knot = int(random.integers(0, 100)), random.uniform(0, 1, 2) * (wide, high)
    for _ in range(int(random.integers(5, 16))):
        turn = random.integers(0, 12) * np.pi / 6 + random.normal(0, 0.06)
        end = knot + bond * np.array([np.cos(turn), np.sin(turn)])
        cv2.line(paper, _whole(knot), _whole(end), shade, thick, cv2.LINE_AA)
        if random.random() < 0.5:
            letter, scale = "HCONR"[int(random.integers(5))], bond / 60
            cv2.putText(paper, letter, _whole(end), cv2.FONT_HERSHEY_SIMPLEX, scale, shade, thick, cv2.LINE_AA)
        if random.random() < 0.7:
            knot = end
        if not (0 <= knot[0] < wide and 0 <= knot[1] < high):
            knot = random.uniform(0, 1, 2) * (wide, high)


def _circles(paper: Pixels, random: Random) -> None:
    high, wide = paper.shape
    shade, thick = int(random.integers(0, 100)), int(random.integers(1, 4))
    middle, radius = random.uniform(0.1, 0.9, 2) * (wide, high), high * random.uniform(0.15, 0.6)
    for share in random.uniform(0.3, 1.0, int(random.integers(1, 4))):
        cv2.circle(paper, _whole(middle), max(2, round(radius * share)), shade, thick, cv2.LINE_AA)
    for _ in range(int(random.integers(0, 4))):
        turn, reach = random.uniform(0, 2 * np.pi), radius * random.uniform(0.5, 1.8)
        end = middle + reach * np.array([np.cos(turn), np.sin(turn)])
        cv2.arrowedLine(paper, _whole(middle), _whole(end), shade, thick, cv2.LINE_AA)


def _blob(random: Random) -> NDArray[np.float64]:
    turns = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = 1 + sum(random.normal(0, 0.35 / k) * np.sin(k * turns + random.uniform(0, 6.3)) for k in range(1, 7))
    return np.column_stack([radius * np.cos(turns) * random.uniform(0.7, 1.6), radius * np.sin(turns)])


def _whole(point: NDArray[np.float64]) -> tuple[int, int]:
    return int(point[0]), int(point[1])
