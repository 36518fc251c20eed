"""Boxes of every make, scale and ground are found; what only looks like one is not."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.pdf_content import PdfContent
from schemas.prediction import Checkbox, CheckboxState

Page = npt.NDArray[np.uint8]
PLACES = [(120 + 330 * column, 150 + 80 * row) for row in range(4) for column in range(3)]
SIDE = 24
MARKED = (1, 5, 9)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def paper() -> Page:
    page = np.full((620, 1200), 250, np.uint8)
    write(page, "Please say what you take to work on every day of the week", 100, 80)
    write(page, "and send this page back to the office before the end of May", 100, 110)
    return page


def write(page: Page, text: str, x: int, y: int, grey: int = 30, size: float = 0.6) -> None:
    cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, grey, 1, cv2.LINE_AA)


def border(page: Page, style: str, x: int, y: int) -> None:
    near, far = (x, y), (x + SIDE, y + SIDE)
    if style in ("dotted", "dashed"):
        on, step = (2, 5) if style == "dotted" else (6, 10)
        for start in range(0, SIDE, step):
            for row in (y, y + SIDE):
                cv2.line(page, (x + start, row), (min(x + start + on - 1, far[0]), row), 40, 2)
            for column in (x, x + SIDE):
                cv2.line(page, (column, y + start), (column, min(y + start + on - 1, far[1])), 40, 2)
    elif style == "three sides":
        cv2.polylines(page, [np.array([(x, y), (x, far[1]), far, (far[0], y)])], False, 40, 2)
    elif style in ("brackets", "narrow brackets"):
        reach = 7 if style == "brackets" else 2
        for left, inward in ((x, reach), (far[0], -reach)):
            cv2.polylines(
                page, [np.array([(left + inward, y), (left, y), (left, far[1]), (left + inward, far[1])])], False, 40, 2
            )
    elif style == "corners":
        for corner, right, down in ((near, 4, 4), ((far[0], y), -4, 4), (far, -4, -4), ((x, far[1]), 4, -4)):
            arms = [(corner[0] + right, corner[1]), corner, (corner[0], corner[1] + down)]
            cv2.polylines(page, [np.array(arms)], False, 40, 2)
    elif style.startswith("open "):
        corners = [near, (far[0], y), far, (x, far[1])]
        first = ("open top", "open right", "open bottom", "open left").index(style)
        cv2.polylines(page, [np.array([corners[(first + step) % 4] for step in range(1, 5)])], False, 40, 2)
    elif style == "thick":
        cv2.rectangle(page, near, far, 40, 5)
    elif style == "double":
        cv2.rectangle(page, near, far, 40, 1)
        cv2.rectangle(page, (x + 4, y + 4), (far[0] - 4, far[1] - 4), 40, 1)
    elif style == "corners off":
        cv2.rectangle(page, near, far, 40, 2)
        for corner in (near, far, (x, far[1]), (far[0], y)):
            cv2.circle(page, corner, 4, 250, -1)
    else:
        cv2.rectangle(page, near, far, {"grey": 160}.get(style, 40), 1)


def cross(page: Page, x: int, y: int, grey: int = 20) -> None:
    cv2.line(page, (x - 1, y - 2), (x + SIDE + 1, y + SIDE + 2), grey, 3, cv2.LINE_AA)
    cv2.line(page, (x + SIDE + 2, y - 1), (x - 2, y + SIDE), grey, 3, cv2.LINE_AA)


def found(model: Model, page: Page, dpi: float | None = None, pdf: PdfContent | None = None) -> tuple[Checkbox, ...]:
    (prediction,) = model.predict([PageImage(1, page, dpi, pdf=pdf)])
    return prediction.checkboxes


def by_place(
    boxes: tuple[Checkbox, ...], places: list[tuple[int, int]], side: int = SIDE
) -> list[CheckboxState | None]:
    """The state at each place; None where no box is there, or none of about its size."""
    states: list[CheckboxState | None] = []
    for x, y in places:
        near = [
            box.state
            for box in boxes
            if abs((box.quad[0] + box.quad[4]) / 2 - x - side / 2) < side / 4
            and abs((box.quad[1] + box.quad[5]) / 2 - y - side / 2) < side / 4
        ]
        states.append(near[0] if len(near) == 1 else None)
    return states


def form(style: str = "solid") -> Page:
    page = paper()
    for number, (x, y) in enumerate(PLACES):
        border(page, style, x, y)
        write(page, f"by the way {number}", x + 44, y + 19)
        if number in MARKED:
            cross(page, x, y)
    return page


def are_right(boxes: tuple[Checkbox, ...]) -> bool:
    states = by_place(boxes, PLACES)
    marked = [state not in (None, CheckboxState.EMPTY) for state in states]
    return len(boxes) == len(PLACES) and None not in states and marked == [n in MARKED for n in range(len(PLACES))]


@pytest.mark.parametrize(
    "style",
    [
        *("solid", "grey", "thick", "dotted", "dashed", "three sides", "brackets", "narrow brackets", "double"),
        *("corners off", "corners", "open top", "open right", "open bottom", "open left"),
    ],
)
def test_borders_of_every_make_are_boxes(model: Model, style: str) -> None:
    assert are_right(found(model, form(style)))


@pytest.mark.parametrize("number", [1, 7])
@pytest.mark.parametrize("open_side", range(4))
def test_a_box_that_its_mark_hides_is_found_in_the_row_and_column_of_others(
    model: Model, number: int, open_side: int
) -> None:
    page = form()
    x, y = PLACES[number]
    page[y - 12 : y + SIDE + 12, x - 12 : x + SIDE + 12] = 250
    corners = [(x, y), (x + SIDE, y), (x + SIDE, y + SIDE), (x, y + SIDE)]
    border = [corners[(open_side + step) % 4] for step in range(1, 5)]
    cv2.polylines(page, [np.array(border)], False, 60, 1)
    for start, end in (((-4, -4), (SIDE + 4, SIDE + 4)), ((SIDE + 4, -4), (-4, SIDE + 4))):
        cv2.line(page, (x + start[0], y + start[1]), (x + end[0], y + end[1]), 20, 4, cv2.LINE_AA)
    assert by_place(found(model, page), PLACES)[number] is CheckboxState.CROSSED


@pytest.mark.parametrize("tint", [205, 220])
def test_crossed_boxes_that_are_white_on_a_tint_are_found_beside_empty_ones(model: Model, tint: int) -> None:
    page = np.full((620, 1200), tint, np.uint8)
    write(page, "Please say what you take to work on every day of the week", 100, 80)
    for number, (x, y) in enumerate(PLACES):
        cv2.rectangle(page, (x, y), (x + SIDE, y + SIDE), 255, -1)
        write(page, f"by the way {number}", x + 44, y + 19)
        if number in MARKED:
            cross(page, x, y)
    assert are_right(found(model, page))


@pytest.mark.parametrize("filled", [False, True])
def test_boxes_on_a_dark_bar_are_found(model: Model, filled: bool) -> None:
    page = paper()
    cv2.rectangle(page, (0, 200), (1199, 260), 25, -1)
    places = [(120, 218), (420, 218), (720, 218)]
    for x, y in places:
        cv2.rectangle(page, (x, y), (x + SIDE, y + SIDE), 250, -1 if filled else 2)
        write(page, "resident", x + 44, y + 19, 250)
    cross(page, *places[1], 20 if filled else 250)
    states = by_place(found(model, page, 150.0), places)
    assert [state is CheckboxState.EMPTY for state in states] == [True, False, True]
    assert None not in states


def test_small_boxes_below_large_print_are_found(model: Model) -> None:
    page = np.full((900, 1200), 250, np.uint8)
    for row, words in enumerate(("IMPORTANT NOTICE TO", "TENANTS OF THE HOUSE", "MARK AND RETURN NOW")):
        cv2.putText(page, words, (30, 110 + 120 * row), cv2.FONT_HERSHEY_SIMPLEX, 2.8, 10, 9, cv2.LINE_AA)
    places = [(60, 500 + 60 * row) for row in range(4)]
    for x, y in places:
        cv2.rectangle(page, (x, y), (x + 14, y + 14), 30, 1)
        write(page, "I will be at home and leave keys", x + 30, y + 13, size=0.45)
    boxes = found(model, page)
    assert by_place(boxes, places, 14) == [CheckboxState.EMPTY] * 4
    assert len(boxes) == 4


def test_boxes_on_a_page_without_print_are_found(model: Model) -> None:
    page = np.full((520, 760), 252, np.uint8)
    places = [(60 + 180 * column, 60 + 130 * row) for row in range(3) for column in range(4)]
    for x, y in places:
        cv2.rectangle(page, (x, y), (x + 40, y + 40), 20, 2)
    boxes = found(model, page)
    assert by_place(boxes, places, 40) == [CheckboxState.EMPTY] * 12
    assert len(boxes) == 12


def test_a_tick_upside_down_hides_no_box_on_a_page_without_print(model: Model) -> None:
    page = np.full((520, 760), 252, np.uint8)
    places = [(60 + 180 * column, 60 + 130 * row) for row in range(3) for column in range(4)]
    for x, y in places:
        cv2.rectangle(page, (x, y), (x + 42, y + 42), 20, 2)
    x, y = places[5]
    stroke = np.array([(x - 3, y + 54), (x + 14, y + 20), (x + 26, y + 3), (x + 36, y + 20)])
    cv2.polylines(page, [stroke], False, 10, 3, cv2.LINE_AA)
    states = by_place(found(model, page), places, 42)
    assert [state is CheckboxState.EMPTY for state in states] == [number != 5 for number in range(12)]
    assert None not in states


def test_a_line_through_the_page_marks_nothing(model: Model) -> None:
    page = form()
    for number in MARKED:
        x, y = PLACES[number]
        page[y - 10 : y + SIDE + 10, x - 10 : x + SIDE + 10] = 250
        border(page, "solid", x, y)
    cv2.line(page, (60, 130), (1150, 420), 20, 3, cv2.LINE_AA)
    assert set(by_place(found(model, page), PLACES)) == {CheckboxState.EMPTY}


@pytest.mark.parametrize("apart", [0, 5])
def test_cells_of_a_filled_comb_are_no_boxes(model: Model, apart: int) -> None:
    page = form()
    for cell, letter in enumerate("KOWALSKA 1987"):
        x = 120 + (34 + apart) * cell
        cv2.rectangle(page, (x, 500), (x + 34, 540), 70, 1)
        cv2.putText(page, letter, (x + 7, 532), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 30, 2, cv2.LINE_AA)
    assert are_right(found(model, page))


def white_boxes(tint: int) -> Page:
    """Empty ones without a border."""
    page = np.full((620, 1200), tint, np.uint8)
    write(page, "Please say what you take to work on every day of the week", 100, 80)
    for number, (x, y) in enumerate(PLACES):
        cv2.rectangle(page, (x, y), (x + SIDE, y + SIDE), 255, -1)
        write(page, f"by the way {number}", x + 44, y + 19)
    return page


@pytest.mark.parametrize("tint", [190, 215])
def test_white_boxes_without_a_border_are_found_on_a_tint(model: Model, tint: int) -> None:
    assert set(by_place(found(model, white_boxes(tint)), PLACES)) == {CheckboxState.EMPTY}


def scribble(page: Page, x: int, y: int) -> None:
    """From left to right and back, down to the bottom."""
    turns = [(x + (SIDE - 4) * (turn % 2) + 2, y + 2 + 5 * turn) for turn in range(5)]
    cv2.polylines(page, [np.array(turns)], False, 40, 3, cv2.LINE_AA)


def spot(page: Page, x: int, y: int) -> None:
    """As a pen fills a box that is not to be crossed."""
    cv2.circle(page, (x + SIDE // 2, y + SIDE // 2), SIDE // 2 - 3, 60, -1, cv2.LINE_AA)


@pytest.mark.parametrize("tint", [190, 215])
@pytest.mark.parametrize("mark", [scribble, spot])
def test_white_boxes_on_a_tint_are_found_whatever_is_in_them(
    model: Model, mark: Callable[[Page, int, int], None], tint: int
) -> None:
    page = white_boxes(tint)
    for number in MARKED:
        mark(page, *PLACES[number])
    assert are_right(found(model, page))


@pytest.mark.parametrize("style", ["corners", "brackets", "open top"])
def test_a_mark_across_a_part_of_a_border_that_is_not_whole_hides_no_box(model: Model, style: str) -> None:
    page = form(style)
    x, y = PLACES[4]
    cv2.line(page, (x + 4, y + SIDE // 2 + 2), (x + SIDE - 2, y + SIDE // 2 - 2), 70, 4, cv2.LINE_AA)
    cv2.line(page, (x + SIDE // 2 + 2, y + 3), (x + SIDE // 2 - 1, y + SIDE - 3), 70, 4, cv2.LINE_AA)
    states = by_place(found(model, page), PLACES)
    assert None not in states
    assert states[4] not in (None, CheckboxState.EMPTY)


def test_solid_squares_are_filled_boxes_in_line_with_empty_ones(model: Model) -> None:
    page = paper()
    places = [(120, 150 + 50 * row) for row in range(6)]
    for row, (x, y) in enumerate(places):
        cv2.rectangle(page, (x, y), (x + 18, y + 18), 5, -1 if row % 2 else 2)
        write(page, "by the way", x + 38, y + 17)
    states = by_place(found(model, page), places, 18)
    assert states == [CheckboxState.FILLED if row % 2 else CheckboxState.EMPTY for row in range(6)]


def test_solid_squares_alone_or_off_the_line_of_boxes_are_bullets(model: Model) -> None:
    page = form()
    for row in range(4):
        cv2.rectangle(page, (70, 480 + 30 * row), (86, 496 + 30 * row), 20, -1)
        write(page, "by the way", 100, 495 + 30 * row)
    assert are_right(found(model, page))


@pytest.mark.parametrize("columns", [1, 3])
def test_solid_squares_higher_than_their_labels_are_filled_boxes_where_no_others_are(
    model: Model, columns: int
) -> None:
    page = paper()
    places = [(120 + 300 * column, 150 + 50 * row) for row in range(6) for column in range(columns)]
    for x, y in places:
        cv2.rectangle(page, (x, y), (x + 20, y + 20), 5, -1)
        write(page, "by the way", x + 38, y + 17)
    assert by_place(found(model, page), places, 20) == [CheckboxState.FILLED] * len(places)


@pytest.mark.parametrize("side", [8, 12])
def test_solid_squares_as_low_as_letters_are_bullets(model: Model, side: int) -> None:
    page = paper()
    for row in range(6):
        cv2.rectangle(page, (120, 155 + 50 * row), (120 + side, 155 + side + 50 * row), 5, -1)
        write(page, "by the way", 148, 167 + 50 * row)
    assert found(model, page) == ()


def test_the_solid_squares_of_a_legend_are_none(model: Model) -> None:
    page = paper()
    for row in range(5):
        cv2.rectangle(page, (120, 150 + 50 * row), (140, 170 + 50 * row), 5 + 26 * row, -1)
        write(page, "by the way", 158, 167 + 50 * row)
    assert found(model, page) == ()


def test_characters_of_symbol_fonts_are_boxes_where_the_pdf_says_so(model: Model) -> None:
    page = paper()
    text = "❏☒✔"
    boxes = np.array([[100.0 + 200 * n, 300, 124 + 200 * n, 324] for n in range(len(text))])
    found_typed = found(model, page, pdf=PdfContent((), text, boxes))
    assert [box.state for box in found_typed] == [CheckboxState.EMPTY, CheckboxState.CROSSED, CheckboxState.TICKED]


def test_ticks_alone_are_the_bullets_of_a_list(model: Model) -> None:
    boxes = np.array([[100.0, 300 + 40 * n, 124, 324 + 40 * n] for n in range(3)])
    assert found(model, paper(), pdf=PdfContent((), "✓✓✓", boxes)) == ()


def test_a_solid_character_off_the_line_of_boxes_is_a_bullet(model: Model) -> None:
    text = "□□■■"
    lefts, tops = (100, 100, 100, 300), (300, 340, 380, 500)
    boxes = np.array([[x, y, x + 24.0, y + 24.0] for x, y in zip(lefts, tops, strict=True)])
    states = [box.state for box in found(model, paper(), pdf=PdfContent((), text, boxes))]
    assert states == [CheckboxState.EMPTY, CheckboxState.EMPTY, CheckboxState.FILLED]
