"""Takes away what lies as the glass or a frame does and not as the text: dark edges, borders, long rules."""

from __future__ import annotations

import cv2
import numpy as np

from models.ink import Ink
from models.pieces import pieces_of

MARGIN = 0.035
"""Of the shorter side: as far in as a dark edge is looked for."""
_LONG = 0.5
"""Of the page's width or height: what hangs together over as much is a frame, a table or a rule."""
_LETTER = (0.004, 0.05)
"""Height of a letter, of the page's longer side."""
_A_LINE = 0.15
"""Of the page's width: so much of letters and words side by side is text."""


def without_edges(ink: Ink) -> Ink:
    """`ink` without frames and rules where there is text, and without what hangs together with the page's border.

    Dark edges, the bed of a scanner and printed borders need not lie as the text does. Of what hangs at the border only
    that in the margin goes, so that rules which run off the page lose their ends only. A page with hardly anything
    but frames and rules keeps them: there they are all that tells.
    """
    height, width = ink.shape
    # At half the size: what hangs together does so there too, at a quarter of the cost.
    half = cv2.resize(ink, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    pieces = pieces_of((half > 0).view(np.uint8))
    labels = pieces.labels
    rows, columns = labels.shape
    left, top, wide, high = pieces.boxes.T
    at_border = (left == 0) | (top == 0) | (left + wide == columns) | (top + high == rows)
    least, most = (share * max(labels.shape) for share in _LETTER)
    words = (high >= least) & (high <= most) & (wide >= least) & (wide <= 0.5 * columns)
    long = (wide >= _LONG * columns) | (high >= _LONG * rows)
    if wide[words].sum() < _A_LINE * columns:
        long[:] = False
    at_border[0] = long[0] = False
    if not at_border.any() and not long.any():
        return ink
    margin = max(1, round(MARGIN * min(labels.shape)))
    goes = at_border[labels]
    goes[margin:-margin, margin:-margin] = False
    goes |= long[labels]
    stays = cv2.resize((~goes).view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.copyTo(ink, stays), dtype=np.float32)
