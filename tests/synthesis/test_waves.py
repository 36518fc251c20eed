"""Waves bend ink smoothly."""

from __future__ import annotations

import numpy as np

from synthesis.ink.waves import Wave, shift, shift_points

WAVES = ([Wave(0.2, (0.0, 1.3), 0.4), Wave(0.1, (0.7, 0.0), 2.0)], [Wave(0.3, (1.1, 0.5), 1.0)])


def test_points_and_pixels_are_moved_alike() -> None:
    points = np.random.default_rng(1).uniform(-3, 3, (50, 2))
    x, y = shift(points[:, 0], points[:, 1], *WAVES)
    assert np.array_equal(shift_points(points, *WAVES), np.stack([x, y], axis=1))
    assert 0.05 < np.abs(x).max() <= 0.3
    assert 0.05 < np.abs(y).max() <= 0.3


def test_neighbours_move_along() -> None:
    line = np.column_stack([np.linspace(0, 6, 600), np.zeros(600)])
    shifts = shift_points(line, *WAVES)
    assert np.abs(shifts).max() > 0.2
    assert np.abs(np.diff(shifts, axis=0)).max() < 0.005


def test_without_waves_nothing_moves() -> None:
    points = np.random.default_rng(2).uniform(-3, 3, (5, 2))
    assert np.array_equal(points + shift_points(points, [], []), points)
