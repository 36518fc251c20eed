"""What lies on paper and hides it: coffee, a stamp, a staple with the corner folded, holes of a punch.

Each changes the image in place and marks in `hidden` (255: nobody can read there) what it covers.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from synthesis.ink.signature_print import LineBank
from synthesis.ink.stamp_ink import stamp_cover
from synthesis.sheet import Pixels

Random = np.random.Generator
Spill = Callable[[Pixels, Pixels, float, Random, LineBank], str]
"""Image (blue-green-red), hidden, pixels a point, generator, lines for stamps; answers what was done."""

_DENSE = 0.35
"""Share of stamp ink on a place from which it counts as hidden."""


def coffee(image: Pixels, hidden: Pixels, scale: float, random: Random, bank: LineBank) -> str:
    """A ring of a cup, darker at its rim, and a lighter pool; writing shows through, but counts as hidden."""
    rows, columns = image.shape[:2]
    centre, radius = random.uniform(0.1, 0.9, 2) * (columns, rows), random.uniform(60, 110) * scale
    reach = radius * 1.25
    x0, y0 = max(0, int(centre[0] - reach)), max(0, int(centre[1] - reach))
    x1, y1 = min(columns, int(centre[0] + reach)), min(rows, int(centre[1] + reach))
    y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    angle = np.arctan2(y - centre[1], x - centre[0])
    wobble = 1 + 0.03 * np.sin(3 * angle + random.uniform(0, 6)) + 0.02 * np.sin(7 * angle + random.uniform(0, 6))
    away = np.hypot(x - centre[0], y - centre[1]) / (radius * wobble)
    rim = np.exp(-(((away - 1) / 0.05) ** 2)) * np.clip(0.7 + 0.5 * np.sin(angle + random.uniform(0, 6)), 0.1, 1)
    pool = (away < 1) * random.uniform(0.05, 0.3)
    share = np.clip(0.75 * rim + pool, 0, 1)[:, :, None]
    brown = np.array([60, 100, 145], dtype=np.float32) * random.uniform(0.8, 1.1)
    part = image[y0:y1, x0:x1].astype(np.float32)
    image[y0:y1, x0:x1] = np.clip(part * (1 - share + share * brown / 255), 0, 255).astype(np.uint8)
    hidden[y0:y1, x0:x1][share[:, :, 0] > 0.12] = 255
    return "coffee"


def stamp(image: Pixels, hidden: Pixels, scale: float, random: Random, bank: LineBank) -> str:
    """A rubber stamp in red, blue or black."""
    rows, columns = image.shape[:2]
    cover = stamp_cover(random, bank, random.uniform(55, 110) * scale)
    high, wide = cover.shape
    left, top = int(random.uniform(0, max(1, columns - wide))), int(random.uniform(0, max(1, rows - high)))
    cover = cover[: rows - top, : columns - left]
    colour = ((40, 30, 170), (150, 50, 30), (40, 40, 40))[random.integers(3)]
    share = (cover * random.uniform(0.6, 0.9))[:, :, None]
    part = image[top : top + cover.shape[0], left : left + cover.shape[1]]
    inked = np.minimum(part, np.array(colour, dtype=np.float32))
    part[:] = np.clip(part * (1 - share) + inked * share, 0, 255).astype(np.uint8)
    dense = cv2.dilate((cover > _DENSE).astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
    np.maximum(hidden[top : top + high, left : left + wide], dense, out=hidden[top : top + high, left : left + wide])
    return "stamp"


def staple(image: Pixels, hidden: Pixels, scale: float, random: Random, bank: LineBank) -> str:
    """A staple near the upper left corner, which is folded over."""
    fold = random.uniform(14, 42) * scale
    triangle = np.array([(0, 0), (fold, 0), (0, fold * random.uniform(0.8, 1.2))])
    shade = int(random.integers(150, 215))
    for picture, colour in ((image, (shade, shade, shade)), (hidden, (255,))):
        cv2.fillPoly(picture, [triangle.round().astype(np.int32).reshape(-1, 1, 2)], colour, cv2.LINE_AA)
    cv2.line(image, _whole(triangle[1]), _whole(triangle[2]), (90, 90, 90), max(1, round(0.7 * scale)), cv2.LINE_AA)
    start = np.array([fold, fold]) * random.uniform(0.75, 1.3) + random.uniform(2, 10, 2) * scale
    end = start + np.array([1, random.uniform(-1.0, 0.3)]) * random.uniform(13, 18) * scale
    ends = _whole(start), _whole(end)
    cv2.line(image, ends[0], ends[1], (70, 70, 74), max(2, round(1.6 * scale)), cv2.LINE_AA)
    cv2.line(hidden, ends[0], ends[1], (255,), max(2, round(3 * scale)))
    return "staple and dog-ear"


def holes(image: Pixels, hidden: Pixels, scale: float, random: Random, bank: LineBank) -> str:
    """Two or three holes of a punch at the left side, seen black or grey."""
    rows = image.shape[0]
    radius, x = random.uniform(7, 9.5) * scale, random.uniform(14, 26) * scale
    shade = int(random.integers(10, 90))
    places = (0.5 - 0.129, 0.5 + 0.129) if random.random() < 0.5 else (0.11, 0.5, 0.89)
    for share in places:
        centre = round(x), round((share + random.normal(0, 0.004)) * rows)
        cv2.circle(image, centre, round(radius), (shade, shade, shade), -1, cv2.LINE_AA)
        cv2.circle(hidden, centre, round(radius), (255,), -1)
    return "punch holes"


def _whole(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


SPILLS: tuple[Spill, ...] = (coffee, stamp, staple, holes)
