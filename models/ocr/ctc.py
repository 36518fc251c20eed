"""From the scores of a CTC network (Graves and others, ICML 2006) to text and how sure it is."""

from __future__ import annotations

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
    spelled, skips = _spelled(labels)
    states = np.arange(len(spelled))
    reached = np.full(len(spelled), -np.inf)
    reached[:2] = scores[0, spelled[:2]]
    steps = np.zeros((len(scores), len(spelled)), dtype=np.int64)
    for number in range(1, len(scores)):
        before = np.stack([reached, _moved(reached, 1), np.where(skips, _moved(reached, 2), -np.inf)])
        steps[number] = before.argmax(axis=0)
        reached = before[steps[number], states] + scores[number, spelled]
    state = len(spelled) - 1 - int(len(spelled) > 1 and reached[-2] > reached[-1])
    found = [0.0] * len(labels)
    if np.isneginf(reached[state]):
        return found
    for number in range(len(scores) - 1, -1, -1):
        if state % 2:
            found[state // 2] = max(found[state // 2], float(np.exp(scores[number, spelled[state]])))
        state -= int(steps[number, state])
    return found


def log_probability(scores: Scores, labels: list[int]) -> float:
    """Of all paths that spell `labels` together; natural logarithm."""
    spelled, skips = _spelled(labels)
    reached = np.full(len(spelled), -np.inf)
    reached[:2] = scores[0, spelled[:2]]
    for column in scores[1:]:
        two = np.where(skips, _moved(reached, 2), -np.inf)
        reached = np.logaddexp(np.logaddexp(reached, _moved(reached, 1)), two) + column[spelled]
    return float(np.logaddexp.reduce(reached[-2:]))


def _spelled(labels: list[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The labels with a blank before and after each; and where the blank before may be left out."""
    spelled = np.full(2 * len(labels) + 1, BLANK, dtype=np.int64)
    spelled[1::2] = labels
    skips = np.zeros(len(spelled), dtype=bool)
    # Only between two characters that differ.
    skips[3::2] = spelled[3::2] != spelled[1:-2:2]
    return spelled, skips


def _moved(reached: npt.NDArray[np.float64], states: int) -> npt.NDArray[np.float64]:
    out = np.full(len(reached), -np.inf)
    out[states:] = reached[:-states]
    return out
