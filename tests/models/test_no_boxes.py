"""What only looks like a box is none: loops of signatures, codes, arrows, letters of headings, cells of dates."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp

from config.settings import DocumentSettings
from docbeam.samples import sample_folder
from documents.rasterise import rasterise
from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import Checkbox, CheckboxState

Page = npt.NDArray[np.uint8]
PLACES = [(100, 180 + 60 * row) for row in range(3)]


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def form(height: int = 700, width: int = 1000) -> Page:
    """Three boxes with labels below a line of print."""
    page = np.full((height, width), 252, np.uint8)
    write(page, "Request for a place in the car park of the building", 90, 110)
    for number, (x, y) in enumerate(PLACES):
        cv2.rectangle(page, (x, y), (x + 22, y + 22), 30, 2)
        write(page, f"from the first day of month {number}", x + 40, y + 18)
    return page


def write(page: Page, text: str, x: int, y: int, size: float = 0.6) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 30, 1, cv2.LINE_AA)


def found(model: Model, page: Page) -> tuple[Checkbox, ...]:
    (prediction,) = model.predict([PageImage(1, page)])
    return prediction.checkboxes


def outside_of_the_form(boxes: tuple[Checkbox, ...]) -> list[Checkbox]:
    """Those below the three boxes, which have to be there."""
    assert len([box for box in boxes if box.quad[1] < 340]) == len(PLACES)
    return [box for box in boxes if box.quad[1] >= 340]


def signature(seed: int, height: float) -> npt.NDArray[np.float64]:
    """Loops that become flatter, joined by waves, and a tail that runs on: one stroke, `height` pixels high."""
    random = np.random.default_rng(seed)
    along = np.linspace(0, 1, 260)
    turns = random.uniform(7, 12)
    fading = 1 - 0.75 * along**0.6
    bumps = 0.5 + 0.5 * np.sin(2 * np.pi * random.uniform(1.5, 3.0) * along + random.uniform(0, 6))
    angle = 2 * np.pi * turns * along + random.uniform(0, 6)
    x = 5.5 * along + random.uniform(0.25, 0.5) * fading * np.cos(angle) + 0.3 * np.sin(angle / 2)
    y = -fading * bumps * (0.75 + 0.25 * np.sin(angle)) + 0.12 * np.cos(angle * 1.3)
    return np.asarray(np.column_stack([x, y]) * height)


@pytest.mark.parametrize("height", [25, 45, 80])
@pytest.mark.parametrize("seed", range(6))
def test_loops_of_a_signature_are_no_boxes(model: Model, seed: int, height: int) -> None:
    page = form()
    cv2.line(page, (90, 600), (620, 600), 60, 2)
    stroke = np.round((signature(seed, height) + np.array([130, 600])) * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(page, [stroke], False, 40, 3, cv2.LINE_AA, 4)
    assert outside_of_the_form(found(model, page)) == []


@pytest.mark.parametrize("kind", ["QRCode", "DataMatrix", "Aztec"])
@pytest.mark.parametrize("scale", [3, 5, 7])
def test_modules_of_a_code_are_no_boxes(model: Model, kind: str, scale: int) -> None:
    page = form()
    for number, content in enumerate(("LOAN-2026/117", "https://forms.example.org/permit?form=117&part=2")):
        code = np.array(zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, kind)).to_image(scale=scale))
        left, high = 100 + 420 * number, min(code.shape[0], 340)
        page[350 : 350 + high, left : left + code.shape[1]] = code[:high]
    assert outside_of_the_form(found(model, page)) == []


@pytest.mark.parametrize("scale", [5, 7])
def test_modules_of_a_code_that_is_light_on_dark_are_no_boxes(model: Model, scale: int) -> None:
    page = form()
    page[345:690, 60:960] = 5
    for number, content in enumerate(("LOAN-2026/117", "https://forms.example.org/permit?form=117&part=2")):
        code = np.array(zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode).to_image(scale=scale))
        left, high = 100 + 420 * number, min(code.shape[0], 330)
        page[350 : 350 + high, left : left + code.shape[1]] = 255 - code[:high]
    assert outside_of_the_form(found(model, page)) == []


@pytest.mark.parametrize("side", [18, 26, 36])
@pytest.mark.parametrize("thick", [1, 2])
def test_squares_that_lines_join_are_no_boxes(model: Model, side: int, thick: int) -> None:
    page = form()
    for x in range(120, 900, 130):
        cv2.rectangle(page, (x, 380), (x + side, 380 + side), 30, 2)
        cv2.line(page, (x + side, 380 + side // 2), (x + (130 if x < 770 else 60), 380 + side // 2), 30, thick)
        cv2.line(page, (x + side // 2, 460), (x + side // 2, 510), 30, thick)
        cv2.rectangle(page, (x, 510), (x + side, 510 + side), 30, 2)
        cv2.line(page, (x + side // 2, 510 + side), (x + side // 2, 600), 30, thick)
    assert outside_of_the_form(found(model, page)) == []


@pytest.mark.parametrize("where", [-12, 2])
def test_a_line_that_leads_to_a_box_leaves_it_one(model: Model, where: int) -> None:
    page = form()
    for row in range(3):
        cv2.rectangle(page, (500, 380 + 80 * row), (524, 404 + 80 * row), 30, 2)
        cv2.line(page, (120, 392 + 80 * row), (500 + where, 392 + 80 * row), 30, 2)
    assert len(outside_of_the_form(found(model, page))) == 3


def test_the_colours_of_a_legend_are_no_empty_boxes(model: Model) -> None:
    page = form()
    for row, grey in enumerate((90, 120, 150, 175)):
        page[360 + 60 * row : 384 + 60 * row, 700:724] = grey
        cv2.rectangle(page, (700, 360 + 60 * row), (724, 384 + 60 * row), 30, 1)
        write(page, ("cars", "buses", "bicycles", "walkers")[row], 745, 378 + 60 * row)
    assert [box for box in outside_of_the_form(found(model, page)) if box.state is CheckboxState.EMPTY] == []


ARROW = np.array([(-1, -0.35), (0, -0.35), (0, -1), (1, 0), (0, 1), (0, 0.35), (-1, 0.35)])
HEAD = np.array([(-1, -1), (1, 0), (-1, 1)])
TAG = np.array([(-1, -0.9), (0.3, -0.9), (1, 0), (0.3, 0.9), (-1, 0.9)])


@pytest.mark.parametrize("half", [9, 13])
@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("shape", [ARROW, HEAD, TAG], ids=["arrow", "head", "tag"])
def test_arrows_are_no_boxes(model: Model, shape: npt.NDArray[np.float64], filled: bool, half: int) -> None:
    page = form()
    for row in range(5):
        points = np.round((shape * half + (110, 400 + 55 * row)) * 16).astype(np.int32).reshape(-1, 1, 2)
        if filled:
            cv2.fillPoly(page, [points], (30,), cv2.LINE_AA, 4)
        else:
            cv2.polylines(page, [points], True, (30,), 2, cv2.LINE_AA, 4)
        write(page, "add the amounts of the lines above", 150, 407 + 55 * row)
    assert outside_of_the_form(found(model, page)) == []


@pytest.mark.parametrize("shade", [170, 195])
@pytest.mark.parametrize("wide", [26, 40])
def test_cells_blocked_by_shading_are_no_boxes(model: Model, shade: int, wide: int) -> None:
    page = form()
    for row in range(3):
        top = 360 + 110 * row
        page[top : top + 76, 700 : 700 + wide] = shade
        cv2.line(page, (500, top), (950, top), 30, 1)
        cv2.line(page, (500, top + 76), (950, top + 76), 30, 1)
        write(page, f"{row + 5}", 703, top + 98)
        write(page, "enter the amount of the line above", 100, top + 98)
    for x in (700, 700 + wide):
        cv2.line(page, (x, 360), (x, 690), 30, 1)
    assert outside_of_the_form(found(model, page)) == []


def test_cells_of_a_date_in_groups_of_two_are_no_boxes(model: Model) -> None:
    page = form()
    for row in range(3):
        for cell in range(8):
            x, y = 120 + 30 * cell + 44 * (cell // 2), 400 + 70 * row
            cv2.rectangle(page, (x, y), (x + 24, y + 24), 40, 1)
    assert outside_of_the_form(found(model, page)) == []


@pytest.mark.parametrize(
    ("sample", "media_type"),
    [("application-clean-scan.pdf", "application/pdf"), ("application-fax.png", "image/png")],
)
def test_corners_of_fields_and_gaps_between_walls_are_no_boxes(model: Model, sample: str, media_type: str) -> None:
    page = rasterise(sample_folder() / sample, media_type, 1, DocumentSettings())
    assert len(found(model, page.pixels)) == 20


@pytest.mark.parametrize("across", [40, 90, 200])
def test_yes_and_no_in_a_row_stay_boxes(model: Model, across: int) -> None:
    page = form()
    for row in range(4):
        for column in range(2):
            x, y = 500 + across * column, 400 + 60 * row
            cv2.rectangle(page, (x, y), (x + 24, y + 24), 40, 2)
        write(page, "Have you ever been abroad for a year", 100, 418 + 60 * row)
    assert len(outside_of_the_form(found(model, page))) == 8


@pytest.mark.parametrize("where", [(-0.75, 0.0), (0.05, -0.85), (0.8, 0.1)])
def test_a_tick_beside_a_box_marks_that_box_though_the_next_is_marked_too(
    model: Model, where: tuple[float, float]
) -> None:
    page = form()
    side = 22
    places = [(560, 400 + 44 * row) for row in range(5)]
    for x, y in places:
        cv2.rectangle(page, (x, y), (x + side, y + side), 40, 2)
        write(page, "a year abroad", x + 70, y + 18)
    tick = np.array([(-0.4, -0.15), (-0.15, 0.25), (0.45, -0.4)])
    for row, (dx, dy) in ((1, where), (3, (0.0, 0.0))):
        x, y = places[row]
        points = np.round((tick + np.array([dx, dy])) * side + np.array([x + side / 2, y + side / 2])).astype(np.int32)
        cv2.polylines(page, [points], False, 25, 3, cv2.LINE_AA)
    boxes = sorted(outside_of_the_form(found(model, page)), key=lambda box: box.quad[1])
    assert [box.state is not CheckboxState.EMPTY for box in boxes] == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("00-reference-mini-form.png", 3),
        ("K1-cross-over-the-border.png", 4),
        ("C28-negative.png", 3),
        ("C46-mrz-vietnamese-cyrillic.png", 0),
        ("C49-qr-finder-squares.png", 0),
        ("C65-dotted-borders.png", 3),
        ("C66-large-print-above-small-boxes.png", 3),
        ("C74-coloured-discs.png", 0),
    ],
)
def test_small_inputs_that_were_wrong_have_their_boxes_and_no_others(
    model: Model, evaluation_data: Path, file: str, count: int
) -> None:
    pixels = cv2.imread(str(evaluation_data / "trouble" / "files" / file))
    if pixels is None:
        pytest.skip("no small inputs")
    assert len(found(model, np.asarray(pixels, dtype=np.uint8))) == count
