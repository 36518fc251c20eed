"""Drawn with a pen and no signature: arrows, combs, plots, circuits, sums, music. Nothing is chosen on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from synthesis.ink.pen import Points
from synthesis.unsigned.leaf import WIDTH, Leaf

_TURN = np.linspace(0, 2 * np.pi, 60)


def margin_arrows(leaf: Leaf, x: float, y: float) -> None:
    """Arrows from the margin to lines of print, of one shaft or two, some bowed, some with two heads."""
    left = x + 30
    for row in range(7):
        leaf.type(leaf.words(5), left + 40, y + 12 + 15 * row, 6, "lora")
    for _ in range(int(leaf.random.integers(1, 4))):
        end = np.array((left + 36, y + 8 + 15 * float(leaf.random.integers(0, 7))))
        start = end - leaf.random.uniform((25, -30), (62, 30))
        along = np.linspace(0, 1, 30)
        bow = float(leaf.random.normal(0, 8)) * np.sin(np.pi * along)
        shaft = start + along[:, None] * (end - start) + np.column_stack([np.zeros(30), bow])
        strokes = [shaft, _head(leaf, shaft)]
        if leaf.random.random() < 0.25:
            strokes.append(shaft + np.array((0.0, 3.0)))
        if leaf.random.random() < 0.25:
            strokes.append(_head(leaf, shaft[::-1]))
        _draw(leaf, strokes, float(leaf.random.uniform(0.8, 1.6)))


def combs_filled(leaf: Leaf, x: float, y: float) -> None:
    """Dates, capitals and initial letters of a hand in cells, framed all around or from below alone."""
    hand, left, side = leaf.font_hand(), x, float(leaf.random.uniform(14, 20))
    framed = leaf.random.random() < 0.5
    for row, (label, text) in enumerate(
        (
            ("Date of birth", leaf.date().replace(" ", "")),
            ("Initials", leaf.name()[:1] + leaf.name()[:1]),
            ("Surname", leaf.name().split()[1].upper()),
        )
    ):
        top = y + 10 + 36 * row
        leaf.type(label, left, top - 3, 4.5, "arimo")
        for cell, sign in enumerate(text[:14]):
            at = left + side * cell
            high = 0.0 if framed else 0.55 * side
            leaf.curve(
                np.array([(at, top + high), (at, top + side), (at + side, top + side), (at + side, top + high)]),
                0.5,
                80,
                closed=framed,
            )
            leaf.write(sign, at + 0.25 * side, top + 0.82 * side, 0.55 * side, hand)


def plot_by_hand(leaf: Leaf, x: float, y: float) -> None:
    """Two axes with heads, a curve or two, letters at the axes."""
    wide, high = float(leaf.random.uniform(90, 190)), float(leaf.random.uniform(60, 110))
    up, across = np.array([(0, high), (1, 0)]), np.array([(0, high), (wide, high - 1)])
    strokes = [up, _head(leaf, _fine(up)), across, _head(leaf, _fine(across))]
    along = np.linspace(0.05, 0.9, 60)
    for _ in range(int(leaf.random.integers(1, 3))):
        bend, phase = float(leaf.random.uniform(1, 9)), float(leaf.random.uniform(0, 6))
        level = 0.5 + 0.35 * np.sin(bend * along + phase) * along
        strokes.append(np.column_stack([along * wide, level * high]))
    _draw(leaf, [_shaken(leaf, one) + np.array((x, y)) for one in strokes], 1.1)
    hand = leaf.font_hand()
    leaf.write(leaf.pick(("t", "x", "km")), x + wide + 4, y + high + 4, 8, hand)
    leaf.write(leaf.pick(("v", "y", "f(x)")), x - 14, y + 8, 8, hand)


def circuit_by_hand(leaf: Leaf, x: float, y: float) -> None:
    """A loop of wire with a cell, a resistor and a lamp, shaken as hands draw."""
    wide, high = float(leaf.random.uniform(90, 180)), float(leaf.random.uniform(50, 90))
    teeth = np.column_stack([np.linspace(0.3, 0.6, 9) * wide, np.tile((0, 6, 0, -6), 3)[:9]])
    lamp = np.array((wide, 0.5 * high)) + 9 * np.column_stack([np.cos(_TURN), np.sin(_TURN)])
    cross = np.array([(-6, -6), (6, 6)])
    strokes = [
        *(np.array([(0, 0.44 * high), (0, 0), (0.3 * wide, 0)]), teeth),
        *(np.array([(0.6 * wide, 0), (wide, 0), (wide, 0.5 * high - 9)]), lamp),
        *(np.add(one, (wide, 0.5 * high)) for one in (cross, cross * (1, -1))),
        np.array([(wide, 0.5 * high + 9), (wide, high), (0, high), (0, 0.54 * high)]),
        *(np.array([(-12, 0.44 * high), (12, 0.44 * high)]), np.array([(-6, 0.54 * high), (6, 0.54 * high)])),
    ]
    _draw(leaf, [_shaken(leaf, one) + np.array((x + 14, y + 12)) for one in strokes], 1.1)
    leaf.write(leaf.pick(("R1", "10k", "U", "12V")), x + 0.42 * wide, y + 34, 8, leaf.font_hand())


def formula_by_hand(leaf: Leaf, x: float, y: float) -> None:
    """An integral, a root or a sum with a fraction."""
    hand, height = leaf.font_hand(), float(leaf.random.uniform(24, 40))
    turns = np.linspace(-1.2, 1.2, 30)
    integral = np.column_stack([0.25 * height * np.sin(2.6 * turns), height * (0.5 + turns / 2.4)])
    root = np.array([(0, 0.6), (0.12, 0.5), (0.3, 1.0), (0.5, 0.0), (2.6, -0.02)]) * height
    total = np.array([(0.8, 0), (0, 0), (0.45, 0.5), (0, 1), (0.85, 1)]) * height
    strokes = [leaf.pick((integral, root, total)), np.array([(1.2, 0.52), (2.5, 0.5)]) * height]
    _draw(leaf, [_shaken(leaf, one, 0.4) + np.array((x + 10, y + 12)) for one in strokes], 1.2)
    leaf.write(leaf.pick(("x + 1", "2ab", "n - k")), x + 14 + 1.2 * height, y + 8 + 0.45 * height, 0.3 * height, hand)
    leaf.write(leaf.pick(("x2", "4c", "n!")), x + 20 + 1.3 * height, y + 14 + 0.95 * height, 0.3 * height, hand)
    leaf.write(
        leaf.pick(("dx = 7", "= 0", "= 12,5")), x + 16 + 2.7 * height, y + 12 + 0.6 * height, 0.35 * height, hand
    )


def tallies(leaf: Leaf, x: float, y: float) -> None:
    """Strokes in groups of five, the fifth across, in some rows."""
    for row in range(int(leaf.random.integers(1, 5))):
        leaf.type(leaf.words(1).capitalize(), x, y + 18 + 26 * row, 6, "roboto")
        for group in range(int(leaf.random.integers(1, 5))):
            left = x + 60 + 34 * group
            count = int(leaf.random.integers(2, 6))
            strokes = [
                np.array([(left + 5 * n, y + 4.0 + 26 * row), (left + 5 * n - 1, y + 22 + 26 * row)])
                for n in range(min(4, count))
            ]
            if count == 5:
                strokes.append(np.array([(left - 5, y + 20.0 + 26 * row), (left + 20, y + 7.0 + 26 * row)]))
            _draw(leaf, [_shaken(leaf, one, 0.7) for one in strokes], 1.1)


def insertion(leaf: Leaf, x: float, y: float) -> None:
    """Words of a hand over a line of print, with the sign that says where they belong, and a word struck out."""
    hand = leaf.font_hand()
    for row in range(4):
        leaf.type(leaf.words(7), x, y + 18 + 24 * row, 6.5, "tinos")
    place, level = x + float(leaf.random.uniform(30, 150)), y + 18 + 24 * float(leaf.random.integers(1, 4))
    marks = [np.array([(-6, 8), (0, -2), (6, 8)]), np.array([(20, -3), (58, -4)])]
    strokes = [np.add(one, (place, level)) for one in marks]
    _draw(leaf, [_shaken(leaf, one, 0.5) for one in strokes], 1.0)
    leaf.write(
        leaf.words(int(leaf.random.integers(1, 4))), place - 8, level - 9, float(leaf.random.uniform(6, 9)), hand
    )


def void_rest(leaf: Leaf, x: float, y: float) -> None:
    """A line, a Z or a cross of a pen through the part of a page that stays empty."""
    wide, high = float(leaf.random.uniform(140, 320)), float(leaf.random.uniform(60, 140))
    shapes = (
        [np.array([(0, high), (wide, 0)])],
        [np.array([(0, 0), (wide, 0), (0, high), (wide, high)])],
        [np.array([(0, 0), (wide, high)]), np.array([(0, high), (wide, 0)])],
    )
    bent = [_shaken(leaf, _fine(one), 0.5) + np.array((min(x, WIDTH - wide - 20), y)) for one in leaf.pick(shapes)]
    _draw(leaf, bent, float(leaf.random.uniform(0.9, 1.7)))


def marker_scribble(leaf: Leaf, x: float, y: float) -> None:
    """Words made unreadable with a broad marker, to and fro."""
    for row in range(4):
        wide = leaf.type(leaf.words(6), x, y + 14 + 20 * row, 7, "noto-serif")
        if leaf.random.random() < 0.5:
            teeth = int(leaf.random.integers(8, 30))
            start, reach = float(leaf.random.uniform(0, 0.4)) * wide, float(leaf.random.uniform(0.2, 0.55)) * wide
            level = np.where(np.arange(teeth) % 2, 0.0, 8.0) + leaf.random.normal(0, 1.2, teeth)
            stroke = np.column_stack([start + np.linspace(0, reach, teeth), level]) + np.array((x, y + 6 + 20 * row))
            _draw(leaf, [stroke], float(leaf.random.uniform(1.6, 4.5)))


def music_by_hand(leaf: Leaf, x: float, y: float) -> None:
    """Printed staves with notes of a pen, a clef and a slur."""
    wide = float(leaf.random.uniform(150, 260))
    for line in range(5):
        leaf.line((x, y + 20 + 6 * line), (x + wide, y + 20 + 6 * line), 0.4)
    turns = np.linspace(0, 3.2 * np.pi, 70)
    clef = np.column_stack([10 - 5 * np.cos(turns) * np.exp(-turns / 9), 34 + (turns - 5) * -3.6 + 5 * np.sin(turns)])
    strokes = [clef]
    for place in np.cumsum(leaf.random.uniform(13, 28, 12)):
        if place > wide - 30:
            break
        level = 20 + 3 * float(leaf.random.integers(1, 8))
        strokes.append(np.array((24 + place, level)) + np.column_stack([2.6 * np.cos(_TURN), 2 * np.sin(_TURN)]))
        strokes.append(np.array([(24 + place + 2.6, level), (24 + place + 3.2, level - 17)]))
        if leaf.random.random() < 0.3:
            strokes.append(np.array([(24 + place + 3, level - 17), (24 + place + 8, level - 12)]))
    _draw(leaf, [_shaken(leaf, one, 0.25) + np.array((x, y)) for one in strokes], 0.9)


def date_at_line(leaf: Leaf, x: float, y: float) -> None:
    """A place to sign that is empty, with place and date in a hand beside it or on a line of its own."""
    hand, left = leaf.font_hand(), min(x, 240.0)
    for start, label in (
        (left, leaf.pick(("Place, date", "Date"))),
        (left + 170, leaf.pick(("Signature", "Signature of the insured", "Sign here"))),
    ):
        leaf.line((start, y + 50), (start + 140, y + 50), 0.6)
        leaf.type(label, start, y + 59, 5, "arimo")
    town = leaf.pick(("Leeds, ", "Bonn, ", ""))
    leaf.write(town + leaf.date(), left + 4, y + 47, float(leaf.random.uniform(7, 11)), hand)


def faces_and_hearts(leaf: Leaf, x: float, y: float) -> None:
    """What is drawn beside good work: a smile, a heart, a star, a sun."""
    size = float(leaf.random.uniform(12, 30))
    ring = np.column_stack([np.cos(_TURN), np.sin(_TURN)])
    smile = [
        ring,
        np.array([(-0.5, 0.3), (-0.2, 0.55), (0.2, 0.55), (0.5, 0.25)]),
        ring * 0.08 + (-0.3, -0.3),
        ring * 0.08 + (0.3, -0.3),
    ]
    heart = [
        np.column_stack(
            [np.sin(_TURN) ** 3, -(13 * np.cos(_TURN) - 5 * np.cos(2 * _TURN) - 2 * np.cos(3 * _TURN)) / 16]
        )
    ]
    star = [np.array([(np.sin(turn), -np.cos(turn)) for turn in np.arange(6) * 4 * np.pi / 5])]
    sun = [ring * 0.5, *(np.array([ring[at] * 0.65, ring[at] * 1.1]) for at in range(0, 60, 8))]
    for number in range(int(leaf.random.integers(1, 4))):
        place = np.array((x + size + 2.6 * size * number, y + size + 4))
        drawn = leaf.pick((smile, heart, star, sun))
        _draw(
            leaf,
            [_shaken(leaf, one * size, 0.03 * size) + place for one in drawn],
            float(leaf.random.uniform(0.8, 1.5)),
        )


ASIDE_BY_HAND = {
    thing.__name__: thing
    for thing in (
        *(margin_arrows, combs_filled, plot_by_hand, circuit_by_hand, formula_by_hand, tallies, insertion, void_rest),
        *(marker_scribble, music_by_hand, date_at_line, faces_and_hearts),
    )
}


def _draw(leaf: Leaf, strokes: list[Points], width: float) -> None:
    """Strokes where they are, in points of the page."""
    left, top = np.min(np.vstack(strokes), axis=0)
    leaf.pen(strokes, float(left), float(top), 1.0, width)


def _head(leaf: Leaf, shaft: Points) -> Points:
    """Two barbs at the end of a shaft, as one stroke."""
    back = shaft[-1] - shaft[-5]
    back = back / max(1e-6, float(np.hypot(*back))) * float(leaf.random.uniform(5, 11))
    spread = leaf.random.uniform(0.35, 0.8, 2)
    barbs = [shaft[-1] - np.array(((1, -side), (side, 1))) @ back for side in (spread[0], -spread[1])]
    return np.vstack([barbs[0], shaft[-1], barbs[1]])


def _fine(points: Points) -> Points:
    """The same path with 20 points to each piece."""
    pieces = [one + np.linspace(0, 1, 20)[:, None] * (other - one) for one, other in pairwise(points)]
    return np.vstack(pieces)


def _shaken(leaf: Leaf, points: Points, by: float = 0.6) -> Points:
    return np.asarray(points + leaf.random.normal(0, by, points.shape))
