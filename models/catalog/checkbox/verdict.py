"""From beliefs to an answer: the state of a box, and how sure that is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.reader import STATES
from schemas.prediction import CheckboxState

MARKS = [
    STATES.index(state)
    for state in (CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED, CheckboxState.MARKED)
]
_EMPTY, _OUT, _UNREADABLE = (
    STATES.index(state) for state in (CheckboxState.EMPTY, CheckboxState.SCRIBBLED_OUT, CheckboxState.UNREADABLE)
)
_SUREST = 0.999
"""No answer is certain."""
_LEAST = 0.5
"""Where nothing is likelier than this, the box is unreadable."""
_KIND = 0.5
"""Share of the belief in a mark that its kind must have to be told; below it the mark is `marked`."""


def verdict(states: npt.NDArray[np.float32]) -> tuple[CheckboxState, float]:
    """The answer for one box, from the beliefs in STATES, with its probability."""
    marked = float(states[MARKS].sum())
    answers = {
        CheckboxState.EMPTY: float(states[_EMPTY]),
        CheckboxState.MARKED: marked,
        CheckboxState.SCRIBBLED_OUT: float(states[_OUT]),
        CheckboxState.UNREADABLE: float(states[_UNREADABLE]),
    }
    state = max(answers, key=lambda one: answers[one])
    if answers[state] < _LEAST:
        return CheckboxState.UNREADABLE, answers[state]
    if state is CheckboxState.MARKED:
        kind = max(MARKS, key=lambda index: states[index])
        if states[kind] >= _KIND * marked:
            return STATES[kind], float(states[kind])
    return state, answers[state]


def is_marked(states: npt.NDArray[np.float32]) -> bool:
    """Whether the answer is any mark."""
    return verdict(states)[0] not in (CheckboxState.EMPTY, CheckboxState.UNREADABLE)


def said(sure: float) -> float:
    """A probability as it is reported."""
    return round(min(sure, _SUREST), 4)
