"""A letter that is printed in a round choice is not told as a mark; what is filled over it is."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import CheckboxState

Page = npt.NDArray[np.uint8]
MARKS = {CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.MARKED, CheckboxState.SCRIBBLED_OUT}
ROWS, LETTERS = 8, "ABCDE"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("checkbox")


def sheet(letters: bool) -> Page:
    """One choice of each question filled."""
    page = np.full((740, 900), 252, np.uint8)
    cv2.putText(page, "Fill one answer of each question", (80, 60), 0, 0.9, 30, 2, cv2.LINE_AA)
    for row in range(ROWS):
        y = 120 + 72 * row
        cv2.putText(page, f"{row + 1}.", (80, y + 10), 0, 0.8, 30, 2, cv2.LINE_AA)
        for place, letter in enumerate(LETTERS):
            middle = (180 + 110 * place, y)
            cv2.circle(page, middle, 16, 40, 2, cv2.LINE_AA)
            if place == row % 5:
                cv2.circle(page, middle, 13, 30, -1, cv2.LINE_AA)
            elif letters:
                cv2.putText(page, letter, (middle[0] - 6, y + 7), 0, 0.55, 60, 1, cv2.LINE_AA)
    return page


def states(model: Model, page: Page) -> Counter[CheckboxState]:
    (prediction,) = model.predict([PageImage(1, page)])
    return Counter(box.state for box in prediction.checkboxes)


def test_printed_letters_are_no_marks(model: Model) -> None:
    found = states(model, sheet(letters=True))
    assert found[CheckboxState.FILLED] == ROWS
    assert not MARKS & found.keys()


def test_without_letters_each_is_told(model: Model) -> None:
    assert states(model, sheet(letters=False)) == {CheckboxState.FILLED: ROWS, CheckboxState.EMPTY: ROWS * 4}
