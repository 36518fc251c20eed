"""Defects repeat themselves, grow with their strength, and keep the way back to the page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from schemas.prediction import Defect
from synthesis.defect_sheet import defect_sheet
from synthesis.sheet import Sheet
from synthesis.wear.defects import DEFECTS


def _made(blank: Sheet, defect: Defect, strength: float, seed: int = 4) -> Sheet:
    return DEFECTS[defect](blank, strength, np.random.default_rng(seed))


def test_there_is_a_way_to_make_every_defect() -> None:
    # How a page lies is no defect that is drawn into it: every recipe of wear turns it.
    assert set(DEFECTS) == set(Defect) - {Defect.NOT_STRAIGHT}


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_same_seed_makes_the_same_pixels(blank: Sheet, defect: Defect) -> None:
    first, again = _made(blank, defect, 0.6), _made(blank, defect, 0.6)
    assert np.array_equal(first.image, again.image)
    assert first.done == again.done
    assert len(first.done) > len(blank.done)
    assert first.image.dtype == np.uint8


@pytest.mark.parametrize(
    "defect", [each for each in DEFECTS if each not in (Defect.CUT_OFF, Defect.LOW_RESOLUTION, Defect.BLANK)]
)
def test_more_strength_changes_more_of_the_page(blank: Sheet, defect: Defect) -> None:
    changes = [
        float(np.abs(_made(blank, defect, strength).image.astype(int) - blank.image).mean())
        for strength in (0.1, 0.5, 1.0)
    ]
    assert changes == sorted(changes)
    assert changes[0] < changes[2]


@pytest.mark.parametrize("seed", range(6))
def test_a_cut_takes_one_side_and_leaves_the_rest_where_the_matrix_says(blank: Sheet, seed: int) -> None:
    cut = _made(blank, Defect.CUT_OFF, 0.5, seed)
    height, width = blank.image.shape[:2]
    rows, columns = cut.image.shape[:2]
    assert (rows == height) != (columns == width)
    shift = (cut.matrix @ np.linalg.inv(blank.matrix))[:2, 2].round().astype(int)
    left, top = -shift
    assert np.array_equal(cut.image, blank.image[top : top + rows, left : left + columns])


def test_fewer_pixels_show_the_same_page(blank: Sheet) -> None:
    small = _made(blank, Defect.LOW_RESOLUTION, 0.4)
    back = cv2.resize(small.image, blank.image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    assert small.dpi < 0.6 * blank.dpi
    assert np.abs(back.astype(int) - blank.image).mean() < 12


def test_nothing_is_left_to_read_on_a_blank_page(blank: Sheet) -> None:
    image = _made(blank, Defect.BLANK, 1.0).image.astype(float)
    assert cv2.blur(image, (15, 15)).std() < 1


def test_the_sheet_shows_every_defect_at_every_strength(blank: Sheet) -> None:
    picture = defect_sheet(blank, side=60)
    assert picture.width > 4 * 60
    assert picture.height > len(Defect) * 90
