"""A box scribbled full is found by its border and its company, however black it is; bold letters in line are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Checkbox, CheckboxState
from synthesis.ink.marks import curved

Page = npt.NDArray[np.uint8]
SIDE, FINE = 26, 2
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa")
PLACES = [(100 + 92 * column, 200 + 70 * row) for row in range(2) for column in range(len(DAYS))]
SCRIBBLED = (1, 3, 8, 10)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def zigzag(x: int, y: int, random: np.random.Generator) -> list[tuple[float, float]]:
    """Up and down all over the inside, as people blacken a box."""
    across = x + SIDE * (0.15 + 0.1 * np.arange(8) + random.uniform(-0.05, 0.05, 8))
    down = y + SIDE * (np.where(np.arange(8) % 2, 0.2, 0.8) + random.uniform(-0.1, 0.1, 8))
    return [(FINE * u, FINE * v) for u, v in curved(np.column_stack([across, down]), 14).tolist()]


def form(pen: int, letters: str = "", scribbled: Sequence[int] = SCRIBBLED) -> Page:
    """Two rows of boxes with labels close by, some scribbled full; or letters as high as the boxes in their place."""
    random = np.random.default_rng(pen)
    page = Image.new("L", (FINE * 1240, FINE * 700), 252)
    draw = ImageDraw.Draw(page)
    draw.text((FINE * 100, FINE * 60), "Registration for the course", 10, ImageFont.load_default(FINE * 36))
    label, large = ImageFont.load_default(FINE * 26), ImageFont.load_default(FINE * 36)
    for number, (x, y) in enumerate(PLACES):
        left, low = FINE * x, FINE * (y + SIDE)
        if letters and number in scribbled:
            draw.text((left, low), letters, 10, large, anchor="ls", stroke_width=3)
        else:
            draw.rectangle([left, FINE * y, left + FINE * SIDE, low], outline=0, width=5)
            if number in scribbled:
                draw.line(zigzag(x, y, random), 10, pen, joint="curve")
        draw.text((left + FINE * (SIDE + 4), low), DAYS[number % len(DAYS)], 10, label, anchor="ls")
    return np.asarray(page.resize((1240, 700), Image.Resampling.LANCZOS))


def found(model: Model, page: Page) -> tuple[Checkbox, ...]:
    (prediction,) = model.predict([PageImage(1, page, dpi=200)])
    return prediction.checkboxes


def at(boxes: tuple[Checkbox, ...], place: tuple[int, int]) -> list[Checkbox]:
    return [box for box in boxes if abs(box.quad[0] - place[0]) < 8 and abs(box.quad[1] - place[1]) < 8]


@pytest.mark.parametrize("pen", [5, 6, 7, 8])
def test_boxes_scribbled_full_are_marked_ones(model: Model, pen: int) -> None:
    boxes = found(model, form(pen))
    assert len(boxes) == len(PLACES)
    for number, place in enumerate(PLACES):
        (box,) = at(boxes, place)
        assert (box.state is not CheckboxState.EMPTY) == (number in SCRIBBLED)


def test_a_few_empty_boxes_are_company_enough(model: Model) -> None:
    empty = (0, 3, 6)
    boxes = found(model, form(6, scribbled=[number for number in range(len(PLACES)) if number not in empty]))
    states = [[box.state is CheckboxState.EMPTY for box in at(boxes, place)] for place in PLACES]
    assert states == [[number in empty] for number in range(len(PLACES))]


@pytest.mark.parametrize("letter", ["B", "D", "M", "E", "8", "H"])
def test_bold_letters_in_line_with_boxes_are_none(model: Model, letter: str) -> None:
    boxes = found(model, form(6, letter))
    assert [bool(at(boxes, place)) for place in PLACES] == [number not in SCRIBBLED for number in range(len(PLACES))]
