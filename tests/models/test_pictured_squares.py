"""Squares that hold pictures, figures or signs are none to mark, and boxes beside them stay."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model

Page = npt.NDArray[np.uint8]
Draw = Callable[[Page, int, int, int, int], None]
INK, PAPER = 30, 252


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def write(page: Page, text: str, x: int, y: int, size: float = 0.7, ink: int = INK, pen: int = 1) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, ink, pen, cv2.LINE_AA)


def form() -> Page:
    """Three boxes with labels, one of them crossed, below a line of print."""
    page = np.full((900, 1000), PAPER, np.uint8)
    write(page, "Request for a place in the car park of the building", 90, 80)
    for row in range(3):
        y = 130 + 60 * row
        cv2.rectangle(page, (100, y), (124, y + 24), INK, 2)
        write(page, f"from the first day of month {row}", 140, y + 20)
    cv2.line(page, (102, 192), (122, 212), 20, 3, cv2.LINE_AA)
    cv2.line(page, (122, 192), (102, 212), 20, 3, cv2.LINE_AA)
    return page


def scanned(page: Page, noise: float) -> Page:
    grain = np.random.default_rng(3).normal(0, noise, page.shape)
    soft = cv2.GaussianBlur(page, (0, 0), 0.6) if noise else page
    return np.clip(np.rint(soft + grain), 0, 255).astype(np.uint8)


def figure(page: Page, x: int, y: int, side: int, number: int) -> None:
    cv2.rectangle(page, (x, y), (x + side, y + side), INK, 2)
    write(page, str(number % 9 + 1), x + round(0.28 * side), y + round(0.76 * side), side / 42, pen=2)


def white_figure(page: Page, x: int, y: int, side: int, number: int) -> None:
    cv2.rectangle(page, (x, y), (x + side, y + side), INK, -1)
    write(page, "FNTIH"[number % 5], x + round(0.28 * side), y + round(0.76 * side), side / 42, PAPER, 2)


def fold(page: Page, x: int, y: int, side: int, number: int) -> None:
    middle, arm = side // 2, round(0.28 * side)
    cv2.rectangle(page, (x, y), (x + side, y + side), INK, 2)
    cv2.line(page, (x + middle - arm, y + middle), (x + middle + arm, y + middle), INK, 2)
    if number % 2:
        cv2.line(page, (x + middle, y + middle - arm), (x + middle, y + middle + arm), INK, 2)


def hook(page: Page, x: int, y: int, side: int, number: int) -> None:
    cv2.rectangle(page, (x, y), (x + side, y + side), INK, 2)
    points = np.array([(0.28, 0.4), (0.5, 0.62), (0.72, 0.4)]) * side + (x, y)
    cv2.polylines(page, [np.round(points * 16).astype(np.int32)], False, (INK,), 2, cv2.LINE_AA, 4)


PIPS = (((0, 0),), ((-1, -1), (1, 1)), ((-1, -1), (0, 0), (1, 1)), ((-1, -1), (1, -1), (-1, 1), (1, 1)))


def die(page: Page, x: int, y: int, side: int, number: int) -> None:
    cv2.rectangle(page, (x, y), (x + side, y + side), INK, 2)
    for across, down in PIPS[number % 4]:
        middle = (round(x + side * (0.5 + 0.25 * across)), round(y + side * (0.5 + 0.25 * down)))
        cv2.circle(page, middle, round(0.09 * side), (INK,), -1, cv2.LINE_AA)


def clock(page: Page, x: int, y: int, side: int, number: int) -> None:
    """And a house, and a letter: three icons."""
    cv2.rectangle(page, (x, y), (x + side, y + side), INK, 2)
    middle = (x + side // 2, y + side // 2)
    if number % 3 == 0:
        cv2.circle(page, middle, round(0.28 * side), (INK,), 2, cv2.LINE_AA)
        cv2.line(page, middle, (middle[0], middle[1] - round(0.18 * side)), INK, 2)
    elif number % 3 == 1:
        roof = np.array([(0.5, 0.2), (0.8, 0.5), (0.2, 0.5)]) * side + (x, y)
        cv2.fillPoly(page, [np.round(roof).astype(np.int32)], (INK,))
        cv2.rectangle(page, (x + round(0.3 * side), middle[1]), (x + round(0.7 * side), y + round(0.8 * side)), INK, 2)
    else:
        low, high = (x + round(0.2 * side), y + round(0.3 * side)), (x + round(0.8 * side), y + round(0.7 * side))
        cv2.rectangle(page, low, high, INK, 2)
        cv2.line(page, low, middle, INK, 2)
        cv2.line(page, (high[0], low[1]), middle, INK, 2)


@pytest.mark.parametrize("noise", [0.0, 5.0])
@pytest.mark.parametrize("side", [28, 44])
@pytest.mark.parametrize("draw", [figure, white_figure, fold, hook, die, clock])
def test_squares_with_pictures_are_no_boxes(model: Model, draw: Draw, side: int, noise: float) -> None:
    page = form()
    for number in range(5):
        draw(page, 560, 400 + 80 * number, side, number)
        write(page, "what is asked for here", 640, 430 + 80 * number)
    (prediction,) = model.predict([PageImage(1, scanned(page, noise))])
    assert [box.state.value for box in prediction.checkboxes] == ["empty", "crossed", "empty"]


@pytest.mark.parametrize("side", [26, 36])
def test_boxes_with_strange_marks_stay_beside_an_empty_one(model: Model, side: int) -> None:
    page = form()
    for number in range(5):
        if number == 3:
            cv2.rectangle(page, (560, 400 + 80 * number), (560 + side, 400 + 80 * number + side), INK, 2)
        else:
            die(page, 560, 400 + 80 * number, side, 0)
        write(page, "what is asked for here", 640, 430 + 80 * number)
    (prediction,) = model.predict([PageImage(1, page)])
    assert len(prediction.checkboxes) == 8


def disc(page: Page, x: int, y: int, side: int) -> None:
    cv2.circle(page, (x + side // 2, y + side // 2), round(0.33 * side), (INK,), -1, cv2.LINE_AA)


def bar(page: Page, x: int, y: int, side: int) -> None:
    middle, arm = y + side // 2, round(0.27 * side)
    cv2.line(page, (x + side // 2 - arm, middle), (x + side // 2 + arm, middle), INK, 3)


@pytest.mark.parametrize("mark", [disc, bar])
@pytest.mark.parametrize("count", [2, 4])
def test_boxes_that_a_program_has_set_all_of_stay(
    model: Model, mark: Callable[[Page, int, int, int], None], count: int
) -> None:
    page = np.full((700, 1000), PAPER, np.uint8)
    write(page, "Request for a place in the car park of the building", 90, 80)
    for row in range(count):
        y, side = 200 + 90 * row, 34
        cv2.rectangle(page, (100, y), (100 + side, y + side), INK, 3)
        mark(page, 100, y, side)
        write(page, f"I agree to part {row} of the terms", 160, y + 26)
    (prediction,) = model.predict([PageImage(1, page)])
    assert len(prediction.checkboxes) == count
    assert all(box.state.value != "empty" or box.confidence < 0.8 for box in prediction.checkboxes)


@pytest.mark.parametrize("border", [2, 4])
@pytest.mark.parametrize("side", [24, 30])
def test_three_boxes_that_all_are_ticked_stay(model: Model, side: int, border: int) -> None:
    page = np.full((700, 1000), PAPER, np.uint8)
    write(page, "Request for a place in the car park of the building", 90, 80)
    for row in range(3):
        y = 200 + 90 * row
        cv2.rectangle(page, (100, y), (100 + side, y + side), INK, border)
        write(page, f"I agree to part {row} of the terms", 160, y + 22)
        tick = np.array([(0.2, 0.5 + 0.02 * row), (0.42, 0.8), (0.85 + 0.1 * row, 0.15)]) * side + (100, y)
        cv2.polylines(page, [np.round(tick * 16).astype(np.int32)], False, (20,), 3, cv2.LINE_AA, 4)
    (prediction,) = model.predict([PageImage(1, page)])
    assert [box.state.value for box in prediction.checkboxes] == ["ticked"] * 3
