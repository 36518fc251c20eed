"""What is a box although print is around it: it has to be surer, and not by the company of other print alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.detection import SURELY, THRESHOLD, confidences
from models.catalog.checkbox.print_rows import Amid
from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.verdict import is_marked

_LEAST = {Amid.NOTHING: THRESHOLD, Amid.WALLS: SURELY, Amid.SPACED: THRESHOLD, Amid.LETTERS: 0.985}
"""Confidence from which there is a box, by what is around it."""
_LEAST_ALONE = {Amid.WALLS: THRESHOLD, Amid.SPACED: 0.9, Amid.LETTERS: 0.9}
"""The same of what may be print, without the company of other print."""
_UNSURE = 0.9
"""Belief in a state up to which what is between walls may be a figure of a table."""


def not_printed(
    around: Mapping[int, Amid],
    found: Sequence[Found],
    network: npt.NDArray[np.float32],
    sure: npt.NDArray[np.float64],
    states: Sequence[npt.NDArray[np.float32]],
) -> list[int]:
    """Of the numbers in `around` those that are boxes; letters of a row and figures of a table vouch for none."""
    # A letter that stands by itself seems empty, and a figure in a cell is surely no mark.
    around = {i: Amid.NOTHING if amid is Amid.SPACED and is_marked(states[i]) else amid for i, amid in around.items()}
    printed = [
        i
        for i, amid in around.items()
        if amid in (Amid.SPACED, Amid.LETTERS) or (amid is Amid.WALLS and float(states[i].max()) < _UNSURE)
    ]
    alone = confidences(found, network, ~np.isin(np.arange(len(found)), printed))
    return [
        i
        for i, amid in around.items()
        if sure[i] >= _LEAST[amid] and (i not in printed or alone[i] >= _LEAST_ALONE[amid])
    ]
