"""A line that strikes out what is printed marks none of the boxes on its way; a mark in one of them stays."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import CheckboxState

Page = npt.NDArray[np.uint8]
SIDE, ROWS, MARKED = 26, 6, 4


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def form() -> Page:
    page = np.full((620, 900), 252, np.uint8)
    for row in range(ROWS):
        y = 80 + 80 * row
        cv2.rectangle(page, (80, y), (80 + SIDE, y + SIDE), 30, 2)
        cv2.putText(page, f"The annex number {row} is there", (130, y + 22), 0, 0.8, 30, 2, cv2.LINE_AA)
    cv2.line(page, (82, 82 + 80 * MARKED), (78 + SIDE, 78 + SIDE + 80 * MARKED), 20, 3, cv2.LINE_AA)
    cv2.line(page, (78 + SIDE, 82 + 80 * MARKED), (82, 78 + SIDE + 80 * MARKED), 20, 3, cv2.LINE_AA)
    return page


def marked(model: Model, page: Page) -> list[bool]:
    (prediction,) = model.predict([PageImage(1, page)])
    boxes = sorted(prediction.checkboxes, key=lambda box: box.quad[1])
    return [box.state is not CheckboxState.EMPTY for box in boxes]


@pytest.mark.parametrize("before", [10, 24, 60])
@pytest.mark.parametrize("rises", [-4, 0, 5])
@pytest.mark.parametrize("thick", [2, 4])
def test_a_row_that_is_struck_out_with_its_box(model: Model, before: int, rises: int, thick: int) -> None:
    page = form()
    for row in (1, MARKED):
        y = 80 + 80 * row + SIDE // 2
        cv2.line(page, (80 - before, y + rises), (560, y - rises), 20, thick, cv2.LINE_AA)
    assert marked(model, page) == [row == MARKED for row in range(ROWS)]


@pytest.mark.parametrize("above", [12, 40, 70])
def test_a_column_that_is_struck_out_from_its_first_box(model: Model, above: int) -> None:
    page = form()
    cv2.line(page, (90, 80 - above), (97, 600), 20, 3, cv2.LINE_AA)
    assert marked(model, page) == [row == MARKED for row in range(ROWS)]


@pytest.mark.parametrize("x", [60, 72, 84])
def test_a_line_across_the_page_that_touches_corners(model: Model, x: int) -> None:
    page = form()
    cv2.line(page, (x + 340, 30), (x - 55, 310), 20, 3, cv2.LINE_AA)
    assert marked(model, page) == [row == MARKED for row in range(ROWS)]


@pytest.mark.parametrize("reach", [0.3, 0.8, 1.5])
def test_a_slash_of_a_pen_stays_a_mark(model: Model, reach: float) -> None:
    page = form()
    off = round(reach * SIDE)
    cv2.line(page, (80 - off // 3, 80 + SIDE + off // 3), (80 + SIDE + off, 80 - off), 20, 3, cv2.LINE_AA)
    assert marked(model, page) == [row in (0, MARKED) for row in range(ROWS)]
