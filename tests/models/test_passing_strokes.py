"""A stroke that begins beside a box and ends far off is no mark of it, and hides none that it touches."""

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
SURE = 0.75


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def form(border: int) -> Page:
    page = np.full((660, 900), 252, np.uint8)
    for row in range(ROWS):
        y = 80 + 80 * row
        cv2.rectangle(page, (180, y), (180 + SIDE, y + SIDE), 30, border)
        cv2.putText(page, f"The annex number {row} is there", (230, y + 22), 0, 0.8, 30, 2, cv2.LINE_AA)
    y = 80 + 80 * MARKED
    cv2.line(page, (182, y + 2), (178 + SIDE, y - 2 + SIDE), 20, 3, cv2.LINE_AA)
    cv2.line(page, (178 + SIDE, y + 2), (182, y - 2 + SIDE), 20, 3, cv2.LINE_AA)
    return page


def stroke(page: Page, row: int, points: list[tuple[float, float]], thick: int) -> None:
    """Through points in sides from a box's left top."""
    along = np.array(points) * SIDE + (180, 80 + 80 * row)
    steps = np.linspace(0, len(points) - 1, 40)
    smooth = np.column_stack([np.interp(steps, range(len(points)), values) for values in along.T])
    cv2.polylines(page, [np.round(smooth * 16).astype(np.int32)], False, (40,), thick, cv2.LINE_AA, 4)


@pytest.mark.parametrize("thick", [2, 4])
@pytest.mark.parametrize("border", [2, 3])
@pytest.mark.parametrize(
    "points",
    [
        [(1.2, 0.6), (5, -1.5), (12, -2.6)],
        [(-0.3, 1.1), (3, -0.8), (9, -1.2)],
        [(-0.2, 0.5), (-2, 1.8), (-5, 2.2)],
        [(1.1, -0.3), (2.2, -3), (6, -5)],
        [(0.5, 1.2), (1.2, 3), (3.5, 6)],
    ],
    ids=["from the right", "below and across", "to the margin", "upwards", "down past another"],
)
def test_a_stroke_that_goes_elsewhere(model: Model, points: list[tuple[float, float]], border: int, thick: int) -> None:
    page = form(border)
    for row in (1, 3):
        stroke(page, row, points, thick)
    (prediction,) = model.predict([PageImage(1, page)])
    boxes = sorted(prediction.checkboxes, key=lambda box: box.quad[1])
    assert len(boxes) == ROWS
    silent = [box.state for box in boxes if box.confidence >= SURE and box.state is not CheckboxState.EMPTY]
    assert len(silent) == 1
    assert boxes[MARKED].state is CheckboxState.CROSSED


@pytest.mark.parametrize("reach", [1.2, 2.0, 3.0])
def test_the_long_tail_of_a_tick_stays_a_mark(model: Model, reach: float) -> None:
    page = form(2)
    stroke(page, 1, [(0.5, 0.6), (0.8, 1.0), (0.8 + reach, 1.0 - 0.8 * reach)], 3)
    (prediction,) = model.predict([PageImage(1, page)])
    boxes = sorted(prediction.checkboxes, key=lambda box: box.quad[1])
    assert [box.state is not CheckboxState.EMPTY for box in boxes] == [row in (1, MARKED) for row in range(ROWS)]
