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


def log_probability(scores: Scores, labels: list[int]) -> float:
    """Of all paths that spell `labels` together; natural logarithm."""
    spelled = np.full(2 * len(labels) + 1, BLANK)
    spelled[1::2] = labels
    # A blank may be left out between two characters that differ.
    skips = np.zeros(len(spelled), dtype=bool)
    skips[3::2] = spelled[3::2] != spelled[1:-2:2]
    reached = np.full(len(spelled), -np.inf)
    reached[: min(2, len(spelled))] = scores[0, spelled[:2]]
    for column in scores[1:]:
        one = np.concatenate([[-np.inf], reached[:-1]])
        two = np.where(skips, np.concatenate([[-np.inf, -np.inf], reached[:-2]])[: len(reached)], -np.inf)
        reached = np.logaddexp(np.logaddexp(reached, one), two) + column[spelled]
    return float(np.logaddexp.reduce(reached[-2:]))
