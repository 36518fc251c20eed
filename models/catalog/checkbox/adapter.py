"""The checkbox model: finds the boxes of a page and says what was done to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.detection import CONSIDERED, THRESHOLD, confidence
from models.catalog.checkbox.finder import find_boxes
from models.catalog.checkbox.letters import inside_words
from models.catalog.checkbox.page_ink import PageInk, working_page
from models.catalog.checkbox.reader import BoxReader
from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.verdict import verdict
from models.contract import Model, PageImage
from models.ink import grey_of
from schemas.prediction import Checkbox, Prediction, Quad, bounds, box_quad

_SUREST = 0.999
"""No answer is certain."""


class CheckboxFinder(Model):
    """Boxes and radio buttons, top to bottom: rules find them, a network verifies each and reads its state."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Loads the network. Raises OSError or an onnxruntime error."""
        self._reader = BoxReader(artifacts["state"])

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; no boxes on a page that has none."""
        return [Prediction(checkboxes=tuple(self._find(page))) for page in pages]

    def state_of(self, page: PageImage, quads: Sequence[Quad]) -> Sequence[Checkbox]:
        """The state of given boxes, one for each of `quads` (pixels of the page), in order.

        `detection_confidence` is 1: that there is a box is taken from whoever gave it.
        """
        beliefs = self._reader.read(grey_of(page.pixels), [bounds(quad) for quad in quads])
        return [_answer(states, quad) for states, quad in zip(beliefs.states, quads, strict=True)]

    def _find(self, page: PageImage) -> list[Checkbox]:
        ink = working_page(page.pixels, page.dpi)
        if ink is None:
            return []
        found = find_boxes(ink, CONSIDERED)
        height, width = page.pixels.shape[:2]
        quads = [_to_quad(box, ink, width, height) for box in found]
        beliefs = self._reader.read(grey_of(page.pixels), [bounds(quad) for quad in quads])
        sure = [confidence(box.confidence, float(seen)) for box, seen in zip(found, beliefs.box, strict=True)]
        in_words = inside_words(found, page.earlier, ink.scale)
        kept = [i for i in range(len(found)) if sure[i] >= THRESHOLD and not in_words[i]]
        boxes = [_answer(beliefs.states[i], quads[i], sure[i], found[i].radio) for i in kept]
        return sorted(boxes, key=lambda box: (box.quad[1], box.quad[0]))


def _answer(states: npt.NDArray[np.float32], quad: Quad, detection: float = 1.0, radio: bool = False) -> Checkbox:
    state, sure = verdict(states)
    return Checkbox(state, quad, round(min(sure, _SUREST), 4), round(detection, 4), radio)


def _to_quad(box: Found, ink: PageInk, width: int, height: int) -> Quad:
    left, right = (min(max(0.0, x / ink.scale), float(width)) for x in (box.left, box.right + 1))
    top, bottom = (min(max(0.0, y / ink.scale), float(height)) for y in (box.top, box.bottom + 1))
    return box_quad(left, top, right, bottom)
