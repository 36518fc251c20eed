"""Pages with one signature of a kind that is easily missed: corners in place of loops, over print, with a marker."""

from __future__ import annotations

import numpy as np

from synthesis.ink.signature_hand import Strokes
from synthesis.unsigned.leaf import Leaf
from synthesis.unsigned.printed_things import stamp

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points."""


def spikes(leaf: Leaf, x: float, y: float) -> Box:
    """A pen thrown to and fro over the word that asks for a signature: every stroke as straight as a ruler's."""
    _asked(leaf, x, y)
    count = int(leaf.random.integers(4, 11))
    turns = np.where(np.arange(count) % 2, 1.25, -1.15) + leaf.random.normal(0, 0.22, count)
    lengths = float(leaf.random.uniform(16, 48)) * leaf.random.uniform(0.7, 1.3, count)
    path = np.cumsum(lengths[:, None] * np.column_stack([np.abs(np.cos(turns)) + 0.12, np.sin(turns)]), axis=0)
    strokes = [np.vstack([(0.0, 0.0), path])]
    return _penned(leaf, strokes, x + 14, y + 50 - float(np.ptp(path[:, 1])), 1.0, float(leaf.random.uniform(0.9, 1.6)))


def over_print(leaf: Leaf, x: float, y: float) -> Box:
    """Across lines of print, as where no room was left."""
    for row in range(5):
        leaf.type(leaf.words(8), x, y + 12 + 13 * row, 6, "tinos")
    size = float(leaf.random.uniform(14, 24))
    return _penned(leaf, leaf.strokes.signature(leaf.random), x + 20, y + 8, size, float(leaf.random.uniform(0.9, 1.7)))


def over_label(leaf: Leaf, x: float, y: float) -> Box:
    """Through the word that asks for it and the line."""
    _asked(leaf, x, y)
    size = float(leaf.random.uniform(13, 24))
    return _penned(
        leaf, leaf.strokes.signature(leaf.random), x + 10, y + 30, size, float(leaf.random.uniform(0.9, 1.6))
    )


def on_stamp(leaf: Leaf, x: float, y: float) -> Box:
    """Over the stamp of an office."""
    stamp(leaf, x, y)
    size = float(leaf.random.uniform(15, 26))
    return _penned(
        leaf, leaf.strokes.signature(leaf.random), x + 12, y + 18, size, float(leaf.random.uniform(1.0, 1.7))
    )


def marker(leaf: Leaf, x: float, y: float) -> Box:
    """With a thick pen on a line."""
    _asked(leaf, x, y)
    size = float(leaf.random.uniform(14, 24))
    return _penned(
        leaf, leaf.strokes.signature(leaf.random), x + 10, y + 12, size, float(leaf.random.uniform(2.2, 3.4))
    )


UNUSUAL = {thing.__name__: thing for thing in (spikes, over_print, over_label, on_stamp, marker)}


def _asked(leaf: Leaf, x: float, y: float) -> None:
    leaf.line((x, y + 56), (x + 200, y + 56), 0.7)
    leaf.type(leaf.pick(("Signature", "Signature of applicant", "Signed")), x, y + 65, 5, "arimo")


def _penned(leaf: Leaf, strokes: Strokes, x: float, y: float, size: float, width: float) -> Box:
    before = leaf.image.copy()
    leaf.pen(strokes, x, y, size, width)
    ys, xs = np.nonzero(np.any(leaf.image != before, axis=2))
    left, top, right, bottom = (float(value) / leaf.scale for value in (xs.min(), ys.min(), xs.max(), ys.max()))
    return left, top, right, bottom
