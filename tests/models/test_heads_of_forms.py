"""Logos and the bars of sections are on nearly every form, and hold no boxes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Checkbox, CheckboxState

Page = npt.NDArray[np.uint8]
PLACES = [(100 + 300 * column, 700 + 60 * row) for row in range(2) for column in range(4)]


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def write(page: Page, text: str, x: int, y: int, size: float = 0.7, grey: int = 30, width: int = 1) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, grey, width, cv2.LINE_AA)


def form() -> Page:
    page = np.full((1754, 1240), 252, np.uint8)
    write(page, "Application for membership", 100, 300, 1.2, width=2)
    for number, (x, y) in enumerate(PLACES):
        cv2.rectangle(page, (x, y), (x + 24, y + 24), 30, 2)
        write(page, f"kind {number}", x + 40, y + 19)
    return page


def others(model: Model, page: Page) -> list[Checkbox]:
    """Boxes that are none of the form's, which have to be there."""
    (prediction,) = model.predict([PageImage(1, cv2.GaussianBlur(page, (0, 0), 0.6).astype(np.uint8), dpi=150)])
    boxes = prediction.checkboxes
    own = [box for box in boxes if any(abs(box.quad[0] - x) < 6 and abs(box.quad[1] - y) < 6 for x, y in PLACES)]
    assert len(own) == len(PLACES)
    return [box for box in boxes if box not in own]


@pytest.mark.parametrize("indent", [6, 8])
@pytest.mark.parametrize("bold", [0, 1])
def test_the_number_of_a_section_on_a_bar_is_no_border(model: Model, bold: int, indent: int) -> None:
    fine = Image.new("L", (2 * 1240, 2 * 1000), 255)
    draw, face = ImageDraw.Draw(fine), ImageFont.load_default(2 * 28)
    draw.rectangle([2 * 100, 2 * 120, 2 * 1140, 2 * 167], fill=225)
    draw.text((2 * (100 + indent), 2 * 155), "1. Applicant", 10, face, anchor="ls", stroke_width=bold)
    for number in range(8):
        x, y = 2 * (100 + 250 * (number % 4)), 2 * (300 + 60 * (number // 4))
        draw.rectangle([x, y, x + 56, y + 56], outline=0, width=5)
        draw.text((x + 88, y + 50), "choice", 10, ImageFont.load_default(2 * 24), anchor="ls")
    page = np.asarray(fine.resize((1240, 1000), Image.Resampling.LANCZOS))
    (prediction,) = model.predict([PageImage(1, page, dpi=200)])
    assert [round(box.quad[1], -1) for box in prediction.checkboxes] == [300] * 4 + [360] * 4


@pytest.mark.parametrize("letter", ["O", "C", "Q", "G"])
def test_a_white_letter_on_the_disc_of_a_logo_is_no_box(model: Model, letter: str) -> None:
    page = form()
    cv2.circle(page, (150, 130), 44, 70, -1)
    cv2.putText(page, letter, (132, 147), cv2.FONT_HERSHEY_TRIPLEX, 1.6, 250, 2, cv2.LINE_AA)
    assert others(model, page) == []


@pytest.mark.parametrize("side", [52, 66])
def test_an_emblem_in_the_head_is_no_crossed_box(model: Model, side: int) -> None:
    page = form()
    x, y = 100, 80
    cv2.rectangle(page, (x, y), (x + side, y + side * 3 // 4), 60, 4)
    for ends in (((x, y), (x + side, y + side)), ((x + side, y), (x, y + side))):
        cv2.line(page, *ends, 60, 4, cv2.LINE_AA)
    cv2.ellipse(page, (x + side // 2, y + side * 3 // 4), (side // 2, side * 2 // 3), 0, 0, 180, 60, 4, cv2.LINE_AA)
    write(page, "Castellan", x + 90, y + 40, 1.2, 60, 3)
    assert others(model, page) == []


def test_white_boxes_on_a_dark_bar_are_boxes_still(model: Model) -> None:
    page = form()
    cv2.rectangle(page, (80, 1200), (1160, 1300), 60, -1)
    for number, x in enumerate((120, 420, 720)):
        cv2.rectangle(page, (x, 1236), (x + 26, 1262), 252, -1)
        write(page, f"service {number}", x + 40, 1257, grey=250)
        if number == 1:
            for ends in (((x + 4, 1240), (x + 22, 1258)), ((x + 22, 1240), (x + 4, 1258))):
                cv2.line(page, *ends, 20, 3, cv2.LINE_AA)
    states = [box.state for box in sorted(others(model, page), key=lambda box: box.quad[0])]
    assert [state is CheckboxState.EMPTY for state in states] == [True, False, True]
