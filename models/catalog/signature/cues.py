"""Words that say that a signature is near."""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemas.prediction import Prediction, Quad, TextLine

_CUE = re.compile(
    r"\b(signature|signatory|signed|sign here|sincerely|regards|truly yours|faithfully|X_{3,})\b"
    r"|\b(unterschrift|firma|lu et approuv\w*)\b"
    r"|_{6,}",
    re.IGNORECASE,
)
_LABEL = 6
"""Words of a label at most."""
_REACH_ACROSS, _REACH_DOWN = 12.0, 7.0


def cue_quads(earlier: Mapping[str, Prediction]) -> list[Quad]:
    """The lines read on the page that speak of signing."""
    return [line.quad for prediction in earlier.values() for line in prediction.lines if _CUE.search(line.text)]


def is_label(line: TextLine) -> bool:
    """Whether the line is what a form prints at a place to sign, and no sentence."""
    return len(line.words) <= _LABEL and bool(_CUE.search(line.text))


def is_near(box: Quad, cues: list[Quad], unit: float) -> bool:
    """Whether one of `cues` is beside, above or below `box`, within a few letter heights `unit`."""
    left, top, right, bottom = box[0], box[1], box[4], box[5]
    for quad in cues:
        across = max(min(quad[0::2]) - right, left - max(quad[0::2]), 0.0)
        down = max(min(quad[1::2]) - bottom, top - max(quad[1::2]), 0.0)
        if across <= _REACH_ACROSS * unit and down <= _REACH_DOWN * unit:
            return True
    return False
