"""Corners of QR codes are no boxes to mark; filled boxes are."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.catalog.checkbox.finder_patterns import is_finder_pattern
from schemas.prediction import box_quad

Pixels = npt.NDArray[np.uint8]


def paper() -> Pixels:
    return np.full((200, 200), 250, np.uint8)


def finder(module: int) -> Pixels:
    page = paper()
    for inset, level in ((0, 10), (1, 250), (2, 10)):
        near, far = 40 + inset * module, 40 + (7 - inset) * module
        page[near:far, near:far] = level
    return page


@pytest.mark.parametrize("module", [3, 6, 11])
@pytest.mark.parametrize("blurred", [False, True])
def test_a_corner_of_a_code_is_one_by_its_outer_and_by_its_inner_square(module: int, blurred: bool) -> None:
    page = finder(module)
    if blurred:
        page = np.asarray(cv2.GaussianBlur(page, (3, 3), 0), np.uint8)
    assert is_finder_pattern(page, box_quad(40, 40, 40 + 7 * module, 40 + 7 * module))
    assert is_finder_pattern(page, box_quad(40 + 2 * module, 40 + 2 * module, 40 + 5 * module, 40 + 5 * module))


def box_with(mark: str) -> Pixels:
    page = paper()
    cv2.rectangle(page, (40, 40), (89, 89), 10, 3)
    if mark == "filled":
        page[46:84, 46:84] = 20
    elif mark == "crossed":
        cv2.line(page, (42, 42), (87, 87), 20, 5)
        cv2.line(page, (42, 87), (87, 42), 20, 5)
    elif mark == "dot":
        cv2.circle(page, (65, 65), 9, 20, -1)
    return page


@pytest.mark.parametrize("mark", ["", "filled", "crossed", "dot"])
def test_a_box_is_none_whatever_is_in_it(mark: str) -> None:
    assert not is_finder_pattern(box_with(mark), box_quad(39, 39, 91, 91))


def test_a_box_at_the_edge_of_the_page_or_of_no_size_is_none() -> None:
    assert not is_finder_pattern(paper(), box_quad(190, 190, 240, 240))
    assert not is_finder_pattern(finder(6), box_quad(40, 40, 43, 43))
