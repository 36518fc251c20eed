import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.geometry import (
    apply_steps,
    compose,
    from_source_quad,
    map_prediction,
    quarter_turn_step,
    straighten_step,
    to_source_quad,
)
from schemas.prediction import (
    Checkbox,
    CheckboxState,
    Defect,
    DefectMeasure,
    Label,
    PageQuality,
    Prediction,
    Quad,
    Signature,
    SignatureKind,
    Skew,
    TextLine,
    TypeScore,
    Word,
    box_quad,
)
from schemas.result import TransformStep

sizes = st.integers(2, 6000)
turns = st.integers(-4, 7)
angles = st.floats(-20, 20)
fractions = st.floats(0, 1)


def chain(width: int, height: int, quarter_turns: int, angle: float) -> list[TransformStep]:
    first = quarter_turn_step(width, height, quarter_turns)
    return [first, straighten_step(first.width, first.height, angle)]


@given(sizes, sizes, turns, angles, st.tuples(fractions, fractions, fractions, fractions))
def test_box_to_page_to_box_stays_within_half_a_pixel(width, height, quarter_turns, angle, box):
    steps = chain(width, height, quarter_turns, angle)
    left, right = sorted((box[0], box[2]))
    top, bottom = sorted((box[1], box[3]))
    quad = box_quad(left, top, right, bottom)
    there = from_source_quad(quad, steps, width, height)
    back = to_source_quad(there, steps, width, height)
    assert np.abs((np.array(back) - quad).reshape(4, 2) * (width, height)).max() < 0.5
    again = from_source_quad(back, steps, width, height)
    assert np.abs(np.array(again) - there).max() < 0.5


@given(sizes, sizes, turns, angles)
def test_nothing_of_the_page_is_cut_off(width, height, quarter_turns, angle):
    steps = chain(width, height, quarter_turns, angle)
    corners = np.array(from_source_quad(box_quad(0, 0, 1, 1), steps, width, height)).reshape(4, 2)
    assert corners.min() > -0.01
    assert (corners <= np.array((steps[-1].width, steps[-1].height)) + 0.01).all()


def mark_on_page(width: int, height: int, box: tuple[int, int, int, int]) -> np.ndarray:
    page = np.full((height, width), 255, np.uint8)
    left, top, right, bottom = box
    page[top:bottom, left:right] = 0
    return page


def dark_moments(pixels: np.ndarray) -> tuple[float, np.ndarray]:
    """Darkness in whole-pixel areas, and its centre in corner coordinates."""
    ink = (255.0 - pixels) / 255.0
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]] + 0.5
    return float(ink.sum()), np.array(((columns * ink).sum(), (rows * ink).sum())) / ink.sum()


@settings(max_examples=60, deadline=None)
@given(st.integers(120, 300), st.integers(120, 300), st.integers(0, 3), angles, st.data())
def test_a_drawn_mark_is_where_the_mapped_quad_says(width, height, quarter_turns, angle, data):
    left, top = data.draw(st.integers(5, width - 45)), data.draw(st.integers(5, height - 35))
    box = (left, top, left + 37, top + 23)
    steps = chain(width, height, quarter_turns, angle)
    turned = apply_steps(mark_on_page(width, height, box), steps)
    assert turned.shape == (steps[-1].height, steps[-1].width)

    fractions_of_page = (left / width, top / height, box[2] / width, box[3] / height)
    quad = np.array(from_source_quad(box_quad(*fractions_of_page), steps, width, height)).reshape(4, 2)
    area, centre = dark_moments(turned)
    assert np.abs(centre - quad.mean(axis=0)).max() < 0.1
    assert area == pytest.approx(37 * 23, rel=0.03)
    covered = cv2.fillConvexPoly(np.zeros_like(turned), np.round((quad - 0.5) * 16).astype(np.int32), 255, shift=4)
    assert (turned[cv2.erode(covered, np.ones((5, 5), np.uint8)) > 0] < 30).all()
    assert (turned[cv2.dilate(covered, np.ones((5, 5), np.uint8)) == 0] > 225).all()


@pytest.mark.parametrize("quarter_turns", range(4))
def test_quarter_turns_move_pixels_and_change_none(quarter_turns):
    upright = np.random.default_rng(7).integers(0, 256, (31, 17, 3), dtype=np.uint8)
    as_scanned = np.ascontiguousarray(np.rot90(upright, -quarter_turns))
    height, width = as_scanned.shape[:2]
    step = quarter_turn_step(width, height, quarter_turns)
    restored = apply_steps(as_scanned, [step])
    assert np.array_equal(restored, upright)
    assert restored.flags.c_contiguous
    assert (step.width, step.height) == (17, 31)


