"""Marks of a pen that say where to sign, or what does not count, and fibres that lie on a page while it is scanned.

Unit of all strokes: the height of a letter beside them; y points down.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthesis.ink.crop_ink import transformed
from synthesis.ink.pen import Points

Random = np.random.Generator
Strokes = list[Points]


def pointing(random: Random) -> Strokes:
    """Crosses and arrows at a place to sign: one or both, the arrow from any side, straight or bent."""
    strokes: Strokes = []
    kind = random.random()
    if kind < 0.75:
        strokes += transformed(_cross(random), np.eye(2) * random.uniform(0.5, 1.4), random.normal(0, 0.3, 2).tolist())
    if kind > 0.35:
        strokes += transformed(_arrow(random), np.eye(2), [random.uniform(-3.5, 0.3), random.uniform(-1.6, 1.0)])
    if random.random() < 0.12:
        strokes += transformed(_ring(random), np.eye(2), random.normal(0, 0.6, 2).tolist())
    return strokes


def fibre(random: Random) -> Strokes:
    """A hair or thread: one line that bends ever otherwise, some with an end that curls; others lie beside it."""
    strokes = []
    for _ in range(int(random.choice((1, 1, 1, 2, 3)))):
        count = int(random.integers(60, 220))
        # The bend drifts, as a thread's does; a pen's turns back.
        bend = np.cumsum(random.normal(0, random.uniform(0.002, 0.012), count)) + random.normal(0, 0.015)
        if random.random() < 0.3:
            bend[-count // 4 :] += random.normal(0, 0.12)
        heading = random.uniform(0, 2 * np.pi) + np.cumsum(bend)
        steps = 0.05 * np.column_stack([np.cos(heading), np.sin(heading)])
        strokes.append(np.cumsum(steps, axis=0) + random.normal(0, 0.8, 2))
    return strokes


def struck(random: Random, wide: float) -> Strokes:
    """Over a line of print `wide` units long: a line or two, a wave, loops or a zigzag."""
    start, end = random.uniform(-0.05, 0.4) * wide, random.uniform(0.55, 1.05) * wide
    kind, along = int(random.integers(4)), np.linspace(0, 1, 160)
    level, slope = random.uniform(0.3, 0.7), random.normal(0, 0.15)
    across = start + along * (end - start)
    if kind == 0:
        return [
            np.column_stack([across, level + slope * along + at + 0.04 * np.sin(along * random.uniform(3, 12))])
            for at in random.normal(0, 0.2, int(random.integers(1, 4)))
        ]
    turns = along * (end - start) * random.uniform(1.5, 5.0)
    high = random.uniform(0.2, 0.7)
    if kind == 1:
        return [np.column_stack([across, level + high * np.sin(turns) + slope * along])]
    if kind == 2:
        return [np.column_stack([across + high * np.cos(turns), level + high * np.sin(turns)])]
    teeth = 2 / np.pi * np.arcsin(np.sin(turns)) * (1 + random.normal(0, 0.1, len(along)).cumsum() / 10)
    return [np.column_stack([across, level + high * teeth + slope * along])]


def _cross(random: Random) -> Strokes:
    ends = np.array([[(0, 0), (1, 1)], [(1, 0), (0, 1)]], dtype=np.float64) + random.normal(0, 0.12, (2, 2, 2))
    bow = random.normal(0, 0.06, (2, 2))
    return [np.vstack([one[0], one.mean(axis=0) + bent, one[1]]) for one, bent in zip(ends, bow, strict=True)]


def _arrow(random: Random) -> Strokes:
    """A shaft with two barbs, or one stroke of both, pointing anywhere but mostly right or down."""
    length, turn = random.uniform(1.0, 4.5), random.normal(0.2, 0.7) + (np.pi if random.random() < 0.25 else 0)
    along = np.linspace(0, 1, 20)
    bow = random.normal(0, 0.18) * length * np.sin(np.pi * along)
    shaft = np.column_stack([length * (along - 1), bow])
    barb, spread = random.uniform(0.25, 0.8), random.uniform(0.35, 0.95, 2)
    last = float(np.arctan2(*(shaft[-1] - shaft[-4])[::-1]))
    barbs = [
        barb * random.uniform(0.8, 1.2) * np.array((-np.cos(last + side), -np.sin(last + side)))
        for side in (spread[0], -spread[1])
    ]
    head = np.vstack([barbs[0], (0, 0), barbs[1]])
    strokes = [shaft, head] if random.random() < 0.7 else [np.vstack([shaft, barbs[0]]), np.vstack([(0, 0), barbs[1]])]
    if random.random() < 0.2:
        strokes.append(shaft + np.array((0.0, random.uniform(0.15, 0.4))))
    return transformed(strokes, _turned(turn), (0, 0))


def _ring(random: Random) -> Strokes:
    turns = np.linspace(0, random.uniform(1.9, 2.4) * np.pi, 50) + random.uniform(0, 6)
    reach = np.linspace(1.0, random.uniform(0.85, 1.15), 50)
    return [np.column_stack([random.uniform(1.0, 2.2) * reach * np.cos(turns), reach * np.sin(turns)])]


def _turned(angle: float) -> NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
