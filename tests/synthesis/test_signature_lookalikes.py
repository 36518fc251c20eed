"""What is taken for a signature, or for none, is drawn for training in other faces than it is measured with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from synthesis.fonts import (
    TRAINING_DISPLAY,
    TRAINING_SIGNATURE_HANDS,
    UNSIGNED_DISPLAY,
    UNSIGNED_DISPLAY_ASIDE,
    UNSIGNED_SCRIPTS_ASIDE,
    FontFolder,
)
from synthesis.ink.crop_ink import bounds
from synthesis.ink.display_type import DisplayType
from synthesis.ink.signing_marks import Strokes, fibre, pointing, struck

SEEDS = range(40)


@pytest.mark.parametrize(
    "draw", [pointing, fibre, lambda random: struck(random, 8.0)], ids=["point", "fibre", "strike"]
)
def test_marks_are_strokes_and_the_same_again(draw: Callable[[np.random.Generator], Strokes]) -> None:
    for seed in SEEDS:
        strokes, again = (draw(np.random.default_rng(seed)) for _ in range(2))
        left, top, right, bottom = bounds(strokes)
        assert np.isfinite([left, top, right, bottom]).all()
        assert max(right - left, bottom - top) > 0.4
        assert all(np.array_equal(one, other) for one, other in zip(strokes, again, strict=True))


def test_a_struck_line_is_struck_for_the_most_part_and_hardly_leaves_it() -> None:
    for seed in SEEDS:
        left, top, right, bottom = bounds(struck(np.random.default_rng(seed), 10.0))
        assert left < 5 < right
        assert top > -2.5
        assert bottom < 3.5


def test_display_type_is_drawn_in_ink_and_no_face_is_for_training_and_for_measuring(fonts: FontFolder) -> None:
    type_ = DisplayType(fonts, TRAINING_DISPLAY[:2], 1)
    for seed in SEEDS:
        ink = type_.draw(np.random.default_rng(seed), 40.0)
        assert 0.01 < (ink > 100).mean() < 0.95
    assert set(TRAINING_DISPLAY) < set(UNSIGNED_DISPLAY)
    aside = {*UNSIGNED_DISPLAY_ASIDE, *UNSIGNED_SCRIPTS_ASIDE}
    assert not aside & {*UNSIGNED_DISPLAY, *TRAINING_SIGNATURE_HANDS}
