"""Forms of combs filled to the last cell, which from afar look as if they stood on their heads, are not turned."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model

Page = npt.NDArray[np.uint8]
WORDS = ("Purpose", "Account", "Street", "Children Section", "Year", "Postcode Gross", "Remarks", "Telephone", "Unit")
LETTERS = "ABCDEFGHJKLMNPRSTUVW0123456789"


@pytest.fixture(scope="module")
def deskew() -> Model:
    return load_model("deskew")


def combs(seed: int) -> Page:
    """Small labels close above rows of cells with a letter by hand in each, to the foot of the page."""
    random = np.random.default_rng(seed)
    page = np.full((2200, 1600), 245, np.uint8)
    cv2.putText(page, "HOST APPLICANT GIVEN YEAR", (90, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 40, 2, cv2.LINE_AA)
    for top in range(190, 2120, 80):
        x = 90
        while x < 1250:
            word = WORDS[int(random.integers(len(WORDS)))]
            cv2.putText(page, word, (x, top - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 60, 1, cv2.LINE_AA)
            cells = min(int(random.integers(8, 21)), (1510 - x) // 40)
            for _ in range(cells):
                cv2.rectangle(page, (x, top), (x + 40, top + 40), 150, 1)
                letter = LETTERS[int(random.integers(len(LETTERS)))]
                place = (x + 9 + int(random.integers(-3, 4)), top + 31 + int(random.integers(-3, 4)))
                cv2.putText(page, letter, place, cv2.FONT_HERSHEY_DUPLEX, 0.9, 70, 4, cv2.LINE_AA)
                x += 40
            x += 40
    return page


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("seed", range(6))
def test_filled_combs_are_known_to_stand_upright(deskew: Model, seed: int, turns: int) -> None:
    page = np.ascontiguousarray(np.rot90(combs(seed), -turns))
    (prediction,) = deskew.predict([PageImage(1, page, dpi=200)])
    assert prediction.skew is not None
    assert (prediction.skew.quarter_turns, prediction.skew.turned) == (turns, turns > 0)
