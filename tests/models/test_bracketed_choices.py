"""Choices that are typed as brackets are boxes, as the text reader has read them; other brackets are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.contract import Model, PageImage
from models.registry import load_model
from schemas.prediction import CheckboxState

EMPTY, CROSSED = CheckboxState.EMPTY, CheckboxState.CROSSED


@pytest.fixture(scope="module")
def models() -> tuple[Model, Model]:
    return load_model("ocr"), load_model("checkbox")


def told(models: tuple[Model, Model], *rows: str) -> list[tuple[CheckboxState, bool, int]]:
    """State, roundness and row of each choice of a page with such rows of print."""
    pixels = np.full((160 + 90 * len(rows), 1100, 3), 255, np.uint8)
    cv2.putText(pixels, "Application for a loan", (60, 70), (0, 0, 0), cv2.FontFace("uni"), 36)
    for row, text in enumerate(rows):
        cv2.putText(pixels, text, (60, 160 + 90 * row), (0, 0, 0), cv2.FontFace("uni"), 36)
    (read,) = models[0].predict([PageImage(1, pixels)])
    (found,) = models[1].predict([PageImage(1, pixels, earlier={"ocr": read})])
    return [(box.state, box.radio, round((box.quad[1] - 130) / 90)) for box in found.checkboxes]


def test_brackets_with_room_for_a_letter_are_choices(models: tuple[Model, Model]) -> None:
    rows = ("[ ] I live alone", "[X] I live with others", "[ ] I have no home", "[x] I own a car")
    assert told(models, *rows) == [(EMPTY, False, 0), (CROSSED, False, 1), (EMPTY, False, 2), (CROSSED, False, 3)]


def test_brackets_with_much_room_are_choices_with_their_sign_apart(models: tuple[Model, Model]) -> None:
    rows = ("[   ]  I live alone", "[ X ]  I live with others", "[   ]  I have no home", "[ X ]  I own a car")
    assert told(models, *rows) == [(EMPTY, False, 0), (CROSSED, False, 1), (EMPTY, False, 2), (CROSSED, False, 3)]
    rows = ("(   )  Yes, I do", "(  X  )  No, I do not", "(   )  I do not know")
    assert told(models, *rows) == [(EMPTY, True, 0), (CROSSED, True, 1), (EMPTY, True, 2)]


def test_a_square_one_that_is_marked_is_a_choice_where_its_line_begins(models: tuple[Model, Model]) -> None:
    assert told(models, "[X] I agree to the terms", "that are printed below") == [(CROSSED, False, 0)]


def test_so_are_round_ones_where_some_are_marked(models: tuple[Model, Model]) -> None:
    assert told(models, "( ) Yes, I do", "(X) No, I do not") == [(EMPTY, True, 0), (CROSSED, True, 1)]


@pytest.mark.parametrize(
    "rows",
    [
        ("Phone ( ) 555 0100", "Office ( ) 555 0101"),
        ("(v) the fifth point of the list", "(x) the tenth point of the list"),
        ("See [1] and [2] for more", "as f(x) and [X] say"),
    ],
)
def test_other_brackets_are_none(models: tuple[Model, Model], rows: tuple[str, ...]) -> None:
    assert told(models, *rows) == []
