"""The drawn samples are what they say, and the same for the same seed. Needs neither torch nor any training data."""

from __future__ import annotations

import numpy as np
import pytest

from schemas.prediction import CheckboxState
from synthesis.crops.checkboxes import PATCH, SIDE, SceneDrawer
from synthesis.ink.crop_ink import draw_cover
from synthesis.ink.marks import varied_strokes
from synthesis.ink.pen_strokes import Part
from training.checkbox.form_places import part_of

MARKS = [CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED, CheckboxState.SCRIBBLED_OUT]


def scenes() -> SceneDrawer:
    word = np.full((44, 90), 255, np.uint8)
    word[8:36, 6:84:8] = 0
    return SceneDrawer([word])


def inside(state: CheckboxState, seed: int, pen: float) -> float:
    """Share of the box that the mark inks."""
    strokes = [s * SIDE + PATCH / 2 for s in varied_strokes(state, np.random.default_rng(seed), pen)]
    cover = draw_cover((PATCH, PATCH), strokes, pen * SIDE)
    half = SIDE // 2 - 2
    middle = PATCH // 2
    return float(cover[middle - half : middle + half, middle - half : middle + half].mean())


@pytest.mark.parametrize("state", [*MARKS, CheckboxState.MARKED])
def test_marks_are_drawn_anew_for_each_seed_and_alike_for_the_same(state: CheckboxState) -> None:
    first, again, other = (varied_strokes(state, np.random.default_rng(seed), 0.1) for seed in (4, 4, 5))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert len(first) != len(other) or any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_filled_boxes_are_full_and_ticked_ones_are_not() -> None:
    full = np.array([inside(CheckboxState.FILLED, seed, 0.1) for seed in range(60)])
    ticked = np.array([inside(CheckboxState.TICKED, seed, 0.1) for seed in range(60)])
    assert np.median(full) > 0.6
    assert np.median(ticked) < 0.3
    assert full.min() > np.median(ticked)


def test_no_pen_draws_an_unreadable_box() -> None:
    assert varied_strokes(CheckboxState.EMPTY, np.random.default_rng(1), 0.1) == []
    with pytest.raises(ValueError, match="no pen draws"):
        varied_strokes(CheckboxState.UNREADABLE, np.random.default_rng(1), 0.1)


def test_a_drawn_scene_has_a_frame_around_its_middle() -> None:
    for seed in range(40):
        scene = scenes().box(np.random.default_rng(seed))
        middle, half = PATCH // 2, SIDE // 2
        ring = scene.paper[middle - half - 6 : middle + half + 6, middle - half - 6 : middle + half + 6].astype(int)
        # Some borders have three sides, or are corners or brackets alone.
        sides = ring[:14].ravel(), ring[-14:].ravel(), ring[:, :14].ravel(), ring[:, -14:].ravel()
        assert sum(np.ptp(side) > 25 for side in sides) >= 3, f"seed {seed}: no border"
        assert all(max(abs(x), abs(y)) > 0.9 for x, y in scene.neighbours)


def test_scenes_are_the_same_for_the_same_seed() -> None:
    for draw in (scenes().box, scenes().no_box):
        assert np.array_equal(draw(np.random.default_rng(8)).paper, draw(np.random.default_rng(8)).paper)


def test_forms_are_split_by_name_and_mostly_train() -> None:
    parts = [part_of(f"form-{number}.pdf") for number in range(700)]
    assert part_of("form-1.pdf") is part_of("form-1.pdf")
    assert 0.6 < parts.count(Part.TRAIN) / 700 < 0.82
    assert min(parts.count(Part.TEST), parts.count(Part.VALIDATION)) > 60
