"""The state of given boxes, through the registry, and what leads to it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.catalog.checkbox.adapter import CheckboxFinder
from models.catalog.checkbox.crops import CROP, REACH, cut, levelled
from models.catalog.checkbox.reader import STATES
from models.catalog.checkbox.verdict import verdict
from models.contract import PageImage
from models.registry import load_model
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldState
from schemas.prediction import CheckboxState, Quad, box_quad
from schemas.reading import Region

Page = npt.NDArray[np.uint8]
SIDE = 24


@pytest.fixture(scope="module")
def model() -> CheckboxFinder:
    loaded = load_model("checkbox")
    assert isinstance(loaded, CheckboxFinder)
    return loaded


def sheet(count: int = 6, apart: int = 90, ground: int = 250) -> tuple[Page, list[Quad]]:
    """A column of labelled boxes."""
    page = np.full((120 + apart * count, 500), ground, np.uint8)
    quads = []
    for row in range(count):
        x, y = 80, 60 + apart * row
        cv2.rectangle(page, (x, y), (x + SIDE, y + SIDE), 40, 2, cv2.LINE_AA)
        cv2.putText(page, "Label of this box", (x + 40, y + 19), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1, cv2.LINE_AA)
        quads.append(box_quad(x - 1, y - 1, x + SIDE + 1, y + SIDE + 1))
    return page, quads


def draw(page: Page, quad: Quad, *lines: list[tuple[float, float]], width: int = 3, shade: int = 30) -> None:
    """Lines in sides from the middle of the box."""
    middle = np.array([(quad[0] + quad[2]) / 2, (quad[1] + quad[5]) / 2])
    for line in lines:
        points = np.round((np.array(line) * SIDE + middle) * 16).astype(np.int32)
        cv2.polylines(page, [points.reshape(-1, 1, 2)], False, (shade,), width, cv2.LINE_AA, 4)


TICK = [(-0.35, 0.0), (-0.08, 0.4), (0.6, -0.75)]
CROSS = [(-0.5, -0.5), (0.5, 0.5)], [(0.5, -0.5), (-0.5, 0.5)]


def states(model: CheckboxFinder, page: Page, quads: list[Quad]) -> list[CheckboxState]:
    readings = model.read(PageImage(1, page), [Region(quad, "checkbox") for quad in quads])
    return [CheckboxState(reading.value) for reading in readings]


def test_kinds_of_marks_are_told_apart(model: CheckboxFinder) -> None:
    page, quads = sheet()
    draw(page, quads[0], TICK)
    draw(page, quads[2], *CROSS)
    x, y = int(quads[4][0]), int(quads[4][1])
    cv2.rectangle(page, (x + 1, y + 1), (x + SIDE + 1, y + SIDE + 1), 20, -1)
    assert states(model, page, quads) == [
        CheckboxState.TICKED,
        CheckboxState.EMPTY,
        CheckboxState.CROSSED,
        CheckboxState.EMPTY,
        CheckboxState.FILLED,
        CheckboxState.EMPTY,
    ]


def test_a_box_scribbled_out_is_withdrawn_not_marked(model: CheckboxFinder) -> None:
    page, quads = sheet()
    zigzag = [((-0.8 if k % 2 else 0.8), -0.65 + 0.13 * k) for k in range(11)]
    draw(page, quads[1], *CROSS, zigzag)
    assert states(model, page, quads)[1] is CheckboxState.SCRIBBLED_OUT


def test_the_tail_of_a_neighbours_tick_marks_nothing(model: CheckboxFinder) -> None:
    page, quads = sheet(apart=44)
    draw(page, quads[3], [(-0.4, 0.1), (-0.1, 0.45), (0.55, -2.2)])
    found = states(model, page, quads)
    assert found[3] is CheckboxState.TICKED
    assert found[2] is CheckboxState.EMPTY


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_resolution_does_not_matter(model: CheckboxFinder, scale: float) -> None:
    page, quads = sheet()
    draw(page, quads[1], *CROSS)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=how), dtype=np.uint8)
    given = [box_quad(*(scale * v for v in (q[0], q[1], q[2], q[5]))) for q in quads]
    found = states(model, sized, given)
    assert [state is CheckboxState.EMPTY for state in found] == [True, False, True, True, True, True]


def test_shaded_paper_and_faint_pencil(model: CheckboxFinder) -> None:
    page, quads = sheet(ground=205)
    draw(page, quads[2], TICK, shade=130)
    assert [state is CheckboxState.EMPTY for state in states(model, page, quads)] == [
        True,
        True,
        False,
        True,
        True,
        True,
    ]


def test_a_box_under_a_black_bar_is_unreadable(model: CheckboxFinder) -> None:
    page, quads = sheet()
    top = int(quads[2][1])
    page[top - 10 : top + SIDE + 12] = 20
    assert states(model, page, quads)[2] is CheckboxState.UNREADABLE


def test_no_regions_no_readings_and_boxes_beyond_the_page_cannot_be_read(model: CheckboxFinder) -> None:
    page, _ = sheet()
    assert list(model.read(PageImage(1, page), [])) == []
    (beyond,) = model.read(PageImage(1, page), [Region(box_quad(-60.0, -60.0, -30.0, -30.0), "checkbox")])
    assert (beyond.state, beyond.confidence, beyond.rejected) == (FieldState.UNREADABLE, 0.0, True)


def test_a_reading_says_what_else_it_may_be_and_how_far(model: CheckboxFinder) -> None:
    page, quads = sheet()
    draw(page, quads[0], TICK)
    ticked, empty = model.read(PageImage(1, page), [Region(quad, "checkbox") for quad in quads[:2]])
    assert (ticked.state, empty.state) == (FieldState.FILLED, FieldState.BLANK)
    assert set(ticked.scores) == {state.value for state in CheckboxState}
    assert sum(ticked.scores.values()) == pytest.approx(1, abs=1e-3)
    assert "ticked" not in [other.value for other in ticked.alternatives]
    chances = [other.confidence for other in ticked.alternatives]
    assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize("kind", ["text", "signature", ""])
def test_another_kind_is_refused_and_the_known_ones_are_named(model: CheckboxFinder, kind: str) -> None:
    page, quads = sheet()
    with pytest.raises(DocbeamError, match=f"checkbox does not read kind '{kind}'; it reads checkbox") as refused:
        model.read(PageImage(1, page), [Region(quads[0], kind)])
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_a_crop_has_the_box_in_the_middle_whatever_its_size() -> None:
    for side in (10, 24, 90):
        page = np.full((6 * side, 6 * side), 255, np.uint8)
        left = 2 * side
        page[left : left + side, left : left + side] = 0
        crop = cut(page, [(left, left, left + side, left + side)])[0, 0]
        half = CROP / REACH / 2
        middle = CROP // 2
        assert crop.shape == (CROP, CROP)
        assert crop[middle, middle] == pytest.approx(1.0)
        inked = np.flatnonzero(crop[middle] > 0.5)
        assert abs(inked[0] - (CROP / 2 - half)) <= 1
        assert abs(inked[-1] - (CROP / 2 + half)) <= 1


def test_paper_that_is_nearly_even_is_not_stretched_to_ink() -> None:
    noise = np.random.default_rng(2).integers(196, 204, (CROP, CROP)).astype(np.uint8)
    assert np.abs(levelled(noise[None])).max() < 0.3


def test_the_verdict_names_a_kind_only_where_one_stands_out() -> None:
    def belief(**shares: float) -> npt.NDArray[np.float32]:
        return np.array([shares.get(state.value, 0.0) for state in STATES], np.float32)

    state, sure = verdict(belief(ticked=0.9, empty=0.1))
    assert (state, round(sure, 4)) == (CheckboxState.TICKED, 0.9)
    state, sure = verdict(belief(ticked=0.3, crossed=0.3, filled=0.3, empty=0.1))
    assert (state, round(sure, 4)) == (CheckboxState.MARKED, 0.9)
    assert verdict(belief(empty=0.45, ticked=0.2, scribbled_out=0.35))[0] is CheckboxState.UNREADABLE
