"""What a page is before the thing that matters comes onto it: a letter, a form, a list, or a page of a PDF."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.fonts import TRAINING_PRINTS
from synthesis.sheet import Pixels
from synthesis.unsigned.leaf import WIDTH, Leaf

Zone = tuple[float, float, float, float]
"""Left, top, right, bottom in points."""


def letter(leaf: Leaf, free: Zone) -> None:
    """Lines of a letter, where the zone leaves room."""
    random, face = leaf.random, leaf.pick(TRAINING_PRINTS)
    size, left, y = float(random.uniform(6.2, 8.0)), float(random.uniform(50, 90)), float(random.uniform(90, 150))
    pitch = size * float(random.uniform(1.7, 2.3))
    last = float(random.uniform(520, 790))
    while y < last:
        if random.random() < 0.14:
            y += pitch
        right = WIDTH - 50 if random.random() < 0.8 else float(random.uniform(200, 450))
        _row(leaf, left, right, y, size, face, free)
        y += pitch


def form(leaf: Leaf, free: Zone) -> None:
    """Rows of labelled fields with frames or rules."""
    random, face = leaf.random, leaf.pick(TRAINING_PRINTS)
    y, high = float(random.uniform(80, 130)), float(random.uniform(24, 38))
    framed = random.random() < 0.5
    labels = (
        "Name",
        "Date of birth",
        "Street",
        "Town",
        "Telephone",
        "Employer",
        "Amount",
        "Account",
        "Remarks",
        "Date",
    )
    while y < 790:
        x = 48.0
        while x < WIDTH - 90:
            right = min(WIDTH - 48, x + float(random.uniform(90, 300)))
            if not _meets(free, (x, y, right, y + high)):
                leaf.type(leaf.pick(labels), x + 3, y + 8, 5.0, face)
                if framed:
                    leaf.curve(np.array([(x, y), (right, y), (right, y + high), (x, y + high)]), 0.5, 90, closed=True)
                else:
                    leaf.line((x, y + high), (right, y + high), 0.6)
            x = right + 6
        y += high + 6


def table(leaf: Leaf, free: Zone) -> None:
    """Rows of figures under a head."""
    random, face = leaf.random, leaf.pick(TRAINING_PRINTS)
    y, pitch, columns = (
        float(random.uniform(120, 170)),
        float(random.uniform(14, 20)),
        np.cumsum(random.uniform(60, 120, 5)) + 20,
    )
    while y < 780:
        for x in columns[columns < WIDTH - 90]:
            if not _meets(free, (float(x), y - 10, float(x) + 60, y)):
                leaf.type(f"{random.uniform(1, 99999):,.2f}", float(x), y, 6.0, face)
        if random.random() < 0.4 and not _meets(free, (48, y, WIDTH - 48, y + 4)):
            leaf.line((48, y + 4), (WIDTH - 48, y + 4), 0.4, 120)
        y += pitch


def bare(leaf: Leaf, free: Zone) -> None:
    """Paper alone, or with a line of print at its head."""
    if leaf.random.random() < 0.5 and free[1] > 90:
        leaf.type(leaf.words(5).capitalize(), 60, 70, 9, leaf.pick(TRAINING_PRINTS))


def of_pdf(leaf: Leaf, page: Pixels, free: Zone) -> None:
    """A rendered grey page, its ink taken out of the zone."""
    grey = cv2.resize(page, leaf.image.shape[1::-1], interpolation=cv2.INTER_AREA)
    (left, top), (right, bottom) = leaf.at(*free[:2]), leaf.at(*free[2:])
    grey[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 255
    leaf.image[:] = np.minimum(leaf.image, grey[:, :, None])


GROUNDS = (letter, letter, form, table, bare)


def _row(leaf: Leaf, left: float, right: float, y: float, size: float, face: str, free: Zone) -> None:
    for start, end in (
        ((left, min(right, free[0])), (max(left, free[2]), right)) if _level(free, y) else ((left, right),)
    ):
        count = int((end - start) / (size * 4.2))
        if count > 0:
            leaf.type(leaf.words(count), start, y, size, face)


def _level(free: Zone, y: float) -> bool:
    return free[1] - 2 < y < free[3] + 10


def _meets(one: Zone, other: Zone) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
