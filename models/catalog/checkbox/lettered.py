"""Round choices with letters printed in them, as on answer sheets: a letter is no mark, and hides one over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.catalog.checkbox.crossings import is_like
from models.catalog.checkbox.reader import STATES
from models.catalog.checkbox.seen import Seen
from schemas.prediction import CheckboxState

_FEWEST, _MOST_MARKED = 8, 0.6
"""Round choices, and the share of them that may seem marked: of each question one is."""
_SURELY_FILLED = 0.8
_UNSURE = 0.6


def with_letters_unread(boxes: Sequence[Seen]) -> list[Seen]:
    """The boxes; where more round ones seem marked than can be, these are unreadable unless they are surely filled."""
    round_ones = [box for box in boxes if box.place.radio]
    doubtful = [box.place for box in round_ones if not _is_plain(box)]
    if len(round_ones) < _FEWEST or len(doubtful) <= _MOST_MARKED * len(round_ones):
        return list(boxes)
    states = np.full(len(STATES), (1 - _UNSURE) / (len(STATES) - 1), np.float32)
    states[STATES.index(CheckboxState.UNREADABLE)] = _UNSURE
    # Of a ring with a letter in it, not each is seen to be round.
    return [
        replace(box, states=states)
        if not _is_plain(box) and any(is_like(box.place, other) for other in doubtful)
        else box
        for box in boxes
    ]


def _is_plain(box: Seen) -> bool:
    """Whether there is nothing in it, or nothing else."""
    return box.state is CheckboxState.EMPTY or box.states[STATES.index(CheckboxState.FILLED)] >= _SURELY_FILLED
