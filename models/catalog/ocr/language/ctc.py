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
    spelled = np.full(2 * len(labels) + 1, BLANK)
    spelled[1::2] = labels
    # The blank between two characters that differ may be left out.
    skips = np.full(len(spelled), -inf)
    skips[3::2][spelled[3::2] != spelled[1:-2:2]] = 0
    seen = scores[:, spelled].astype(np.float64)
    # Two states more in front, which nothing reaches.
    reached = np.full(len(spelled) + 2, -inf)
    reached[2:4] = seen[0, :2]
    moves = np.empty((3, len(spelled)))
    steps = np.zeros(seen.shape, dtype=np.int64)
    for column in range(1, len(seen)):
        moves[0], moves[1] = reached[2:], reached[1:-1]
        np.add(reached[:-2], skips, out=moves[2])
        moves.argmax(axis=0, out=steps[column])
        np.add(moves.max(axis=0), seen[column], out=reached[2:])
    state = len(spelled) - 1 - int(reached[-2] > reached[-1])
    found = [-inf] * len(labels)
    if reached[state + 2] > -inf:
        for column in range(len(seen) - 1, -1, -1):
            if state % 2:
                found[state // 2] = max(found[state // 2], seen[column, state])
            state -= steps[column, state]
    return [exp(chance) for chance in found]
