"""Tells fields that nobody wrote in from written ones: rules look at pieces of ink, a network at the field."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import numpy as np

from models.catalog.ocr.field.blank import Grey, is_blank, is_too_small
from models.catalog.ocr.field.field_view import field_view
from models.runtimes.onnx import Network

LIKELY, AGAINST, SURE, EVEN = 3.5, -5.0, 5.0, 0.0
"""The network's log-odds of writing: below the first a field is blank if the rules say so too, below the second though
they do not; from the third on it is written whatever they say, from the fourth on if they say so. Chosen on drawn
fields: what either takes for writing is not called blank lightly, since nobody looks at a blank field again."""


class Ink(Enum):
    """What can be said of a field before it is read."""

    NONE = "none"
    DOUBTFUL = "doubtful"
    """Somebody may have written there: it is read, and shown to a person."""
    WRITTEN = "written"


class BlankFields:
    """The rules, and a network that was trained on drawn fields (`training/ocr/blanks.py`)."""

    def __init__(self, network: Path) -> None:
        self._network = Network(network)

    def look(self, crop: Grey) -> Ink:
        """Whether a grey crop of one field shows writing, or only rules, frames, labels, its neighbours' ends, dust."""
        if is_too_small(crop):
            return Ink.NONE
        by_rules, odds = is_blank(crop), self.odds(crop)
        if odds < (LIKELY if by_rules else AGAINST):
            return Ink.NONE
        return Ink.WRITTEN if odds >= (SURE if by_rules else EVEN) else Ink.DOUBTFUL

    def odds(self, crop: Grey) -> float:
        """The network's log-odds that there is writing."""
        seen = field_view(crop)[None].astype(np.float32) / np.float32(255)
        return float(self._network(seen)[0, 0])
