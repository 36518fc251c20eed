"""Small boxes on large pages are found, as long as they have pixels enough."""

from __future__ import annotations

import warnings

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.catalog.checkbox.page_ink import working_pages
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import CheckboxState

Page = npt.NDArray[np.uint8]
PLACES = [(500 + 800 * column, 600 + 160 * row) for row in range(6) for column in range(4)]


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def plan(side: int, width: int = 4200, height: int = 5000) -> Page:
    """Every third of the boxes crossed, below a title in large print."""
    page = np.full((height, width), 250, np.uint8)
    cv2.putText(page, "MAKE AN ATTEMPT", (300, 350), cv2.FONT_HERSHEY_SIMPLEX, 5, 20, 12, cv2.LINE_AA)
    for number, (x, y) in enumerate(PLACES):
        cv2.rectangle(page, (x, y), (x + side, y + side), 40, 1 if side < 20 else 2)
        size, below = side / 34, round(0.85 * side)
        cv2.putText(page, "to be rented", (x + 2 * side, y + below), cv2.FONT_HERSHEY_SIMPLEX, size, 30, 1, cv2.LINE_AA)
        if number % 3 == 0:
            cv2.line(page, (x, y), (x + side, y + side), 20, 2, cv2.LINE_AA)
            cv2.line(page, (x + side, y), (x, y + side), 20, 2, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("dpi", [None, 600.0])
@pytest.mark.parametrize("side", [20, 28])
def test_boxes_of_a_few_thousandths_of_the_page_are_found_and_read(model: Model, side: int, dpi: float | None) -> None:
    (prediction,) = model.predict([PageImage(1, plan(side), dpi)])
    found = sorted(prediction.checkboxes, key=lambda box: (round(box.quad[1] / 80), box.quad[0]))
    assert [(round(box.quad[0], -2), round(box.quad[1], -1)) for box in found] == [
        (round(x, -2), round(y, -1)) for x, y in PLACES
    ]
    assert [box.state is not CheckboxState.EMPTY for box in found] == [n % 3 == 0 for n in range(len(PLACES))]


def test_boxes_across_the_edges_of_parts_are_found_once(model: Model) -> None:
    page = plan(20)
    places = [(x, 2400 + 40 * row) for x in range(300, 3900, 60) for row in range(6)]
    for x, y in places:
        cv2.rectangle(page, (x, y), (x + 20, y + 20), 40, 2)
    (prediction,) = model.predict([PageImage(1, page)])
    assert len([box for box in prediction.checkboxes if box.quad[1] > 2300]) == len(places)


@pytest.mark.parametrize("width", [5001, 5002, 5016])
def test_print_of_two_sizes_makes_no_page_dearer_than_is_allowed(width: int) -> None:
    page = np.full((5000, width), 250, np.uint8)
    for row in range(90):
        for x in range(200, 4000, 1200):
            cv2.putText(page, "small print of the plan " * 3, (x, 300 + 30 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1)
        if row < 30:
            cv2.putText(page, "larger print " * 12, (200, 3100 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 30, 2)
    with warnings.catch_warnings(action="error"):
        masks = [ink.masks[0] for ink in working_pages(page, None)]
    # The parts of a scale overlap, and a page in one piece comes on top.
    assert sum(mask.size for mask in masks) <= 1.35 * 24_000_000 + 3_300_000
