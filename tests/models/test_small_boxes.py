"""Boxes smaller than the print beside them are found; where they have too few pixels for that, the page says so."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import CheckboxState, Defect

Page = npt.NDArray[np.uint8]
TIMES = 4
"""Pages are drawn so many times as large and reduced, as a scanner of low resolution does."""
LABELS = ("I live alone", "with a partner", "with children", "in a rented flat")


@pytest.fixture(scope="module")
def boxes() -> Model:
    return load_model("checkbox")


@pytest.fixture(scope="module")
def quality() -> Model:
    return load_model("page-quality")


def form(letter: int, side: float, count: int = 6, noise: float = 0.0) -> tuple[Page, list[tuple[float, float, bool]]]:
    """Boxes of a side in pixels beside labels with letters of that height; every third is crossed.

    With each box's middle, and whether it is crossed.
    """
    large, high = TIMES * letter, round(TIMES * side)
    page = np.full((max(52, 22 + 2 * count) * large, 60 * large), 250, np.uint8)
    scale, pen = large / 14, max(1, round(0.15 * large))
    rows = (
        "What you tell is kept for as long as",
        "the law demands it. Whoever is wrong",
        "may have to pay the whole back.",
    )
    for row, text in enumerate(rows):
        cv2.putText(page, text, (3 * large, (4 + 3 * row) * large), 0, scale, 30, pen, cv2.LINE_AA)
    places = []
    for number in range(count):
        x, y = (3 + 28 * (number % 2)) * large + number, (16 + 4 * (number // 2)) * large + number
        border = max(2, round(0.1 * high))
        cv2.rectangle(page, (x, y), (x + high, y + high), 40, border)
        if number % 3 == 0:
            cv2.line(page, (x + border, y + border), (x + high - border, y + high - border), 30, border)
            cv2.line(page, (x + high - border, y + border), (x + border, y + high - border), 30, border)
        left, below = x + high + large, y + (high + large) // 2
        cv2.putText(page, LABELS[number % 4], (left, below), 0, scale, 30, pen, cv2.LINE_AA)
        places.append(((x + high / 2) / TIMES, (y + high / 2) / TIMES, number % 3 == 0))
    small = cv2.resize(page, None, fx=1 / TIMES, fy=1 / TIMES, interpolation=cv2.INTER_AREA).astype(np.float64)
    grain = np.random.default_rng(letter).normal(0, noise, small.shape)
    return np.clip(np.rint(small + grain), 0, 255).astype(np.uint8), places


@pytest.mark.parametrize("noise", [0.0, 4.0])
@pytest.mark.parametrize(
    ("letter", "side", "count"),
    [
        (6, 6, 6),
        (8, 6, 6),
        (8, 7, 2),
        (8, 8, 20),
        (10, 7, 6),
        (12, 8, 6),
        (12, 10, 20),
        (16, 7, 6),
        (24, 10, 6),
        (24, 16, 3),
    ],
)
def test_boxes_smaller_than_the_letters_beside_them_are_found_and_read(
    boxes: Model, letter: int, side: int, count: int, noise: float
) -> None:
    page, places = form(letter, side, count, noise)
    (prediction,) = boxes.predict([PageImage(1, page)])
    assert len(prediction.checkboxes) == count
    for x, y, marked in places:
        near = [
            b
            for b in prediction.checkboxes
            if abs(b.quad[0] + b.quad[2] - 2 * x) + abs(b.quad[1] + b.quad[5] - 2 * y) < side
        ]
        assert [box.state is not CheckboxState.EMPTY for box in near] == [marked]


@pytest.mark.parametrize("noise", [0.0, 4.0])
@pytest.mark.parametrize(("letter", "side"), [(6, 4), (6, 5), (8, 4), (8, 5), (10, 4.5), (12, 5), (16, 4)])
def test_boxes_of_too_few_pixels_are_a_defect_of_the_page(
    quality: Model, letter: int, side: float, noise: float
) -> None:
    page, _ = form(letter, side, noise=noise)
    (prediction,) = quality.predict([PageImage(1, page)])
    assert prediction.quality is not None
    assert [one.defect for one in prediction.quality.defects if one.exceeded] == [Defect.LOW_RESOLUTION]


@pytest.mark.parametrize(("letter", "side"), [(6, 7), (8, 8), (8, 14), (12, 8), (16, 20)])
def test_a_page_whose_boxes_are_found_is_acceptable(quality: Model, letter: int, side: int) -> None:
    (prediction,) = quality.predict([PageImage(1, form(letter, side)[0])])
    assert prediction.quality is not None
    assert prediction.quality.acceptable
