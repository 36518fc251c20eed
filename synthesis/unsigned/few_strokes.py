"""Things of few strokes to choose on: marks at a line to sign, fibres, ways drawn for somebody, names over a shop."""

from __future__ import annotations

import numpy as np

from synthesis.forms import form_words
from synthesis.ink.signing_marks import fibre, pointing
from synthesis.unsigned.leaf import Leaf


def pointing_at_line(leaf: Leaf, x: float, y: float) -> None:
    """Crosses and arrows of a pen at a line that is empty, some with a word."""
    leaf.line((x + 40, y + 60), (x + 220, y + 60), 0.7)
    leaf.type(leaf.pick(("Signature", "Sign here", "Signature of owner", "Signed")), x + 40, y + 69, 5, "arimo")
    size = float(leaf.random.uniform(10, 24))
    strokes = pointing(leaf.random)
    top = y + 58 - size * float(np.ptp(np.vstack(strokes)[:, 1])) * float(leaf.random.uniform(0.6, 1.1))
    leaf.pen(strokes, x + float(leaf.random.uniform(5, 60)), top, size, float(leaf.random.uniform(0.9, 1.7)))
    if leaf.random.random() < 0.4:
        leaf.write(leaf.pick(("here", "pls sign", "sign", "you")), x, y + 16, 9, leaf.font_hand())


def fibres(leaf: Leaf, x: float, y: float) -> None:
    """Hairs and threads that lay on the glass."""
    strokes = fibre(leaf.random)
    leaf.pen(strokes, x, y, float(leaf.random.uniform(6, 26)), float(leaf.random.uniform(0.3, 0.8)))


def way_there(leaf: Leaf, x: float, y: float) -> None:
    """Roads with a bend, a bridge, a circle where to turn and a mark where it is."""
    along = np.linspace(0, 1, 40)
    for _ in range(int(leaf.random.integers(2, 4))):
        start, end = leaf.random.uniform((0, 0), (200, 100), (2, 2))
        bow = float(leaf.random.normal(0, 14)) * np.sin(np.pi * along)
        road = start + along[:, None] * (end - start) + np.column_stack([bow, -bow])
        left, top = road.min(axis=0)
        leaf.pen([road], x + float(left), y + float(top), 1.0, float(leaf.random.uniform(0.8, 1.6)))
    turns = np.linspace(0, 2.1 * np.pi, 40)
    leaf.pen([np.column_stack([8 * np.cos(turns), 7 * np.sin(turns)])], x + 70, y + 40, 1.0, 1.1)
    mark = pointing(leaf.random)
    leaf.pen(mark, x + 120, y + 20, float(leaf.random.uniform(8, 16)), 1.2)
    leaf.write(leaf.pick(("shop", "A 7", "here", "bridge")), x + 150, y + 90, 8, leaf.font_hand())


def over_the_shop(leaf: Leaf, x: float, y: float) -> None:
    """A name in display type and what is sold there in small capitals, some with a swing below."""
    size = float(leaf.random.uniform(14, 34))
    wide = leaf.type(leaf.pick(form_words.LAST), x, y + 1.3 * size, size, leaf.display_face())
    if leaf.random.random() < 0.5:
        along = np.linspace(0, 1, 40)
        level = y + 1.7 * size + 0.15 * size * np.sin(along * 6)
        leaf.curve(np.column_stack([x + along * max(40.0, wide), level]), float(leaf.random.uniform(0.8, 2)), 50)
    leaf.type(leaf.pick(("BOOKS AND MORE", "SHOES", "FRESH FLOWERS", "JEWELLER")), x, y + 2.4 * size, 4.5, "roboto")


FEW_STROKES = {thing.__name__: thing for thing in (pointing_at_line, fibres, way_there, over_the_shop)}
