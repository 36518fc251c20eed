"""Texts of one writer's characters, over a small file of made-up pen strokes."""

from __future__ import annotations

import numpy as np
import pytest

from synthesis.ink.crop_ink import bounds
from synthesis.ink.one_hand import Hands
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.ink.stroke_variety import varied

SLASH_OF_TWO = "/"


@pytest.fixture(scope="module")
def strokes(tmp_path_factory: pytest.TempPathFactory) -> PenStrokes:
    """Writers 8 and 18 (validation): both wrote the digits, 18 a slash too, and 8 a seven much too wide."""
    segments = [(8, digit, (10, 64)) for digit in "0123456789"] + [(18, digit, (30, 60)) for digit in "0123456789"]
    segments += [(18, SLASH_OF_TWO, (20, -64)), (8, "7", (900, 20))]
    steps = np.array([[(0, 0), move] for _, _, move in segments], dtype=np.int16).reshape(-1, 2)
    file = tmp_path_factory.mktemp("ink") / "strokes.npz"
    np.savez(
        file,
        dx=steps[:, 0],
        dy=steps[:, 1],
        stroke_len=np.full(len(segments), 2),
        seg_strokes=np.ones(len(segments), np.int64),
        writer=np.array([writer for writer, _, _ in segments]),
        labels=np.frombuffer("\n".join(text for _, text, _ in segments).encode(), dtype=np.uint8),
    )
    return PenStrokes(file)


def test_a_text_is_written_by_one_writer_in_characters_of_one_height(strokes: PenStrokes) -> None:
    hands = Hands(strokes, Part.VALIDATION, "0123456789", besides="/", widest=3.0)
    for seed in range(12):
        random = np.random.default_rng(seed)
        hand = hands.pick(random)
        text = hand.known("12/7/1999")
        assert text in ("12/7/1999", "1271999")
        placed = hand.write(text, random)
        assert len(placed) == len(text)
        lefts = [stroke[:, 0].min() for stroke in placed]
        assert lefts == sorted(lefts)
        assert all(np.ptp(stroke[:, 1]) == pytest.approx(1, abs=0.01) for stroke in placed)
        # The seven that is much too wide was taken for a fault of recording.
        assert all(np.ptp(stroke[:, 0]) < 1 for stroke in placed)


def test_writers_who_lack_a_character_are_not_asked(strokes: PenStrokes) -> None:
    hands = Hands(strokes, Part.VALIDATION, "0123456789/")
    assert {hands.pick(np.random.default_rng(seed)).known("/") for seed in range(8)} == {"/"}


def test_a_text_is_given_to_somebody_who_can_write_it(strokes: PenStrokes) -> None:
    hands = Hands(strokes, Part.VALIDATION, "0123456789", besides="/")
    assert {hands.pick(np.random.default_rng(seed), "1/2").known("/") for seed in range(8)} == {"/"}
    with pytest.raises(ValueError, match="no writer"):
        hands.pick(np.random.default_rng(0), "1-2")


def test_varied_strokes_are_others_each_time_of_like_height_and_the_same_for_a_seed() -> None:
    written = [np.column_stack([np.linspace(0, 3, 30), np.sin(np.linspace(0, 9, 30)) / 2]), np.array([[1.0, -0.7]])]
    found = [varied(written, np.random.default_rng(seed)) for seed in range(20)]
    assert all([len(stroke) for stroke in one] == [30, 1] for one in found)
    heights = [bounds(one)[3] - bounds(one)[1] for one in found]
    widths = [bounds(one)[2] - bounds(one)[0] for one in found]
    assert 0.8 < min(heights) < max(heights) < 2.5
    assert max(widths) > 1.15 * min(widths)
    again = varied(written, np.random.default_rng(3))
    assert all(np.array_equal(one, other) for one, other in zip(again, found[3], strict=True))
