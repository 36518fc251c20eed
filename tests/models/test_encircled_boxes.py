"""An empty box in a ring by hand is not surely empty, a frame is no ring, and boxes filled roughly are found."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Checkbox, CheckboxState

Page = npt.NDArray[np.uint8]
SIDE, ROWS = 24, 6
SURE = 0.8


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def form() -> Page:
    page = np.full((800, 900), 252, np.uint8)
    cv2.putText(page, "What belongs to the application", (90, 60), 0, 0.8, 30, 2, cv2.LINE_AA)
    for row in range(ROWS):
        y = 120 + 105 * row
        cv2.rectangle(page, (180, y), (180 + SIDE, y + SIDE), 30, 2)
        cv2.putText(page, f"annex {row} is there", (230, y + 20), 0, 0.7, 30, 1, cv2.LINE_AA)
    return page


def boxes_of(model: Model, page: Page) -> list[Checkbox]:
    (prediction,) = model.predict([PageImage(1, page)])
    return sorted(prediction.checkboxes, key=lambda box: box.quad[1])


def surely_empty(boxes: list[Checkbox]) -> list[bool]:
    assert len(boxes) == ROWS
    return [box.state is CheckboxState.EMPTY and box.confidence >= SURE for box in boxes]


@pytest.mark.parametrize("turns", [0.95, 1.1])
@pytest.mark.parametrize("around", [1.2, 1.7])
@pytest.mark.parametrize("label", [0.0, 4.0, 9.0])
def test_a_ring_around_a_box_and_its_label(model: Model, label: float, around: float, turns: float) -> None:
    page = form()
    for row in (1, 4):
        angle = np.linspace(2.0, 2.0 + 2 * np.pi * turns, 90)
        wobble = 1 + 0.03 * np.sin(3 * angle + row)
        x = 180 + SIDE * (0.5 + label / 2 + (label / 2 + around) * wobble * np.cos(angle))
        y = 120 + 105 * row + SIDE * (0.5 + around * wobble * np.sin(angle))
        points = np.round(np.column_stack([x, y]) * 16).astype(np.int32)
        cv2.polylines(page, [points], False, (40,), 3, cv2.LINE_AA, 4)
    assert surely_empty(boxes_of(model, page)) == [row not in (1, 4) for row in range(ROWS)]


def test_a_frame_around_a_box_and_its_label_says_nothing(model: Model) -> None:
    page = form()
    for row in (1, 4):
        y = 120 + 105 * row
        cv2.rectangle(page, (140, y - 30), (560, y + SIDE + 30), 40, 2)
    assert surely_empty(boxes_of(model, page)) == [True] * ROWS


@pytest.mark.parametrize("beyond", [0, 1, 2])
def test_a_box_that_is_filled_beyond_its_border(model: Model, beyond: int) -> None:
    page = form()
    for row in (1, 4):
        for line in range(-beyond, SIDE + beyond, 4):
            y, off = 120 + 105 * row + line, (line * 7 + row) % 3
            cv2.line(page, (180 - beyond - off, y), (180 + SIDE + beyond + off, y + 2), 20, 5, cv2.LINE_AA)
    boxes = boxes_of(model, page)
    assert [box.state is CheckboxState.EMPTY for box in boxes] == [row not in (1, 4) for row in range(ROWS)]
