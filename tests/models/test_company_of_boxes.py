"""Boxes of which a mark hides much, and letters, digits and points that only look like boxes: their company tells."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Checkbox

Page = npt.NDArray[np.uint8]
INK, PAPER = 30, 252


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def blank() -> Page:
    page = np.full((900, 1000), PAPER, np.uint8)
    write(page, "Request for a place in the car park of the building", 90, 80)
    return page


def write(page: Page, text: str, x: int, y: int, size: float = 0.7) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, INK, 1, cv2.LINE_AA)


def found(model: Model, page: Page) -> list[Checkbox]:
    (prediction,) = model.predict([PageImage(1, page)])
    return list(prediction.checkboxes)


def disc(page: Page, x: int, y: int, side: int) -> None:
    cv2.circle(page, (x + side // 2, y + side // 2), round(0.15 * side), (INK,), -1, cv2.LINE_AA)


def diamond(page: Page, x: int, y: int, side: int) -> None:
    points = np.array([(0.5, 0.27), (0.73, 0.5), (0.5, 0.73), (0.27, 0.5)]) * side + (x, y)
    cv2.fillPoly(page, [np.round(points * 16).astype(np.int32)], (INK,), cv2.LINE_AA, 4)


def typed_x(page: Page, x: int, y: int, side: int) -> None:
    for a, b in ((0.3, 0.7), (0.7, 0.3)):
        cv2.line(
            page, (round(x + a * side), round(y + 0.3 * side)), (round(x + b * side), round(y + 0.7 * side)), INK, 2
        )


@pytest.mark.parametrize("mark", [disc, diamond, typed_x])
def test_boxes_that_a_program_has_all_set_are_found(model: Model, mark: object) -> None:
    page, side = blank(), 28
    for row in range(3):
        y = 200 + 80 * row
        cv2.rectangle(page, (100, y), (100 + side, y + side), INK, 2)
        assert callable(mark)
        mark(page, 100, y, side)
        write(page, f"I agree to part {row} of the terms", 150, y + 22)
    boxes = found(model, page)
    assert len(boxes) == 3
    assert all(box.state.value != "empty" or box.confidence < 0.8 for box in boxes)


@pytest.mark.parametrize("scale", [1.0, 1.4])
def test_radio_buttons_that_a_pen_fills_stay_in_their_grid(model: Model, scale: float) -> None:
    page, radius = blank(), round(10 * scale)
    for row in range(7):
        write(page, "how often do you travel", 90, 166 + 80 * row, 0.6)
        for column in range(5):
            middle = (460 + 100 * column, 160 + 80 * row)
            cv2.circle(page, middle, radius, (INK,), 1, cv2.LINE_AA)
            if column == (3 * row) % 5:
                cv2.circle(page, (middle[0] + 1, middle[1] - 1), radius, (INK,), -1, cv2.LINE_AA)
    boxes = found(model, page)
    assert len(boxes) == 35
    assert sum(box.state.value != "empty" for box in boxes) == 7


def test_points_of_a_plot_are_no_boxes(model: Model) -> None:
    page = blank()
    random = np.random.default_rng(5)
    cv2.line(page, (100, 150), (100, 800), INK, 2)
    cv2.line(page, (100, 800), (950, 800), INK, 2)
    for x, y in random.uniform((120, 160), (900, 760), (24, 2)).astype(int):
        cv2.rectangle(page, (int(x), int(y)), (int(x) + 16, int(y) + 16), INK, 2)
    assert len(found(model, page)) <= 1


def test_empty_cells_of_a_date_beside_written_ones_are_no_boxes(model: Model) -> None:
    page, side = blank(), 30
    for row in range(4):
        y = 170 + 150 * row
        for cell, x in enumerate((100, 130, 180, 210, 260, 290, 320, 350)):
            cv2.rectangle(page, (x, y), (x + side, y + side), INK, 1)
            if (cell + row) % 3:
                write(page, str((3 * cell + row) % 10), x + 8, y + 24)
        for x in (520, 720):
            cv2.rectangle(page, (x, y), (x + side, y + side), INK, 1)
            write(page, "by bus", x + 45, y + 23)
    boxes = found(model, page)
    assert sum(box.quad[0] >= 0.5 for box in boxes) == 8
    assert sum(box.quad[0] < 0.5 for box in boxes) == 0


def test_solid_dice_are_no_boxes(model: Model) -> None:
    page, side = blank(), 46
    pips = (((0, 0),), ((-1, -1), (1, 1)), ((-1, -1), (1, -1), (-1, 1), (1, 1)), ((-1, -1), (0, 0), (1, 1)))
    for row in range(4):
        for column in range(2):
            x, y = 100 + 90 * column, 170 + 90 * row
            cv2.rectangle(page, (x, y), (x + side, y + side), INK, -1)
            for across, down in pips[(row + 2 * column) % 4]:
                middle = (round(x + side * (0.5 + 0.26 * across)), round(y + side * (0.5 + 0.26 * down)))
                cv2.circle(page, middle, 4, (PAPER,), -1, cv2.LINE_AA)
        write(page, "roll them and move on", 320, 200 + 90 * row)
    assert len(found(model, page)) <= 1


def letters_of_a_typewriter(side: int, gap: float) -> Page:
    """Words of four letters, among them o; they are drawn four times as large, and brought down."""
    random = np.random.default_rng(3)
    page = np.full((2800, 3600), PAPER, np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return round(4 * x), round(4 * y)

    for y in range(60, 680, 26):
        x = 60.0
        while x < 800:
            count = int(random.integers(2, 8))
            for number in range(count):
                kind = 0 if number == 0 and random.random() < 0.5 else int(random.integers(4))
                if kind == 0:
                    cv2.circle(page, at(x + side / 2, y - side / 2), 2 * side, (INK,), 5, cv2.LINE_AA)
                elif kind == 1:
                    cv2.line(page, at(x + side / 2, y - 1.5 * side), at(x + side / 2, y), INK, 5)
                    cv2.line(page, at(x + 0.1 * side, y - side), at(x + 0.9 * side, y - side), INK, 5)
                elif kind == 2:
                    corners = ((0.1, 0), (0.1, 1), (0.5, 0.8), (0.9, 1), (0.9, 0))
                    line = np.array([at(x + a * side, y - b * side) for a, b in corners], np.int32)
                    cv2.polylines(page, [line], False, (INK,), 5)
                else:
                    cv2.line(page, at(x + 0.1 * side, y - 1.5 * side), at(x + 0.1 * side, y), INK, 5)
                    middle = at(x + side / 2, y - side / 2)
                    cv2.ellipse(page, middle, (round(1.6 * side), 2 * side), 0, 0, 360, (INK,), 5)
                x += side * (1 + gap)
            x += side * (1 + gap)
    return np.asarray(cv2.resize(page, (900, 700), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize(("side", "gap"), [(8, 0.48), (10, 0.4)])
def test_letters_that_stand_apart_are_hardly_boxes(model: Model, side: int, gap: float) -> None:
    # There were 4 and 22.
    assert len(found(model, letters_of_a_typewriter(side, gap))) <= 3
