from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synthesis.fonts import FontFolder
from synthesis.forms.application_form import APPLICATION_FORM
from synthesis.forms.form import FieldKind
from synthesis.forms.layout import PAGE_HEIGHT, PAGE_WIDTH, Layout, lay_out
from synthesis.forms.printing import print_page
from synthesis.sheet import Sheet
from synthesis.wear.wearing import grey


def test_every_kind_of_field_is_on_the_form(layout: Layout) -> None:
    assert {placed.kind for placed in layout.fields.values()} == set(FieldKind)
    assert len(layout.fields) == 42


def test_fields_lie_on_the_page_and_do_not_overlap(layout: Layout) -> None:
    boxes = [placed.box for placed in layout.fields.values()]
    for number, box in enumerate(boxes):
        assert 0 < box.left < box.right < PAGE_WIDTH
        assert 0 < box.top < box.bottom < PAGE_HEIGHT
        for other in boxes[number + 1 :]:
            apart = box.right < other.left or other.right < box.left or box.bottom < other.top or other.bottom < box.top
            assert apart, (box, other)


def test_writing_and_cells_stay_inside_their_frame(layout: Layout) -> None:
    for placed in layout.fields.values():
        for inner in (placed.writing, *placed.cells):
            assert placed.box.left <= inner.left <= inner.right <= placed.box.right, placed.name
            assert placed.box.top <= inner.top <= inner.bottom <= placed.box.bottom, placed.name


def test_the_committed_blank_has_a_printed_frame_at_every_field(layout: Layout, blank: Sheet) -> None:
    # Models are registered on this picture: the layout may not move away from it.
    paper = grey(blank).image
    for placed in layout.fields.values():
        corners = blank.corners(placed.box)
        (left, top), (right, bottom) = corners[0], corners[2]
        x, y = (left + right) / 2, (top + bottom) / 2
        for place in ((left, y), (right, y), (x, top), (x, bottom)):
            column, row = (int(value) for value in place)
            around = paper[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
            assert around.min() < 190, placed.name


def test_a_page_that_is_too_long_is_refused() -> None:
    longer = replace(APPLICATION_FORM, sections=(*APPLICATION_FORM.sections, APPLICATION_FORM.sections[0]))
    with pytest.raises(ValueError, match=r"too long|two fields named"):
        lay_out(longer)


def test_two_fields_of_one_name_are_refused() -> None:
    twice = replace(APPLICATION_FORM, sections=(APPLICATION_FORM.sections[0],) * 2)
    with pytest.raises(ValueError, match="two fields named 'first_name'"):
        lay_out(twice)


def test_printing_again_gives_the_committed_blank(layout: Layout, blank: Sheet, fonts: FontFolder) -> None:
    again = grey(print_page(layout.prints, fonts, round(blank.dpi)))
    assert np.abs(again.image.astype(int) - grey(blank).image).max() <= 2
