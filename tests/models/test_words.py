"""Where the words of a line stand, and that a box beside a word stays a box."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.catalog.ocr.page.recognition import ReadLine
from models.catalog.ocr.page.words import words_of
from models.contract import PageImage
from models.registry import load_model
from schemas.prediction import CheckboxState, bounds

CORNERS = np.array([(0, 0), (200, 0), (200, 20), (0, 20)], np.float32)


def ends(text: str, centres: tuple[float, ...]) -> list[tuple[float, float]]:
    line = ReadLine(text, (0.9,) * len(text), centres)
    words = words_of(line, CORNERS, lambda start, end: 0.9)
    return [(bounds(word.quad)[0], bounds(word.quad)[2]) for word in words]


def test_words_end_half_way_to_their_neighbours() -> None:
    assert ends("ab cd", (0.1, 0.3, 0.5, 0.7, 0.9)) == [(0, pytest.approx(80)), (pytest.approx(120), 200)]


def test_a_line_that_holds_more_than_its_text_is_not_all_text() -> None:
    """A box before the word, which was read as nothing."""
    [(left, right)] = ends("seldom", (0.5, 0.59, 0.68, 0.77, 0.86, 0.95))
    assert left == pytest.approx(85.6)
    assert right == 200


def test_a_single_character_has_all_of_its_line() -> None:
    assert ends("7", (0.4,)) == [(0, 200)]


def test_a_cross_that_leaves_its_box_is_found_after_text_was_read() -> None:
    page = np.full((400, 1200), 255, np.uint8)
    cv2.putText(page, "How often do you use the service by telephone?", (55, 100), cv2.FONT_HERSHEY_DUPLEX, 1.0, 0, 1)
    for place, word in enumerate(("never", "seldom", "often", "always")):
        left = 60 + 280 * place
        cv2.rectangle(page, (left, 200), (left + 30, 230), 0, 2)
        cv2.putText(page, word, (left + 50, 227), cv2.FONT_HERSHEY_DUPLEX, 1.0, 0, 1)
        if place % 2:
            cv2.line(page, (left - 12, 188), (left + 42, 242), 0, 4)
            cv2.line(page, (left - 12, 242), (left + 42, 188), 0, 4)
    loaded = {name: load_model(name) for name in ("ocr", "checkbox")}
    (read,) = loaded["ocr"].predict([PageImage(1, page, 200.0)])
    (found,) = loaded["checkbox"].predict([PageImage(1, page, 200.0, earlier={"ocr": read})])
    states = [box.state for box in sorted(found.checkboxes, key=lambda box: box.quad[0])]
    assert [state is CheckboxState.EMPTY for state in states] == [True, False, True, False]
