"""The checkbox model: finds the boxes of a page and says what was done to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from models.checkbox.finder import find_boxes
from models.checkbox.letters import inside_words
from models.checkbox.page_ink import PageInk, working_page
from models.checkbox.selection import Found
from models.checkbox.state import Marks, Usual, judge, measure, usual
from models.contract import Model, PageImage
from schemas.prediction import Checkbox, Prediction, Quad, box_quad

DETECTION_THRESHOLD = 0.8
"""Boxes below this detection confidence are not reported."""
_CONSIDERED = 0.2


class CheckboxFinder(Model):
    """Boxes and radio buttons, top to bottom; rules only, nothing is loaded."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Nothing to load."""

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; no boxes on a page that has none."""
        return [Prediction(checkboxes=tuple(_read(page))) for page in pages]

    def state_of(self, page: PageImage, quads: Sequence[Quad]) -> Sequence[Checkbox]:
        """The state of given boxes, one for each of `quads` (pixels of the page), in order.

        A quad that roughly fits a box found on the page is read by that box's own border; otherwise the quad
        itself is taken to be the border.
        """
        ink = working_page(page.pixels, page.dpi)
        if ink is None:
            return [judged(Marks.blank(), Usual(), quad) for quad in quads]
        wanted = [_from_quad(quad, ink.scale) for quad in quads]
        found = find_boxes(ink, _CONSIDERED)
        boxes = [_fitting(box, found) or box for box in wanted]
        others = [box for box in found if not any(box.overlaps(known) for known in boxes)]
        marks = measure(ink, [*boxes, *others])
        common = usual(marks)
        return [
            judged(mark, common, quad, radio=box.radio)
            for mark, quad, box in zip(marks[: len(quads)], quads, boxes, strict=True)
        ]


def judged(marks: Marks, page: Usual, quad: Quad, radio: bool = False, detection: float = 1.0) -> Checkbox:
    """The answer for one box."""
    state, confidence = judge(marks, page)
    return Checkbox(state, quad, round(confidence, 4), round(detection, 4), radio)


def _read(page: PageImage) -> list[Checkbox]:
    ink = working_page(page.pixels, page.dpi)
    if ink is None:
        return []
    found = find_boxes(ink, _CONSIDERED)
    in_words = inside_words(found, page.earlier, ink.scale)
    marks = measure(ink, found)
    common = usual([mark for mark, box in zip(marks, found, strict=True) if _is_sure(box)])
    height, width = page.pixels.shape[:2]
    boxes = [
        judged(mark, common, _to_quad(box, ink, width, height), box.radio, box.confidence)
        for mark, box, letter in zip(marks, found, in_words, strict=True)
        if _is_sure(box) and not letter
    ]
    return sorted(boxes, key=lambda box: (box.quad[1], box.quad[0]))


def _is_sure(box: Found) -> bool:
    return box.confidence >= DETECTION_THRESHOLD


def _to_quad(box: Found, ink: PageInk, width: int, height: int) -> Quad:
    left, right = (min(max(0.0, x / ink.scale), float(width)) for x in (box.left, box.right + 1))
    top, bottom = (min(max(0.0, y / ink.scale), float(height)) for y in (box.top, box.bottom + 1))
    return box_quad(left, top, right, bottom)


def _from_quad(quad: Quad, scale: float) -> Found:
    xs, ys = [x * scale for x in quad[0::2]], [y * scale for y in quad[1::2]]
    return Found(min(xs), min(ys), max(min(xs) + 4, *xs), max(min(ys) + 4, *ys), 1.0)


def _fitting(wanted: Found, found: Sequence[Found]) -> Found | None:
    """The found box whose middle is near the wanted one's and whose size is not far from it."""
    for box in found:
        aside = abs(box.left + box.right - wanted.left - wanted.right) / 2
        above = abs(box.top + box.bottom - wanted.top - wanted.bottom) / 2
        if max(aside, above) <= 0.35 * wanted.side and 0.55 <= box.side / wanted.side <= 1.3:
            return box
    return None
