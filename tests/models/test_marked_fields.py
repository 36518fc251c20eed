"""Which boxes of a form somebody marked and means: the network's belief and the new ink in them, weighed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forms.form import FieldKind
from models.catalog.form_reader.box_ink import new_ink
from models.catalog.form_reader.laid_page import LaidPage
from models.catalog.form_reader.marked_fields import MarkBelief, MarkedBox, corrected, question_of, read_marks
from models.registry import find_model
from schemas.fields import FieldState
from schemas.prediction import CheckboxState
from schemas.reading import Reading
from training.form_reader.fit_marks import fitted

BELIEF = MarkBelief.of(find_model("form-reader").folder / "marks.json")
BOX = (40, 40, 70, 70)


def box(ink: float, state: CheckboxState = CheckboxState.CROSSED, sure: float = 0.97, value: str = "on") -> MarkedBox:
    rest = CheckboxState.EMPTY if state is not CheckboxState.EMPTY else CheckboxState.TICKED
    scores = {state.value: sure, rest.value: 1 - sure}
    return MarkedBox(value, Reading(FieldState.FILLED, state.value, sure, scores=scores), ink)


def page(*inked: tuple[int, int, int, int], line: int = 3) -> LaidPage:
    """A printed square on the inner edge of BOX, with ink in boxes."""
    left, top, right, bottom = BOX
    printed = np.zeros((120, 120), np.uint8)
    printed[top:bottom, left:right] = 1
    printed[top + line : bottom - line, left + line : right - line] = 0
    darkness = np.where(printed > 0, 0.9, 0).astype(np.float32)
    for x0, y0, x1, y1 in inked:
        darkness[y0:y1, x0:x1] = 0.8
    return LaidPage(darkness, printed, 0.4, darkness, printed)


def test_new_ink_is_counted_up_to_the_lines_of_the_smallest_box() -> None:
    assert new_ink(page(), BOX) == 0
    assert new_ink(page((50, 44, 53, 66)), BOX) == pytest.approx(3 / 22, abs=0.01)
    narrow = page((44, 44, 66, 66), line=11)
    assert new_ink(narrow, BOX) == 1
    assert new_ink(page((0, 0, 30, 120)), BOX) == 0


def test_a_box_whose_print_leaves_nothing_free_or_that_is_at_the_edge_tells_of_no_ink() -> None:
    assert new_ink(page(line=15), BOX) == 0
    assert new_ink(page(), (0, 0, 20, 20)) == 0
    assert new_ink(page(), (110, 110, 120, 120)) == 0


@pytest.mark.parametrize(
    ("seen", "on"),
    [
        (box(0.1, CheckboxState.TICKED, 0.98), True),
        (box(0.0, CheckboxState.EMPTY, 0.99), False),
        (box(0.3, CheckboxState.EMPTY, 0.75), True),
        (box(0.01, CheckboxState.TICKED, 0.6), False),
        (box(0.0, CheckboxState.MARKED, 0.999), True),
        (box(0.0, CheckboxState.UNREADABLE, 0.8), False),
        (box(0.4, CheckboxState.SCRIBBLED_OUT, 0.9), False),
    ],
    ids=["ticked", "empty", "full", "a neighbour's", "a ring around it", "dark copy", "scribbled out"],
)
def test_neither_the_network_nor_the_ink_decides_alone(seen: MarkedBox, on: bool) -> None:
    read = read_marks(FieldKind.CHECKBOX, [seen], BELIEF)
    assert (read.value, read.state) == (("on", FieldState.FILLED) if on else ("off", FieldState.BLANK))


def test_a_network_that_contradicts_the_ink_makes_a_field_less_sure() -> None:
    agree = read_marks(FieldKind.CHECKBOX, [box(0.0, CheckboxState.EMPTY, 0.99)], BELIEF)
    contradict = read_marks(FieldKind.CHECKBOX, [box(0.0, CheckboxState.TICKED, 0.95)], BELIEF)
    assert agree.confidence > 0.99
    assert contradict.confidence < 0.9


def test_of_two_marked_answers_to_a_question_the_covered_one_was_taken_back() -> None:
    taken_back, meant = box(0.8), box(0.2)
    found = corrected({"a.smoker_no": [taken_back], "a.smoker_yes": [meant], "other_yes": [box(0.9)]}, BELIEF)
    values = {name: read_marks(FieldKind.CHECKBOX, boxes, BELIEF).value for name, boxes in found.items()}
    assert values == {"a.smoker_no": "off", "a.smoker_yes": "on", "other_yes": "on"}
    radio = read_marks(FieldKind.RADIO, [box(0.8, value="no"), box(0.2, value="yes")], BELIEF)
    assert (radio.value, radio.rejected, radio.place) == ("yes", False, 1)


def test_two_marks_that_look_alike_are_both_told_and_for_a_person() -> None:
    found = corrected({"pets_no": [box(0.35)], "pets_yes": [box(0.3)]}, BELIEF)
    assert [read_marks(FieldKind.CHECKBOX, boxes, BELIEF).value for boxes in found.values()] == ["on", "on"]
    radio = read_marks(FieldKind.RADIO, [box(0.35, value="no"), box(0.3, value="yes")], BELIEF)
    assert radio.rejected
    assert radio.confidence <= 0.5


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("smoker_yes", "smoker"),
        ("smoker No", "smoker"),
        ("form[0].page[0].reportYes[0]", "form[0].page[0].report"),
        ("page[0].c1_2[0]", "page[0].c1_2"),
        ("page[0].c1_2[1]", "page[0].c1_2"),
        ("part.yes", "part.yes"),
        ("Check Box 3", "Check Box 3"),
    ],
)
def test_names_tell_which_boxes_answer_one_question(name: str, question: str) -> None:
    assert question_of(name) == question


def test_weights_are_fitted_to_what_boxes_show() -> None:
    random = np.random.default_rng(3)
    marked = random.random(2000) < 0.4
    inks = np.where(marked, random.uniform(0.03, 0.5, 2000), random.uniform(0, 0.06, 2000))
    beliefs = np.clip(np.where(marked, 0.8, 0.15) + random.normal(0, 0.15, 2000), 0.01, 0.99)
    seen = [box(float(ink), CheckboxState.TICKED, float(sure)) for ink, sure in zip(inks, beliefs, strict=True)]
    belief = fitted(np.array([each.evidence for each in seen]), marked.astype(np.float64))
    right = [(belief.marked(each) >= 0.5) == is_marked for each, is_marked in zip(seen, marked, strict=True)]
    assert np.mean(right) > 0.97
    assert belief.weights[0] > 0
    assert belief.weights[1] > 0


def test_a_file_without_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    path.write_text('{"weights": [1, 2]}')
    with pytest.raises(ValueError, match="not enough values"):
        MarkBelief.of(path)
