"""A picture of pages laid over a reference: where its print was found, and where not."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.comparison import Comparison, Reference
from models.blank_pages.features import features_of
from models.blank_pages.tiles import TILE

_MOST = 4
_GOOD = 0.8
_GREEN, _RED = (60, 140, 0), (40, 40, 220)

Pixels = npt.NDArray[np.uint8]


def agreement_picture(reference: Reference, looks: Sequence[tuple[Pixels, Comparison]]) -> Pixels:
    """The reference, then up to four pages laid over it, side by side, blue-green-red.

    On each page the reference's print is yellow where the page lacks it and black where both have it; what only the
    page has is blue. Numbers are the tiles' agreement in hundredths, red below 80.
    """
    width, height = reference.print.size
    ours = reference.print.fine.ink
    plain = np.repeat((255 - 255 * np.clip(ours, 0, 1)).astype(np.uint8)[:, :, None], 3, axis=2)
    tiles = [plain, *(_one(ours, pixels, look, (width, height)) for pixels, look in looks[:_MOST])]
    return np.hstack([cv2.copyMakeBorder(tile, 6, 6, 6, 6, cv2.BORDER_CONSTANT, value=(160,) * 3) for tile in tiles])


def _one(ours: npt.NDArray[np.float32], pixels: Pixels, look: Comparison, size: tuple[int, int]) -> Pixels:
    picture = np.full((size[1], size[0], 3), 255, np.uint8)
    if look.matrix is None or look.found is None:
        cv2.putText(picture, "cannot be laid over", (30, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, _RED, 2)
        return picture
    theirs = cv2.warpPerspective(features_of(pixels).ink, look.matrix, size)
    picture[:, :, 0] = 255 - 255 * np.clip(ours, 0, 1)
    picture[:, :, 1:] = (255 - 255 * np.clip(theirs, 0, 1)).astype(np.uint8)[:, :, None]
    for row, column in np.argwhere(look.found.seen):
        value = look.found.agreement[row, column]
        place = int(column * TILE + 8), int(row * TILE + 25)
        colour = _GREEN if value >= _GOOD else _RED
        cv2.putText(picture, f"{100 * value:.0f}", place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
    cv2.putText(picture, f"score {look.score:.3f}", (10, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, _RED, 2, cv2.LINE_AA)
    return picture