@pytest.mark.parametrize("angle", [-7.5, 3.0, 12.0])
def test_straightening_makes_a_turned_line_level(angle):
    page = np.full((400, 500), 255, np.uint8)
    # Counter-clockwise on paper is upwards to the right, where y falls.
    rise = math.tan(math.radians(angle)) * 150
    cv2.line(page, (100, round(200 + rise)), (400, round(200 - rise)), 0, 5, cv2.LINE_AA)
    straight = apply_steps(page, [straighten_step(500, 400, angle)])
    rows = np.nonzero((straight < 128).any(axis=1))[0]
    assert rows[-1] - rows[0] < 9


def test_no_turn_and_no_angle_leave_the_page_as_it_is():
    page = np.random.default_rng(1).integers(0, 256, (20, 30), dtype=np.uint8)
    steps = [quarter_turn_step(30, 20, 0), straighten_step(30, 20, 0.0)]
    assert np.array_equal(compose(steps), np.eye(3))
    assert np.array_equal(apply_steps(page, steps), page)
    assert np.array_equal(apply_steps(page, []), page)


def test_the_canvas_that_straightening_adds_is_white():
    straight = apply_steps(np.zeros((100, 100, 3), np.uint8), [straighten_step(100, 100, 15.0)])
    assert (straight[0, 0] == 255).all()
    assert (straight[-1, -1] == 255).all()


def test_print_stays_sharp_where_pixels_are_moved_by_half_of_one():
    page = mark_on_page(40, 40, (20, 5, 21, 35))
    moved = apply_steps(page, [TransformStep("register", (1.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), 40, 40)])
    assert moved[20, 20] == moved[20, 21] < 110, "halves of a line that is averaged only would be at 127"


def test_a_plug_in_s_quad_of_other_than_eight_numbers_is_refused():
    for wrong in ((), (1.0,) * 7, (1.0,) * 9, ("a",) * 8):
        with pytest.raises(ValueError, match=r"reshape|could not convert"):
            to_source_quad(wrong, [], 10, 10)


def test_a_perspective_step_is_applied_and_undone():
    step = TransformStep("register", (1.0, 0.02, 3.0, 0.01, 1.0, 2.0, 1e-4, 5e-5, 1.0), 220, 210)
    page = mark_on_page(200, 200, (80, 90, 120, 110))
    quad = from_source_quad(box_quad(0.4, 0.45, 0.6, 0.55), [step], 200, 200)
    _, centre = dark_moments(apply_steps(page, [step]))
    assert np.abs(np.array(quad).reshape(4, 2).mean(axis=0) - centre).max() < 0.3
    assert to_source_quad(quad, [step], 200, 200) == pytest.approx(box_quad(0.4, 0.45, 0.6, 0.55))


def test_corners_off_the_source_page_are_moved_to_its_edge():
    steps = [straighten_step(100, 100, 10.0)]
    far = steps[0].width
    for box in (box_quad(0, 0, 5, 5), box_quad(far - 5, 0, far, 5), box_quad(far - 5, far - 5, far, far)):
        quad = to_source_quad(box, steps, 100, 100)
        assert all(0.0 <= value <= 1.0 for value in quad)
    assert to_source_quad(box_quad(-5, -5, 999, 999), [], 100, 100) == box_quad(0, 0, 1, 1)


def test_every_quad_of_every_kind_is_mapped():
    quad = box_quad(1, 2, 3, 4)

    def moved(given_quad: Quad) -> Quad:
        return tuple(value + 10 for value in given_quad)

    prediction = Prediction(
        lines=(TextLine("a b", quad, 0.9, (Word("a", quad, 0.8), Word("b", quad, 0.7))),),
        checkboxes=(Checkbox(CheckboxState.TICKED, quad, 0.9),),
        signatures=(Signature(SignatureKind.STAMP, quad, 0.9),),
        types=(TypeScore("x", 0.5, 0.4, True),),
        skew=Skew(0, 1.0, 0.0, 1.0, False, False),
        labels=(Label("seal", "red", 0.5, quad), Label("language", "en", 0.5)),
        quality=PageQuality(
            False,
            (
                DefectMeasure(Defect.GLARE, 9.0, 2.0, True, "Scan again.", quad),
                DefectMeasure(Defect.NOISE, 1.0, 9.0, False),
            ),
        ),
    )
    mapped = map_prediction(prediction, moved)
    expected = moved(quad)
    assert [line.quad for line in mapped.lines] == [expected]
    assert [word.quad for word in mapped.lines[0].words] == [expected, expected]
    assert mapped.checkboxes[0].quad == mapped.signatures[0].quad == mapped.labels[0].quad == expected
    assert mapped.labels[1].quad is None
    assert mapped.quality is not None
    assert [found.quad for found in mapped.quality.defects] == [expected, None]
    assert (mapped.types, mapped.skew, mapped.lines[0].text) == (prediction.types, prediction.skew, "a b")
