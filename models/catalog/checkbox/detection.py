"""How sure it is that there is a box: what rules and network say, and its company, weighed on drawn forms held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found

Floats = npt.NDArray[np.float64]

CONSIDERED = 0.2
"""Candidates that the rules rate below this are not looked at."""
THRESHOLD = 0.6
"""Boxes below this detection confidence are not reported."""
SURELY = 0.8
"""From here on a box is one although letters or walls stand around it, as in tables."""
_SUREST = 0.998
_SUREST_RULES = 0.98
"""Of rules alone: small letters O of some faces are as square and stand as free as boxes."""
_WEIGHTS = (0.85, 0.75, 0.8, -4.6)
"""Of the rules' log-odds, of the network's, of company, and what is added; as `training.calibrate` fits them."""
_SURE = 0.9
"""What the network says of company."""
_LIKELY, _WHOLE = 0.2, 0.95
"""What network and rules say of it where the border is whole: the network does not know every mark in it."""
_LIKE_SIZE, _SLACK, _APART = 0.16, 0.3, 0.8
"""In sides: how far others may differ in size and stand off the line, and how far off they must stand."""
_MOST_COMPANY = 3


def confidences(
    found: Sequence[Found], network: npt.NDArray[np.float32], vouching: npt.NDArray[np.bool_] | None = None
) -> Floats:
    """(n,): the probability that each is a box, of the network's own, (n,), and of which are company, `vouching`."""
    terms = odds(found, network, vouching)
    likely = np.minimum(_SUREST, 1 / (1 + np.exp(-(terms @ _WEIGHTS[:3] + _WEIGHTS[3]))))
    # Four corners without a border are anywhere; a form that sets its boxes so has more than one.
    alone = np.array([box.cornered for box in found], np.bool_) & (terms[:, 2] == 0)
    return np.where(alone, 0.0, likely)


def odds(
    found: Sequence[Found], network: npt.NDArray[np.float32], vouching: npt.NDArray[np.bool_] | None = None
) -> Floats:
    """(n, 3): log-odds of the rules, of the network, and how many sure boxes of its size are in line with each."""
    rules = np.minimum([box.confidence for box in found], _SUREST_RULES)
    sure = (network > _SURE) | ((network > _LIKELY) & (rules > _WHOLE))
    if vouching is not None:
        sure &= vouching
    return np.column_stack([log_odds(rules), log_odds(network), _company(found, sure)])


def log_odds(probability: npt.NDArray[np.floating]) -> Floats:
    """Kept within those of 0.0001 and 0.9999."""
    inside = np.clip(np.asarray(probability, dtype=np.float64), 1e-4, 1 - 1e-4)
    return np.asarray(np.log(inside / (1 - inside)))


def _company(found: Sequence[Found], sure: npt.NDArray[np.bool_]) -> Floats:
    """Forms set their boxes in rows and columns and in one size; letters are of many sizes, and none is sure."""
    left, top, right, bottom = np.array([box.extent for box in found]).reshape(-1, 4).T
    side = (right - left + bottom - top) / 2
    across, down = np.abs(left[:, None] - left), np.abs(top[:, None] - top)
    own = side[:, None]
    like = np.abs(own - side) <= _LIKE_SIZE * np.maximum(own, side)
    far = np.maximum(across, down) > _APART * own
    in_line = np.minimum(across, down) <= _SLACK * own
    company = (like & far & in_line & sure).sum(axis=1)
    return np.asarray(np.minimum(company, _MOST_COMPANY), dtype=np.float64)
