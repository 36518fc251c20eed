"""What the network sees of a region."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

HEIGHT, WIDTH = 64, 192
Grey = npt.NDArray[np.uint8]
Inked = npt.NDArray[np.float32]

_DARKEST_PAPER = 48
_FAINTEST_FULL = 0.3
"""Ink at least this much darker than the paper is never made darker still, so that a blank region stays blank."""
_PEN = 15
"""Widest stroke, in pixels of the input, that is not taken for dark paper."""


def network_input(crop: Grey) -> Inked:
    """A grey crop of any size as (64, 192): 0 paper to 1 ink, proportions kept, centred."""
    high, wide = crop.shape
    scale = min(HEIGHT / high, WIDTH / wide)
    size = (
        min(WIDTH, max(1, round(wide * scale))),
        min(HEIGHT, max(1, round(high * scale))),
    )
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    placed = np.zeros((HEIGHT, WIDTH), np.float32)
    top, left = (HEIGHT - size[1]) // 2, (WIDTH - size[0]) // 2
    placed[top : top + size[1], left : left + size[0]] = inked(np.asarray(small, dtype=np.uint8))
    return placed


def inked(grey: Grey) -> Inked:
    """Grey pixels at the scale of the network as 0 paper to 1 ink."""
    paper = cv2.blur(cv2.dilate(grey, np.ones((_PEN, _PEN), np.uint8)), (_PEN, _PEN)).astype(np.float32)
    darkness = 1 - grey / np.maximum(paper, _DARKEST_PAPER)
    full = max(_FAINTEST_FULL, float(np.percentile(darkness, 99)))
    return np.asarray(np.clip(darkness / full, 0, 1), dtype=np.float32)
