"""Fits what a reading's confidence is worth: the probability that it is right to the letter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.catalog.ocr.language.ctc import Scores
from models.catalog.ocr.language.word_decoding import WordDecoder

RIDGE = 1e-2
ROUNDS = 50


def fitted_weights(decoder: WordDecoder, read: Sequence[Scores], texts: Sequence[str]) -> list[float]:
    """Weights for `confidence_of` from scores of samples and what they say, by logistic regression."""
    found = [decoder.decode(scores) for scores in read]
    right = np.array([one.text == text for one, text in zip(found, texts, strict=True)], dtype=np.float64)
    return [round(float(weight), 4) for weight in logistic(np.stack([one.signs for one in found]), right)]


def logistic(signs: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a logistic regression with a little ridge, by Newton's method."""
    weights = np.zeros(signs.shape[1])
    for _ in range(ROUNDS):
        probable = 1 / (1 + np.exp(-np.clip(signs @ weights, -30, 30)))
        slope = signs.T @ (right - probable) - RIDGE * weights
        bend = (signs * (probable * (1 - probable))[:, None]).T @ signs + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights
