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
from models.catalog.checkbox.reader import STATES, BoxReader
from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.verdict import verdict
from models.contract import PageImage, RegionReader
from models.ink import grey_of
from models.regions import NOT_ON_PAGE, check_regions, is_on_page
from schemas.fields import Alternative, FieldState
from schemas.prediction import Checkbox, CheckboxState, Prediction, Quad, bounds, box_quad
from schemas.reading import Reading, Region

_SUREST = 0.999
"""No answer is certain."""
_LEAST_ALTERNATIVE = 0.01
"""Less likely states are not worth a look."""
_FIELD_STATES = {CheckboxState.EMPTY: FieldState.BLANK, CheckboxState.UNREADABLE: FieldState.UNREADABLE}


class CheckboxFinder(RegionReader):
    """Boxes and radio buttons, top to bottom: rules find them, a network verifies each and reads its state."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Loads the network. Raises OSError or an onnxruntime error."""
        self._reader = BoxReader(artifacts["state"])

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; no boxes on a page that has none."""
        return [Prediction(checkboxes=tuple(self._find(page))) for page in pages]

    def read(self, page: PageImage, regions: Sequence[Region]) -> Sequence[Reading]:
        """The state of given boxes: that there is a box is taken from whoever gave it."""
        check_regions(self.card, regions)
        beliefs = self._reader.read(grey_of(page.pixels), [bounds(region.quad) for region in regions])
        return [
            _reading(states) if is_on_page(region.quad, page.pixels) else NOT_ON_PAGE
            for states, region in zip(beliefs.states, regions, strict=True)
        ]

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


def _answer(states: npt.NDArray[np.float32], quad: Quad, detection: float, radio: bool) -> Checkbox:
    state, sure = verdict(states)
    return Checkbox(state, quad, _said(sure), round(detection, 4), radio)


def _reading(states: npt.NDArray[np.float32]) -> Reading:
    state, sure = verdict(states)
    scores = {each.value: float(belief) for each, belief in zip(STATES, states, strict=True)}
    others = sorted((each for each in scores if each != state), key=lambda each: -scores[each])
    return Reading(
        state=_FIELD_STATES.get(state, FieldState.FILLED),
        value=state.value,
        confidence=_said(sure),
        rejected=state is CheckboxState.UNREADABLE,
        alternatives=tuple(
            Alternative(each, _said(scores[each])) for each in others if scores[each] >= _LEAST_ALTERNATIVE
        ),
        scores=scores,
    )


def _said(sure: float) -> float:
    return round(min(sure, _SUREST), 4)


def _to_quad(box: Found, ink: PageInk, width: int, height: int) -> Quad:
    left, right = (min(max(0.0, x / ink.scale), float(width)) for x in (box.left, box.right + 1))
    top, bottom = (min(max(0.0, y / ink.scale), float(height)) for y in (box.top, box.bottom + 1))
    return box_quad(left, top, right, bottom)
