"""How likely a read word or line is right, from the network's scores of its characters.

The mean score of the characters is too sure: one wrong character makes a word wrong. A logistic regression over a few
of their statistics tells better; `training/ocr/line_confidence.py` fits it. The same scores are worth less in a line by
hand than in print, so how much the line looks like one counts too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.recognition import ReadLine

WORD, LINE = "word", "line"
_LEAST, _MOST = 1e-4, 1 - 1e-4
_SURELY = 8.0


class LineConfidence:
    """The fitted weights, for words and for lines."""

    def __init__(self, fitted: Path) -> None:
        given = json.loads(fitted.read_text(encoding="utf-8"))
        self._weights = {kind: np.array(given[kind], dtype=np.float64) for kind in (WORD, LINE)}

    def of_line(self, line: ReadLine, region_score: float, by_hand: float) -> float:
        """That every word of the line is right, 0 to 1; `region_score` is the detector's, `by_hand` the log-odds that
        a hand wrote it.
        """
        return self._probability(LINE, line.confidences, (line.confidence, region_score, by_hand))

    def of_word(self, line: ReadLine, start: int, end: int, region_score: float, by_hand: float) -> float:
        """That the word from character `start` to before `end` is right."""
        return self._probability(WORD, line.confidences[start:end], (line.confidence, region_score, by_hand))

    def _probability(self, kind: str, scores: Sequence[float], around: tuple[float, float, float]) -> float:
        odds = float(self._weights[kind] @ features(scores, *around))
        return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def features(scores: Sequence[float], of_line: float, region_score: float, by_hand: float) -> npt.NDArray[np.float64]:
    """(10,): 1; log odds of the characters (least, mean, second least) and of their line; length; the region's score;
    how likely a hand wrote it, of log-odds, and that with the odds of the least character and of the line.
    """
    odds = np.sort(_log_odds(np.array(scores)))
    second = odds[1] if len(odds) > 1 else odds[0]
    line = float(_log_odds(np.array(of_line)))
    hand = 1 / (1 + np.exp(-np.clip(by_hand, -_SURELY, _SURELY)))
    print_or_hand = [1.0, odds[0], odds.mean(), second, line, np.log(len(odds)), region_score]
    return np.array([*print_or_hand, hand, hand * odds[0], hand * line])


def _log_odds(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    clipped = np.clip(probabilities, _LEAST, _MOST)
    return np.asarray(np.log(clipped / (1 - clipped)))
