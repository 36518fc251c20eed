from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from schemas.prediction import CheckboxState
from synthesis.fonts import BLOCK_HANDS, FontFolder, FontsMissingError
from synthesis.forms import people
from synthesis.forms.fill import Hand, fill_form
from synthesis.forms.form import FieldKind
from synthesis.forms.layout import Layout
from synthesis.ink.marks import mark_strokes
from synthesis.sheet import Sheet

HAND = Hand("patrick-hand", "homemade-apple")
NO_FONTS = FontFolder(Path("/nonexistent"))
DRAWN = [state for state in CheckboxState if state not in (CheckboxState.EMPTY, CheckboxState.UNREADABLE)]


def _boxes(layout: Layout) -> list[str]:
    return [name for name, field in layout.fields.items() if field.kind in (FieldKind.CHECKBOX, FieldKind.RADIO)]


def _ink(before: Sheet, after: Sheet, layout: Layout, name: str) -> int:
    """Pixels that became clearly darker inside the box."""
    corners = after.corners(layout.fields[name].box)
    (left, top), (right, bottom) = corners[0].astype(int), np.ceil(corners[2]).astype(int)
    part = np.s_[top:bottom, left:right]
    return int((before.image[part].astype(int) - after.image[part] > 60).any(axis=-1).sum())


@pytest.mark.parametrize("state", DRAWN)
def test_a_marked_box_has_ink_and_its_neighbours_have_none(blank: Sheet, layout: Layout, state: CheckboxState) -> None:
    marked = _boxes(layout)[::3]
    filled = fill_form(blank, layout, dict.fromkeys(marked, state.value), HAND, NO_FONTS, 5)
    for name in _boxes(layout):
        ink = _ink(blank, filled, layout, name)
        assert ink > 15 if name in marked else ink == 0, (name, ink)


def test_filled_boxes_hold_more_ink_than_crossed_and_those_more_than_ticked(blank: Sheet, layout: Layout) -> None:
    boxes = _boxes(layout)

    def total(state: CheckboxState) -> int:
        filled = fill_form(blank, layout, dict.fromkeys(boxes, state.value), HAND, NO_FONTS, 6)
        return sum(_ink(blank, filled, layout, name) for name in boxes)

    assert total(CheckboxState.FILLED) > total(CheckboxState.CROSSED) > total(CheckboxState.TICKED) > 0


def test_the_seed_alone_decides(blank: Sheet, layout: Layout) -> None:
    values = dict.fromkeys(_boxes(layout), "crossed")
    first, again, other = (fill_form(blank, layout, values, HAND, NO_FONTS, seed).image for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_name_that_is_no_field_is_refused(blank: Sheet, layout: Layout) -> None:
    with pytest.raises(ValueError, match="no field 'nickname'"):
        fill_form(blank, layout, {"nickname": "x"}, HAND, NO_FONTS, 1)


def test_a_state_that_no_pen_makes_is_refused() -> None:
    with pytest.raises(ValueError, match="no pen draws the state 'unreadable'"):
        mark_strokes(CheckboxState.UNREADABLE, np.random.default_rng(1))


def test_missing_fonts_are_named_with_the_way_to_get_them(blank: Sheet, layout: Layout) -> None:
    with pytest.raises(FontsMissingError, match=r"no face 'patrick-hand'.*docbeam dev fonts.*--fonts"):
        fill_form(blank, layout, {"last_name": "Okafor"}, HAND, NO_FONTS, 1)


@pytest.mark.parametrize("face", BLOCK_HANDS)
def test_text_stays_in_the_frame_of_its_field(blank: Sheet, layout: Layout, fonts: FontFolder, face: str) -> None:
    values = {
        name: "".join("7" for _ in field.cells) if field.cells else "Wolfgang Mayer-Quint 1234567890"
        for name, field in layout.fields.items()
        if field.kind in (FieldKind.TEXT, FieldKind.DATE, FieldKind.COMB)
    }
    filled = fill_form(blank, layout, values, replace(HAND, face=face), fonts, 3)
    changed = np.asarray((blank.image.astype(int) - filled.image).max(axis=-1) > 40)
    ink = changed.sum()
    for name in values:
        corners = blank.corners(layout.fields[name].box)
        (left, top), (right, bottom) = corners[0].astype(int), np.ceil(corners[2]).astype(int)
        assert changed[top:bottom, left:right].sum() > 20, name
        changed[top : bottom + 1, left : right + 1] = False
    # The tail of a g may cross the frame, as it does on paper.
    assert changed.sum() < 0.01 * ink


def test_the_sample_applicants_fill_fields_that_exist(layout: Layout) -> None:
    for applicant in (people.MARTA, people.TOMAS, people.IRENE, people.JONAS, people.AISHA, people.HENRY, people.LUCIA):
        assert set(applicant.values) <= set(layout.fields)
        for name, field in layout.fields.items():
            if field.cells and name in applicant.values:
                assert len(applicant.values[name].replace(" ", "")) <= len(field.cells)
