"""How sure it is that there is a box: what the rules and the network say, weighed on drawn forms held out."""

from __future__ import annotations

import math

CONSIDERED = 0.2
"""Candidates that the rules rate below this are not looked at."""
THRESHOLD = 0.5
"""Boxes below this detection confidence are not reported."""
_SUREST = 0.998
_WEIGHTS = (0.604, 0.618, -2.368)
"""Of the rules' log-odds and of the network's, and what is added; as `training.calibrate` fits them."""


def confidence(rules: float, network: float) -> float:
    """The probability of a box, from the two probabilities."""
    value = _WEIGHTS[0] * log_odds(rules) + _WEIGHTS[1] * log_odds(network) + _WEIGHTS[2]
    return min(_SUREST, 1 / (1 + math.exp(-value)))


def log_odds(probability: float) -> float:
    """Kept within those of 0.0001 and 0.9999."""
    inside = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(inside / (1 - inside))
