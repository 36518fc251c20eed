"""What a weekend project does about check boxes: square contours, and how much of their inside is dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from evaluation.peers.peer import Peer
from models.contract import PageImage
from models.ink import grey_of
from schemas.prediction import Checkbox, CheckboxState, Prediction, Quad, bounds, box_quad

SMALLEST, LARGEST = 10, 60
"""Sides of a box in pixels."""
MARKED = 0.12
"""Share of dark pixels inside the border from which a box is marked."""
BORDER = 0.2
"""Of the side, taken off all round before looking inside."""
_SQUARE = (0.8, 1.25)
_FULL = 0.7
"""Share of its bounding box that a contour of a box encloses."""


class Contour(Peer):
    """Otsu's threshold, contours with four corners that are about square, share of ink inside."""

    name = "contour"
    output = "checkboxes"
    about = "Square contours after Otsu's threshold; a box is marked from 12 % ink inside its border."
    licence = "Apache-2.0"
    gives_confidence = False

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Nothing to load."""
        self.card = self.described("1")

    def answer(self, page: PageImage) -> Prediction:
        """Every square contour of the size of a box."""
        ink = _ink(page.pixels)
        return Prediction(checkboxes=tuple(_state(ink, quad) for quad in _squares(ink)))

    def state_of(self, page: PageImage, quads: Sequence[Quad]) -> Sequence[Checkbox]:
        """The state of each of `quads`, in pixels of the page."""
        ink = _ink(page.pixels)
        return [_state(ink, quad) for quad in quads]


def _ink(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    grey = grey_of(pixels)
    return np.asarray(cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1], dtype=np.uint8)


def _squares(ink: npt.NDArray[np.uint8]) -> list[Quad]:
    contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found: list[tuple[int, int, int, int]] = []
    for contour in contours:
        left, top, width, height = cv2.boundingRect(contour)
        if not (SMALLEST <= width <= LARGEST and _SQUARE[0] <= width / height <= _SQUARE[1]):
            continue
        corners = cv2.approxPolyDP(contour, 0.05 * cv2.arcLength(contour, True), True)
        if len(corners) != 4 or cv2.contourArea(contour) < _FULL * width * height:
            continue
        # The inner and the outer edge of a border are two contours of one box.
        if all(abs(left - x) + abs(top - y) > (width + w) / 2 for x, y, w, _ in found):
            found.append((left, top, width, height))
    return [box_quad(x, y, x + w, y + h) for x, y, w, h in found]


def _state(ink: npt.NDArray[np.uint8], quad: Quad) -> Checkbox:
    left, top, right, bottom = bounds(quad)
    x, y = BORDER * (right - left), BORDER * (bottom - top)
    inside = ink[max(0, int(top + y)) : int(bottom - y) + 1, max(0, int(left + x)) : int(right - x) + 1]
    share = float(inside.mean()) if inside.size else 0.0
    state = CheckboxState.MARKED if share >= MARKED else CheckboxState.EMPTY
    return Checkbox(state, quad, 1.0)
