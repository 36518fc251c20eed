"""How people mark a box: strokes in units of the box, its centre at the origin, y down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from schemas.prediction import CheckboxState
from synthesis.ink.pen import Points

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


def varied_strokes(state: CheckboxState, random: np.random.Generator, pen: float) -> Strokes:
    """As `mark_strokes`, but with what many people do: grazing ticks, long tails, loops, hatching, corrections.

    `pen` is the width of the stroke in sides of the box: what is filled must be filled with that pen.
    Raises ValueError for a state that no pen makes.
    """
    if state is CheckboxState.EMPTY:
        return []
    if state not in _VARIED:
        raise ValueError(f"no pen draws the state {state.value!r}; use one of {sorted(s.value for s in _VARIED)}")
    makers = _VARIED[state]
    strokes = makers[int(random.integers(len(makers)))](random, pen)
    turn = random.normal(0, 0.1)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return [(curved(stroke) + random.normal(0, 0.006, (1, 2))) @ spin.T for stroke in strokes]


def curved(points: Points, steps: int = 6) -> Points:
    """A smooth line through all points (quadratic pieces between the middles)."""
    if len(points) < 3:
        return points
    middles = (points[:-1] + points[1:]) / 2
    t = np.linspace(0, 1, steps)[None, :, None]
    before, corner, after = middles[:-1, None], points[1:-1, None], middles[1:, None]
    # Towards the corner by more than a parabola would, or ticks lose their point.
    near = (1 - t) ** 2 * before + 2 * t * (1 - t) * corner + t**2 * after
    pieces = near + 0.45 * (corner - near) * (4 * t * (1 - t)) ** 2
    return np.vstack([points[:1], pieces.reshape(-1, 2), points[-1:]])


def _free_tick(random: np.random.Generator, pen: float) -> Strokes:
    corner = np.array([random.normal(-0.05, 0.16), random.uniform(-0.05, 0.5)])
    return [_tick_from(corner, random, random.uniform(0.5, 1.5))]


def _grazing_tick(random: np.random.Generator, pen: float) -> Strokes:
    """Its corner stands beside or below the box, and only an arm touches it."""
    side = random.choice([-1.0, 1.0])
    corner = np.array([side * random.uniform(0.25, 0.7), random.uniform(0.15, 0.8)])
    return [_tick_from(corner, random, random.uniform(0.9, 2.2))]


def _long_tick(random: np.random.Generator, pen: float) -> Strokes:
    corner = np.array([random.normal(-0.2, 0.3), random.uniform(-0.1, 0.65)])
    return [_tick_from(corner, random, random.uniform(1.4, 3.2))]


def _outside_tick(random: np.random.Generator, pen: float) -> Strokes:
    """Drawn beside, below or above the box: it ends at the border, or just before it."""
    tick = _tick_from(np.zeros(2), random, random.uniform(0.6, 1.5))
    low, high = tick.min(axis=0), tick.max(axis=0)
    gap = 0.5 + pen / 2 + random.uniform(-0.2, 0.2)
    shift = random.uniform(-0.35, 0.35, 2) - (low + high) / 2
    axis = int(random.integers(2))
    shift[axis] = -gap - high[axis] if random.random() < 0.5 else gap - low[axis]
    return [tick + shift]


def _tick_from(corner: Points, random: np.random.Generator, tail: float) -> Points:
    rise = np.radians(random.uniform(14, 74))
    fall = np.radians(random.uniform(15, 88))
    short = random.uniform(0.15, 0.6) * min(1.3, max(0.6, tail))
    start = corner + short * np.array([-np.cos(fall), -np.sin(fall)])
    end = corner + tail * np.array([np.cos(rise), -np.sin(rise)])
    bow = (corner + end) / 2 + random.normal(0, 0.06 * tail, 2)
    points = np.vstack([start, (start + corner) / 2 + random.normal(0, 0.03, 2), corner, bow, end])
    if random.random() < 0.04:  # the left-handed way
        points[:, 0] = 2 * corner[0] - points[:, 0]
    return points


def _free_cross(random: np.random.Generator, pen: float) -> Strokes:
    reach = random.uniform(0.25, 0.6) if random.random() < 0.6 else random.uniform(0.6, 1.1)
    centre = random.normal(0, 0.09, 2) * (1 + reach)
    corners = np.array([(-1, -1), (1, 1), (1, -1), (-1, 1)])
    arms = corners + random.normal(0, 0.16, (4, 2))
    down = np.vstack([arms[0] * reach, random.normal(0, 0.07, 2), arms[1] * reach]) + centre
    up = np.vstack([arms[2] * reach, random.normal(0, 0.07, 2), arms[3] * reach]) + centre
    if random.random() < 0.25:  # without lifting the pen
        return [np.vstack([down, up])]
    return [down, up]


def _plus(random: np.random.Generator, pen: float) -> Strokes:
    reach, centre = random.uniform(0.3, 0.7), random.normal(0, 0.08, 2)
    level = _points((-reach, random.normal(0, 0.05)), (reach, random.normal(0, 0.05))) + centre
    post = _points((random.normal(0, 0.05), -reach), (random.normal(0, 0.05), reach)) + centre
    return [level, post]


def _hatched(random: np.random.Generator, pen: float) -> Strokes:
    """Zigzags of one or two directions, as dense as the pen needs to fill the box."""
    half = random.uniform(0.38, 0.52)
    rows = int(np.clip(np.ceil(2 * half / pen * random.uniform(0.75, 1.2)), 5, 26))
    strokes = [_zigzag(rows, half, half, random)]
    if random.random() < 0.5:
        strokes.append(_zigzag(rows, half, half, random)[:, ::-1])
    turn = random.choice([0.0, np.pi / 4, -np.pi / 4])
    if turn and half < 0.45:
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        strokes = [np.clip(stroke @ spin.T * 1.25, -0.48, 0.48) for stroke in strokes]
    return [stroke + random.normal(0, 0.04, 2) for stroke in strokes]


def _spun(random: np.random.Generator, pen: float) -> Strokes:
    """Round and round from the middle outwards."""
    out = random.uniform(0.32, 0.5)
    turns = float(np.clip(out / (0.8 * pen), 2, 9))
    angles = np.linspace(0, 2 * np.pi * turns, int(16 * turns)) + random.uniform(0, 6)
    away = np.linspace(0.03, out, len(angles)) * random.uniform(0.88, 1.08, len(angles))
    return [np.column_stack([away * np.cos(angles), away * np.sin(angles)]) + random.normal(0, 0.05, 2)]


def _zigzag(rows: int, wide: float, high: float, random: np.random.Generator) -> Points:
    heights = np.linspace(-high, high, rows) + random.normal(0, 0.25 * high / rows, rows)
    sides = np.where(np.arange(rows) % 2 == 0, -wide, wide) * random.uniform(0.82, 1.08, rows)
    return np.column_stack([sides, heights])


def _crossed_through(random: np.random.Generator, pen: float) -> Strokes:
    """A mark, then a zigzag well beyond the box over it."""
    first = (_free_tick, _free_cross, _free_cross, _hatched)[int(random.integers(4))](random, pen)
    waves = int(random.integers(6, 13))
    over = _zigzag(waves, random.uniform(0.5, 0.8), random.uniform(0.62, 1.05), random)
    return [*first, (over if random.random() < 0.3 else over[:, ::-1]) + random.normal(0, 0.06, 2)]


def _looped_out(random: np.random.Generator, pen: float) -> Strokes:
    """A mark, then loops along a line through it, as words are struck out."""
    first = (_free_tick, _free_cross, _hatched)[int(random.integers(3))](random, pen)
    turns, reach = int(random.integers(4, 9)), random.uniform(0.7, 1.2)
    angles = np.linspace(0, 2 * np.pi * turns, 14 * turns)
    along = np.linspace(-reach, reach, len(angles))
    high = random.uniform(0.4, 0.75)
    return [*first, np.column_stack([along + 0.3 * np.cos(angles), high * np.sin(angles)])]


def _struck_fill(random: np.random.Generator, pen: float) -> Strokes:
    """Filled, then struck through by two or three lines far beyond the box."""
    lines = []
    for _ in range(int(random.integers(2, 4))):
        level, slope = random.uniform(-0.35, 0.35), random.normal(0, 0.2)
        reach = random.uniform(0.9, 1.6)
        lines.append(_points((-reach, level - slope), (0, level), (reach, level + slope)))
    return [*_hatched(random, pen), *lines]


def _slash(random: np.random.Generator, pen: float) -> Strokes:
    reach, angle = random.uniform(0.4, 0.95), random.uniform(0, np.pi)
    step = reach * np.array([np.cos(angle), np.sin(angle)])
    return [np.vstack([-step, random.normal(0, 0.04, 2), step]) + random.normal(0, 0.08, 2)]


def _ringed(random: np.random.Generator, pen: float) -> Strokes:
    """A ring around the box, or a smaller one in it."""
    reach = random.uniform(0.85, 1.3) if random.random() < 0.6 else random.uniform(0.2, 0.4)
    angles = np.linspace(0, random.uniform(1.9, 2.5) * np.pi, 24) + random.uniform(0, 6)
    away = reach * (1 + 0.08 * np.sin(angles + random.uniform(0, 6)) + np.linspace(-0.05, 0.05, 24))
    return [np.column_stack([away * random.uniform(0.9, 1.3) * np.cos(angles), away * np.sin(angles)])]


Maker = Callable[[np.random.Generator, float], Strokes]
_VARIED: dict[CheckboxState, tuple[Maker, ...]] = {
    CheckboxState.TICKED: (_free_tick, _free_tick, _free_tick, _long_tick, _grazing_tick, _outside_tick),
    CheckboxState.CROSSED: (_free_cross, _free_cross, _free_cross, _plus),
    CheckboxState.FILLED: (_hatched, _hatched, _spun),
    CheckboxState.SCRIBBLED_OUT: (_crossed_through, _crossed_through, _looped_out, _struck_fill),
    CheckboxState.MARKED: (_slash, _slash, _ringed),
}
