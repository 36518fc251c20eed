"""Where the network is in doubt whether a box is marked at all, the rules have a say.

They follow strokes over the whole page to the one box each is meant for, which no single crop can show.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.checkbox.page_ink import PageInk
from models.checkbox.reader import STATES
from models.checkbox.selection import Found
from models.checkbox.state import judge, measure, usual
from schemas.prediction import CheckboxState

_EMPTY = STATES.index(CheckboxState.EMPTY)
_DOUBT = 0.04
"""Boxes whose belief in empty is between this and its complement are asked about."""
_WEIGHT = 0.5
"""Of the rules' log-odds beside the network's; chosen on drawn forms held out."""


def in_doubt(states: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which of the n boxes the rules should be asked about, from (n, 7) beliefs."""
    empty = states[:, _EMPTY]
    return np.asarray((empty > _DOUBT) & (empty < 1 - _DOUBT))


def with_rules(
    states: npt.NDArray[np.float32], ink: PageInk, boxes: Sequence[Found], all_boxes: Sequence[Found]
) -> npt.NDArray[np.float32]:
    """The beliefs after the rules' vote on those in doubt.

    `boxes` are those of the n beliefs, in working pixels, `all_boxes` others of the page, which may own a stroke.
    """
    others = [box for box in all_boxes if not any(box.overlaps(known) for known in boxes)]
    marks = measure(ink, [*boxes, *others])
    common = usual(marks)
    out = states.copy()
    for index in np.flatnonzero(in_doubt(states)):
        state, sure = judge(marks[index], common)
        empty = sure if state is CheckboxState.EMPTY else 1 - sure
        factor = (empty / (1 - empty)) ** _WEIGHT
        out[index, _EMPTY] *= factor
        out[index] /= out[index].sum()
    return out
