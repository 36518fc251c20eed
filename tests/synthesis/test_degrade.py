from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.fonts import FontFolder
from synthesis.forms.fill import Hand, fill_form
from synthesis.forms.form import FieldKind
from synthesis.forms.layout import Layout
from synthesis.geometry import Box, transform
from synthesis.sheet import Sheet, new_sheet
from synthesis.wear import moving, wearing
from synthesis.wear.degrade import RECIPES, Recipe

BOX = Box(60, 90, 150, 129)


def _sheet() -> Sheet:
    """A white page of 300 x 240 points at 96 dpi with a black block at BOX."""
    image = np.full((320, 400), 255, dtype=np.uint8)
    (left, top), (right, bottom) = (BOX.corners[[0, 2]] * 96 / 72).round().astype(int)
    image[top:bottom, left:right] = 0
    return new_sheet(image, 96)


def _dark_centre(sheet: Sheet) -> np.ndarray:
    image = wearing.grey(sheet).image
    rows, columns = np.nonzero(image < 128)
    return np.array([columns.mean() + 0.5, rows.mean() + 0.5])


@given(st.floats(-15, 15), st.integers(0, 3), st.sampled_from([48.0, 96.0, 150.0]))
@settings(max_examples=40, deadline=None)
def test_the_matrix_follows_the_ink_through_every_movement(degrees: float, turns: int, dpi: float) -> None:
    sheet = moving.resample(moving.quarter_turn(moving.skew(_sheet(), degrees), turns), dpi)
    middle = transform(sheet.matrix, np.array([BOX.centre]))[0]
    assert np.abs(_dark_centre(sheet) - middle).max() < 0.6


@given(st.integers(0, 10_000), st.floats(0, 0.05), st.floats(-10, 10))
@settings(max_examples=20, deadline=None)
def test_the_matrix_follows_the_ink_in_perspective(seed: int, strength: float, degrees: float) -> None:
    desk = np.full((420, 500, 3), 200, dtype=np.uint8)
    colour = new_sheet(np.asarray(cv2.cvtColor(_sheet().image, cv2.COLOR_GRAY2BGR), dtype=np.uint8), 96)
    sheet = moving.place_in_perspective(colour, desk, strength, np.random.default_rng(seed), degrees)
    inside = np.zeros(sheet.image.shape[:2], dtype=np.uint8)
    cv2.fillConvexPoly(inside, (sheet.corners(BOX.inset(3)) - 0.5).round().astype(np.int32), 1)
    outside = np.ones_like(inside)
    cv2.fillConvexPoly(outside, (sheet.corners(BOX.inset(-3)) - 0.5).round().astype(np.int32), 0)
    dark = sheet.image[:, :, 0] < 60
    assert dark[inside == 1].all()
    assert not dark[outside == 1].any()


def test_a_positive_skew_turns_counter_clockwise() -> None:
    sheet = moving.skew(_sheet(), 5)
    left, right = sheet.corners(BOX)[:2]
    assert right[1] < left[1]
    assert np.degrees(np.arctan2(left[1] - right[1], right[0] - left[0])) == pytest.approx(5)


def test_four_quarter_turns_are_none() -> None:
    sheet = _sheet()
    back = moving.quarter_turn(moving.quarter_turn(sheet, 1), 3)
    assert np.array_equal(back.image, sheet.image)
    assert np.allclose(back.matrix, sheet.matrix)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_repeats_itself_and_says_what_it_did(blank: Sheet, name: str) -> None:
    recipe: Recipe = RECIPES[name]
    first, again, other = recipe(blank, 1), recipe(blank, 1), recipe(blank, 2)
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.matrix, again.matrix)
    assert first.done == again.done != other.done
    assert len(first.done) >= 5


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_marked_boxes_stay_darker_than_empty_ones_where_the_matrix_says(
    blank: Sheet, layout: Layout, name: str, seed: int
) -> None:
    boxes = [key for key, field in layout.fields.items() if field.kind in (FieldKind.CHECKBOX, FieldKind.RADIO)]
    marked = boxes[seed % 2 :: 2]
    hand = Hand("unused", "unused", restless=1.0, pen=1.4)
    filled = fill_form(blank, layout, dict.fromkeys(marked, "filled"), hand, FontFolder(Path("/nonexistent")), seed)
    sheet = RECIPES[name](filled, seed)
    image = wearing.grey(sheet).image
    levels = {key: _mean_inside(image, sheet.corners(layout.fields[key].box.inset(2.5))) for key in boxes}
    darkest_empty = min(level for key, level in levels.items() if key not in marked)
    assert max(levels[key] for key in marked) < darkest_empty - 40


def _mean_inside(image: np.ndarray, corners: np.ndarray) -> float:
    mask = np.zeros(image.shape, dtype=np.uint8)
    cv2.fillConvexPoly(mask, (corners - 0.5).round().astype(np.int32), 255)
    return float(cv2.mean(image, mask)[0])


@given(st.floats(20, 120), st.floats(140, 250), st.floats(0.4, 0.7))
@settings(max_examples=25, deadline=None)
def test_no_threshold_loses_the_ink(black: float, white: float, level: float) -> None:
    pale = wearing.contrast(_sheet(), black, white)
    out = wearing.threshold(pale, level, 0.0, np.random.default_rng(0))
    assert set(np.unique(out.image)) == {0, 255}
    assert np.abs(_dark_centre(out) - _dark_centre(_sheet())).max() < 0.01
