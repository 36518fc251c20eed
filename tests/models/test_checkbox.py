"""Boxes are found and read on drawn pages, through the registry."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.catalog.checkbox.adapter import CheckboxFinder
from models.contract import PageImage
from models.registry import load_model
from schemas.fields import FieldState
from schemas.prediction import Checkbox, CheckboxState, Prediction, TextLine, Word, box_quad
from schemas.reading import Region

Page = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def model() -> CheckboxFinder:
    loaded = load_model("checkbox")
    assert isinstance(loaded, CheckboxFinder)
    return loaded


def blank(width: int = 1275, height: int = 1650) -> Page:
    return np.full((height, width), 250, np.uint8)


def write(page: Page, text: str, x: int, y: int) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1, cv2.LINE_AA)


def box(page: Page, x: int, y: int, side: int = 22) -> None:
    cv2.rectangle(page, (x, y), (x + side, y + side), 40, 2)


def tick(page: Page, x: int, y: int) -> None:
    cv2.polylines(page, [np.array([[x + 3, y + 10], [x + 9, y + 19], [x + 34, y - 10]])], False, 20, 2, cv2.LINE_AA)


def cross(page: Page, x: int, y: int) -> None:
    cv2.line(page, (x + 2, y + 2), (x + 20, y + 20), 20, 2, cv2.LINE_AA)
    cv2.line(page, (x + 20, y + 2), (x + 2, y + 20), 20, 2, cv2.LINE_AA)


def form() -> tuple[Page, list[tuple[int, int]]]:
    page = blank()
    places = [(200 + 400 * column, 200 + 90 * row) for row in range(4) for column in range(2)]
    for number, (x, y) in enumerate(places):
        box(page, x, y)
        write(page, f"Option number {number} of this form", x + 40, y + 18)
    return page, places


def found(model: CheckboxFinder, page: Page) -> tuple[Checkbox, ...]:
    (prediction,) = model.predict([PageImage(1, page)])
    return prediction.checkboxes


def at(boxes: tuple[Checkbox, ...], x: int, y: int) -> Checkbox:
    near = [one for one in boxes if abs(one.quad[0] - x) < 6 and abs(one.quad[1] - y) < 6]
    assert len(near) == 1, f"{len(near)} boxes at {x}, {y}"
    return near[0]


def test_every_empty_box_of_a_form_is_found_and_nothing_else(model: CheckboxFinder) -> None:
    page, places = form()
    boxes = found(model, page)
    assert len(boxes) == len(places)
    assert {at(boxes, x, y).state for x, y in places} == {CheckboxState.EMPTY}


def test_marks_are_told_apart_from_empty_boxes(model: CheckboxFinder) -> None:
    page, places = form()
    tick(page, *places[0])
    cross(page, *places[3])
    x, y = places[4]
    cv2.rectangle(page, (x, y), (x + 22, y + 22), 20, -1)
    boxes = found(model, page)
    states = [at(boxes, *place).state for place in places]
    assert states[0] is CheckboxState.TICKED
    assert states[3] is CheckboxState.CROSSED
    assert states[4] is CheckboxState.FILLED
    assert {states[i] for i in (1, 2, 5, 6, 7)} == {CheckboxState.EMPTY}


def test_a_tick_that_only_grazes_its_box_marks_it_and_not_its_neighbour(model: CheckboxFinder) -> None:
    page, places = form()
    x, y = places[2]
    stroke = np.array([[x - 14, y + 14], [x - 2, y + 26], [x + 60, y - 40]])
    cv2.polylines(page, [stroke], False, 20, 2, cv2.LINE_AA)
    boxes = found(model, page)
    assert at(boxes, x, y).state is not CheckboxState.EMPTY
    assert all(at(boxes, *place).state is CheckboxState.EMPTY for place in places if place != (x, y))


@pytest.mark.parametrize("scale", [0.6, 1.0, 2.0])
def test_resolution_does_not_matter(model: CheckboxFinder, scale: float) -> None:
    page, places = form()
    cross(page, *places[1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    boxes = found(model, np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=how), dtype=np.uint8))
    assert len(boxes) == len(places)
    assert sum(one.state is not CheckboxState.EMPTY for one in boxes) == 1


def test_a_broken_border_is_still_a_box(model: CheckboxFinder) -> None:
    page, places = form()
    x, y = places[5]
    page[y - 2 : y + 4, x + 8 : x + 11] = 250
    page[y + 12 : y + 14, x - 2 : x + 4] = 250
    assert at(found(model, page), x, y).state is CheckboxState.EMPTY


def test_radio_buttons_are_round_and_the_dotted_one_is_marked(model: CheckboxFinder) -> None:
    page = blank()
    for row in range(4):
        cv2.circle(page, (300, 300 + 80 * row), 13, 30, 2, cv2.LINE_AA)
        write(page, "A choice among four of them", 330, 306 + 80 * row)
    cv2.circle(page, (300, 380), 7, 20, -1, cv2.LINE_AA)
    boxes = found(model, page)
    assert [one.radio for one in boxes] == [True] * 4
    assert [one.state is not CheckboxState.EMPTY for one in boxes] == [False, True, False, False]


def test_a_dark_square_with_a_light_number_is_no_box(model: CheckboxFinder) -> None:
    page, places = form()
    for number in range(4):
        top = 700 + 150 * number
        cv2.rectangle(page, (200, top), (234, top + 34), 50, -1)
        cv2.putText(page, str(number + 1), (210, top + 25), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 250, 2, cv2.LINE_AA)
        write(page, "A section of the form", 260, top + 24)
    assert len(found(model, page)) == len(places)


def test_cells_of_a_comb_are_no_boxes(model: CheckboxFinder) -> None:
    page, places = form()
    for cell in range(8):
        cv2.rectangle(page, (200 + 36 * cell, 700), (236 + 36 * cell, 740), 60, 1)
        cv2.putText(page, str(cell), (210 + 36 * cell, 730), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 30, 2, cv2.LINE_AA)
    assert len(found(model, page)) == len(places)


def test_a_tick_over_a_radio_button_does_not_hide_it(model: CheckboxFinder) -> None:
    page = blank()
    for column in range(4):
        cv2.circle(page, (200 + 250 * column, 400), 12, 30, 2, cv2.LINE_AA)
        write(page, "A choice", 230 + 250 * column, 406)
    stroke = np.array([[442, 398], [449, 408], [470, 384]])
    cv2.polylines(page, [stroke], False, 20, 2, cv2.LINE_AA)
    boxes = found(model, page)
    assert [one.radio for one in boxes] == [True] * 4
    marked = [one for one in boxes if one.state is not CheckboxState.EMPTY]
    assert len(marked) == 1
    assert 430 < marked[0].quad[0] < 450


def test_letters_and_tables_are_no_boxes(model: CheckboxFinder) -> None:
    page = blank()
    for row in range(12):
        write(page, "ODD OLD DOODO BOOD 0008 DOQ 80D0 HOME EBB OOO 100 DO 2000", 150, 150 + 40 * row)
    for step in range(9):
        cv2.line(page, (150, 800 + 40 * step), (1100, 800 + 40 * step), 40, 2)
    for step in range(25):
        cv2.line(page, (150 + 38 * step, 800), (150 + 38 * step, 1120), 40, 2)
    assert found(model, page) == ()


def test_given_boxes_are_judged_in_order(model: CheckboxFinder) -> None:
    page, places = form()
    tick(page, *places[6])
    quads = [box_quad(x - 2, y - 2, x + 24, y + 24) for x, y in places]
    answers = model.read(PageImage(1, page), [Region(quad, "checkbox") for quad in quads])
    assert [answer.state is not FieldState.BLANK for answer in answers] == [place == places[6] for place in places]


@pytest.mark.parametrize("sure", [True, False])
def test_a_candidate_read_as_part_of_a_word_stays_only_if_it_is_surely_a_box(
    model: CheckboxFinder, sure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, places = form()
    x, y = places[0]
    quad = box_quad(x - 60, y - 4, x + 90, y + 26)
    line = TextLine("Rebadge", quad, 0.9, (Word("Rebadge", quad, 0.9),))
    if not sure:
        monkeypatch.setattr("models.catalog.checkbox.adapter.SURELY", 1.0)
    (prediction,) = model.predict([PageImage(1, page, earlier={"ocr": Prediction(lines=(line,))})])
    assert len(prediction.checkboxes) == len(places) - (not sure)


@pytest.mark.parametrize("pixels", [blank(), np.zeros((900, 700), np.uint8), np.full((5, 5, 3), 255, np.uint8)])
def test_a_page_without_ink_has_no_boxes(model: CheckboxFinder, pixels: Page) -> None:
    assert found(model, pixels) == ()


def test_noise_and_grids_end_and_stay_inside_the_page(model: CheckboxFinder) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (2200, 1700, 3), dtype=np.uint8)
    hatch = blank(1700, 2200)
    hatch[::20] = 0
    hatch[:, ::20] = 0
    for page in (noise, hatch):
        for one in found(model, page):
            assert min(one.quad) >= 0
            assert max(one.quad[0::2]) <= 1700
            assert max(one.quad[1::2]) <= 2200


def test_confidences_are_never_certain(model: CheckboxFinder) -> None:
    page, places = form()
    cross(page, *places[0])
    for one in found(model, page):
        assert 0.5 <= one.confidence < 1
        assert 0.5 <= one.detection_confidence < 1


def test_states_on_real_pages(model: CheckboxFinder, evaluation_data: Path) -> None:
    folder = evaluation_data / "checkbox"
    if not folder.is_dir():
        pytest.skip("no checkbox pages")
    right = total = 0
    for row in list(csv.DictReader((folder / "index.csv").open(encoding="utf-8")))[::3]:
        truth = json.loads((folder / row["truth"]).read_text(encoding="utf-8"))["boxes"]
        pixels = cv2.imread(str(folder / row["path"]))
        quads = [box_quad(*(float(v) for v in one["box"])) for one in truth]
        given = PageImage(1, np.asarray(pixels, dtype=np.uint8))
        answers = model.read(given, [Region(quad, "checkbox") for quad in quads])
        expected = [one["state"] == "empty" for one in truth]
        right += sum((a.value == CheckboxState.EMPTY) == e for a, e in zip(answers, expected, strict=True))
        total += len(truth)
    assert total > 100
    assert right / total > 0.985
