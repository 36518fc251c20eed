"""From the scores of a CTC network (Graves and others, ICML 2006) to text and how sure it is."""

from __future__ import annotations

from math import exp, inf

import numpy as np
import numpy.typing as npt

BLANK = 0

Scores = npt.NDArray[np.float32]
"""(columns, classes) log-probabilities."""


def best_path(scores: Scores) -> list[tuple[int, float]]:
    """The likeliest class of each column, repeats and blanks dropped: labels, each with its highest probability."""
    best = scores.argmax(axis=1)
    return collapsed(best, np.exp(scores[np.arange(len(best)), best]))


def collapsed(best: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float32]) -> list[tuple[int, float]]:
    """A class and its probability for each column, repeats and blanks dropped."""
    found: list[tuple[int, float]] = []
    before = BLANK
    for label, probability in zip(best.tolist(), probabilities.tolist(), strict=True):
        if label != BLANK and label == before:
            found[-1] = (label, max(found[-1][1], probability))
        elif label != BLANK:
            found.append((label, probability))
        before = label
    return found


def probabilities_of(scores: Scores, labels: list[int]) -> list[float]:
    """Of each of `labels`, where the likeliest path that spells them has it: the highest of its columns.

    All 0 where no path spells them.
    """
    spelled = [BLANK] * (2 * len(labels) + 1)
    spelled[1::2] = labels
    # The blank between two characters that differ may be left out.
    skips = [state > 1 and state % 2 == 1 and spelled[state] != spelled[state - 2] for state in range(len(spelled))]
    first, *rest = scores[:, spelled].tolist()
    reached = [*first[:2], *[-inf] * (len(spelled) - 2)]
    steps: list[list[int]] = []
    for column in rest:
        step, moved = [], []
        for state, seen in enumerate(column):
            back, best = 0, reached[state]
            if state and reached[state - 1] > best:
                back, best = 1, reached[state - 1]
            if skips[state] and reached[state - 2] > best:
                back, best = 2, reached[state - 2]
            step.append(back)
            moved.append(best + seen)
        steps.append(step)
        reached = moved
    state = len(spelled) - 1 - int(len(spelled) > 1 and reached[-2] > reached[-1])
    found = [0.0] * len(labels)
    if reached[state] == -inf:
        return found
    for column, step in zip([first, *rest][::-1], [*steps[::-1], [0] * len(spelled)], strict=True):
        if state % 2:
            found[state // 2] = max(found[state // 2], exp(column[state]))
        state -= step[state]
    return found
