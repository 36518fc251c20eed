"""How people mark a box: strokes in units of the box, its centre at the origin, y down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from schemas.prediction import CheckboxState
from synthesis.pen import Points

Strokes = list[Points]


def mark_strokes(state: CheckboxState, random: np.random.Generator) -> Strokes:
    """Strokes that bring an empty box into `state`, drawn anew for each box.

    Marks are sloppy as real ones are: larger than the box, off its centre, with a tail.
    Raises ValueError for a state that no pen makes (unreadable).
    """
    if state is CheckboxState.EMPTY:
        return []
    if state not in _MAKERS:
        raise ValueError(f"no pen draws the state {state.value!r}; use one of {sorted(s.value for s in _MAKERS)}")
    size = random.uniform(0.85, 1.2)
    shift = random.normal(0, 0.07, 2)
    turn = random.normal(0, 0.12)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    strokes = _MAKERS[state](random)
    return [(stroke + random.normal(0, 0.035, stroke.shape)) @ spin.T * size + shift for stroke in strokes]


def _points(*pairs: tuple[float, float]) -> Points:
    return np.array(pairs, dtype=np.float64)


def _tick(random: np.random.Generator) -> Strokes:
    tail = random.uniform(0.45, 1.1)
    return [
        _points(
            (-0.38, -0.02),
            (-0.22, 0.2),
            (-0.08, 0.42),
            (0.12, 0.02),
            (0.35, -0.32),
            (0.35 + tail * 0.4, -0.35 - tail * 0.4),
        )
    ]


def _cross(random: np.random.Generator) -> Strokes:
    reach = random.uniform(0.42, 0.62)
    bow = random.normal(0, 0.05, 2)
    down = _points((-reach, -reach), (bow[0], -bow[0]), (reach, reach))
    up = _points((reach, -reach), (bow[1], bow[1]), (-reach, reach))
    if random.random() < 0.2:  # drawn without lifting the pen
        return [np.vstack([down, up])]
    return [down, up]


def _filled(random: np.random.Generator) -> Strokes:
    rows = int(random.integers(9, 13))
    heights = np.linspace(-0.42, 0.42, rows)
    sides = np.where(np.arange(rows) % 2 == 0, -0.42, 0.42)
    return [np.column_stack([sides, heights]), np.column_stack([heights, sides])]


def _scribbled_out(random: np.random.Generator) -> Strokes:
    waves = int(random.integers(7, 11))
    x = np.linspace(-0.75, 0.75, waves)
    y = np.where(np.arange(waves) % 2 == 0, -0.6, 0.6)
    return [*_cross(random), np.column_stack([x, y])]


def _other(random: np.random.Generator) -> Strokes:
    if random.random() < 0.5:
        return [_points((-0.5, 0.5), (0.0, -0.04), (0.55, -0.6))]
    angles = np.linspace(0, 2.2 * np.pi, 14) + random.uniform(0, 6)
    return [np.column_stack([0.3 * np.cos(angles), 0.28 * np.sin(angles)])]


_MAKERS: dict[CheckboxState, Callable[[np.random.Generator], Strokes]] = {
    CheckboxState.TICKED: _tick,
    CheckboxState.CROSSED: _cross,
    CheckboxState.FILLED: _filled,
    CheckboxState.SCRIBBLED_OUT: _scribbled_out,
    CheckboxState.MARKED: _other,
}
