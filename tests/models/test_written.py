"""Which strokes on a page belong to which place of the form, and what is said of places that are left empty."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from forms.form import Box, FieldKind, Form, FormField, FormPage, Place
from models.blank_pages.placement import FLAT, Placement
from models.catalog.form_reader.field_confidence import FieldConfidence, group_of
from models.catalog.form_reader.laid_page import LaidPage, blank_print, laid_page
from models.catalog.form_reader.strokes import Strokes, pixel_box
from models.catalog.form_reader.text_fields import read_text
from models.catalog.form_reader.word_gaps import without_false_spaces, without_split_names
from models.catalog.form_reader.written import Written, written_in
from models.contract import PageImage, RegionReader
from schemas.fields import FieldState, ValueOrigin
from schemas.reading import Reading, Region

UPPER, LOWER = (0.1, 0.2, 0.6, 0.3), (0.1, 0.3, 0.6, 0.4)
SIZE = (1000, 1000)


def page(*strokes: tuple[int, int, int, int]) -> LaidPage:
    """Boxes of ink, left, top, right, bottom, on a page without print."""
    writing = np.zeros(SIZE, np.float32)
    for left, top, right, bottom in strokes:
        writing[top:bottom, left:right] = 0.9
    nothing = np.zeros(SIZE, np.uint8)
    return LaidPage(writing, nothing, 0.4, writing, nothing)


def written(laid: LaidPage, *places: Box) -> list[Written]:
    strokes = Strokes(laid, places)
    return [written_in(laid, strokes, number, pixel_box(each, SIZE)) for number, each in enumerate(places)]


def test_a_stroke_that_strays_belongs_to_the_place_most_of_it_is_in_whole() -> None:
    upper, lower = written(page((200, 260, 210, 312)), UPPER, LOWER)
    assert (upper.amount, lower.amount) == (520, 0)
    assert lower.foreign > 0
    assert upper.ink_box is not None
    assert upper.ink_box[3] - upper.ink_box[1] == 52


def test_what_two_wrote_into_one_another_is_parted_at_the_edge() -> None:
    upper, lower = written(page((200, 250, 210, 350)), UPPER, LOWER)
    assert upper.amount == pytest.approx(500, abs=20)
    assert lower.amount == pytest.approx(500, abs=20)


def test_figures_that_strayed_further_come_along_and_other_ink_does_not() -> None:
    first, second, far = (200, 170, 210, 215), (216, 165, 226, 199), (800, 170, 810, 199)
    [upper] = written(page(first, second, far), UPPER)
    assert upper.amount == 450 + 340


def test_a_line_of_text_far_off_is_no_foreign_ink() -> None:
    [upper] = written(page((200, 100, 400, 120)), UPPER)
    assert (upper.amount, upper.foreign) == (0, 0)


def test_writing_on_a_grey_area_is_seen() -> None:
    blank = np.full(SIZE, 255, np.uint8)
    cv2.rectangle(blank, (100, 200), (600, 300), 190, -1)
    copy = blank.copy()
    cv2.putText(copy, "4711", (200, 270), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 30, 4)
    laid = laid_page(copy, Placement(np.eye(3), FLAT), blank_print([blank], SIZE))
    [upper] = written(laid, UPPER)
    assert upper.amount > 500
    assert upper.visible > 0.5
    [empty] = written(laid_page(blank, Placement(np.eye(3), FLAT), blank_print([blank], SIZE)), UPPER)
    assert empty.amount == 0


def _pale_letters(shade: int) -> np.ndarray:
    picture = np.full(SIZE, 255, np.uint8)
    cv2.rectangle(picture, (80, 180), (900, 420), 0, 3)
    for number, sign in enumerate("DDMMYYYY"):
        cv2.putText(picture, sign, (120 + 55 * number, 270), cv2.FONT_HERSHEY_SIMPLEX, 1.2, shade, 3)
    return picture


def test_a_pen_on_pale_print_stays_whole() -> None:
    blank = _pale_letters(190)
    copy, alone = blank.copy(), np.full(SIZE, 255, np.uint8)
    for picture in (copy, alone):
        cv2.putText(picture, "11", (175, 275), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 30, 5)
    [upper] = written(laid_page(copy, Placement(np.eye(3), FLAT), blank_print([blank], SIZE)), UPPER)
    assert upper.amount >= 0.9 * np.count_nonzero(alone < 128)
    assert upper.amount <= 1.1 * np.count_nonzero(alone < 200)


def test_pale_print_that_a_copier_made_black_is_no_writing() -> None:
    copy = _pale_letters(0)
    [upper] = written(laid_page(copy, Placement(np.eye(3), FLAT), blank_print([_pale_letters(190)], SIZE)), UPPER)
    assert upper.amount == 0


class _Says(RegionReader):
    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def load(self, artifacts: object) -> None:
        """Nothing to load."""

    def predict(self, pages: object) -> list[object]:  # type: ignore[override]
        return []

    def read(self, page: PageImage, regions: object) -> list[Reading]:
        return [self.reading]


FIELD = FormField(name="amount", kind=FieldKind.TEXT, places=(Place(page=1, box=UPPER),))
FORM = Form(
    name="f",
    version="1",
    pages=(FormPage(number=1, image="page-1.png", width_points=1, height_points=1),),
    fields=(FIELD,),
)


def test_ink_that_a_reader_calls_nothing_is_for_review() -> None:
    [upper] = written(page((200, 220, 220, 280)), UPPER)
    settled = read_text(FIELD, FORM, upper, _Says(Reading(FieldState.BLANK, confidence=0.99)))
    assert settled.reading.state is FieldState.BLANK
    assert settled.reading.rejected
    assert settled.reading.confidence <= 0.5


def test_an_empty_place_is_less_sure_beside_ink_and_unsure_under_print() -> None:
    [clear] = written(page(), UPPER)
    sure = [
        read_text(FIELD, FORM, each, _Says(Reading(FieldState.FILLED, "x", 1.0))).reading
        for each in (clear, replace(clear, foreign=200.0), replace(clear, loose=50.0), replace(clear, visible=0.05))
    ]
    assert [each.state for each in sure] == [FieldState.BLANK] * 4
    assert sure[0].confidence > sure[1].confidence > sure[2].confidence == sure[3].confidence
    assert [each.rejected for each in sure] == [False, False, False, True]


def line_of(*words: tuple[int, int]) -> np.ndarray:
    ink = np.zeros((40, 400), np.uint8)
    for left, right in words:
        ink[5:35, left:right:6] = 1
        ink[20, left:right] = 1
    return ink


@pytest.mark.parametrize(
    ("text", "words", "right"),
    [
        ("Still water", [(10, 200)], "Stillwater"),
        ("Alma Still water", [(10, 90), (110, 300)], "Alma Stillwater"),
        ("Alma Okonjo", [(10, 90), (110, 300)], "Alma Okonjo"),
        ("Okonjo", [(10, 300)], "Okonjo"),
        ("", [], ""),
    ],
)
def test_spaces_without_a_gap_are_taken_out(text: str, words: list[tuple[int, int]], right: str) -> None:
    assert without_false_spaces(text, line_of(*words)) == right


@pytest.mark.parametrize(
    ("text", "others", "right"),
    [
        ("Still water", ["Stillwater"], "Stillwater"),
        ("Olga E. Mar lowe", ["Olga E. Marlowe"], "Olga E. Marlowe"),
        ("Still water", ["Still Water"], "Still water"),
        ("car repair", ["carrepair"], "car repair"),
        ("ALMA GRABOWITZ", ["ALMAGRABOWITZ"], "ALMA GRABOWITZ"),
    ],
)
def test_a_name_in_two_pieces_is_one_where_another_reader_says_so(text: str, others: list[str], right: str) -> None:
    assert without_split_names(text, others) == right


def test_what_a_confidence_is_worth_is_looked_up_by_group_and_thresholds_by_error() -> None:
    known = FieldConfidence({"text filled": [(0.2, 0.1), (0.8, 0.7)]}, [(0.002, 0.99), (0.01, 0.95)])
    group = group_of(FieldKind.DATE, FieldState.FILLED, ValueOrigin.PIXELS)
    assert [known.of_field(group, sure) for sure in (0.0, 0.5, 1.0)] == [0.1, 0.4, 0.7]
    assert known.of_field("mark blank", 0.3) == 0.3
    assert [known.least(error) for error in (0.001, 0.002, 0.006, 0.01, 0.5)] == pytest.approx(
        [0.995, 0.99, 0.97, 0.95, 0.95]
    )
    assert FieldConfidence().least(0.005) == 0.995


def test_regions_are_given_to_readers_whole() -> None:
    """The crop that is read holds the ink in its middle, whatever the size of the place."""
    seen: list[PageImage] = []

    class _Looks(_Says):
        def read(self, page: PageImage, regions: object) -> list[Reading]:
            seen.append(page)
            assert isinstance(regions, list)
            assert isinstance(regions[0], Region)
            return [self.reading]

    [upper] = written(page((500, 280, 520, 296)), (0.1, 0.1, 0.9, 0.9))
    read_text(FIELD, FORM, upper, _Looks(Reading(FieldState.FILLED, "7", 1.0)))
    rows, columns = np.flatnonzero((seen[0].pixels < 128).any(axis=1)), seen[0].pixels.shape
    assert columns[0] < 40
    assert columns[0] * 0.2 < rows[0] < rows[-1] < columns[0] * 0.8


@pytest.mark.parametrize(("in_cells", "value"), [(0.9, "1987"), (0.3, "19 87")])
def test_printed_cells_are_read_both_ways_and_the_likelier_counts(in_cells: float, value: str) -> None:
    class _Both(_Says):
        def read(self, page: PageImage, regions: object) -> list[Reading]:
            assert isinstance(regions, list)
            if regions[0].cells:
                return [Reading(FieldState.FILLED, "1987", in_cells)]
            return [Reading(FieldState.FILLED, "19 87", 0.6)]

    [upper] = written(page((200, 220, 220, 280), (260, 220, 280, 280)), UPPER)
    field = FIELD.model_copy(update={"cells": 4})
    reading = read_text(field, FORM, upper, _Both(Reading(FieldState.BLANK))).reading
    assert reading.value == value
    assert {"1987", "19 87"} == {reading.value, *(other.value for other in reading.alternatives)}
