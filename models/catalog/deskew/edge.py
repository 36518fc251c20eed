"""Takes away what a scanner or an open copier lid adds along the sides of a page."""

from __future__ import annotations

import cv2
import numpy as np

from models.ink import Ink

MARGIN = 0.035
"""Of the shorter side: as far in as a dark edge is looked for."""


def without_edges(ink: Ink) -> Ink:
    """`ink` without what hangs together with the page's border, as far as it lies in the margin.

    Dark edges lie as the glass does, not as the text; on a page with little text they would decide. Rules that run
    off the page lose their ends only.
    """
    dark = (ink > 0).astype(np.uint8)
    margin = max(1, round(MARGIN * min(ink.shape)))
    dark[margin:-margin, margin:-margin] = 0
    _, labels = cv2.connectedComponents(dark, connectivity=8)
    at_border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    at_border = at_border[at_border > 0]
    if not at_border.size:
        return ink
    hangs = np.zeros(int(labels.max()) + 1, bool)
    hangs[at_border] = True
    return np.where(hangs[labels], np.float32(0), ink)
