"""Places that a region reader is asked about: whether it can be, and the pixels there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.card import ModelCard
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldState
from schemas.prediction import Quad, bounds
from schemas.reading import Reading, Region

Pixels = npt.NDArray[np.uint8]

NOT_ON_PAGE = Reading(FieldState.UNREADABLE, rejected=True)
"""The answer about a region of which nothing is on the page."""


def check_regions(card: ModelCard, regions: Sequence[Region]) -> None:
    """Raises DocbeamError(INVALID_REQUEST) for a kind that the card does not read and quads or cells that are none."""
    for number, region in enumerate(regions):
        if region.kind not in card.reads:
            reads = ", ".join(card.reads) or "no regions"
            raise _refused(f"{card.name} does not read kind {region.kind!r}; it reads {reads}")
        cells = region.cells
        if (isinstance(cells, int) and cells < 1) or (isinstance(cells, tuple) and not cells):
            raise _refused(f"region {number} has no cells; give one or more, or None")
        for quad in (region.quad, *(cells if isinstance(cells, tuple) else ())):
            if len(quad) != 8 or not all(math.isfinite(value) for value in quad):
                raise _refused(f"a quad of region {number} is no eight finite numbers")


def is_on_page(quad: Quad, pixels: Pixels) -> bool:
    """Whether the upright box around `quad` and the page share anything."""
    left, top, right, bottom = bounds(quad)
    height, width = pixels.shape[:2]
    return left < width and top < height and right > 0 and bottom > 0


def cut(pixels: Pixels, quad: Quad) -> Pixels:
    """What of the page the upright box around `quad` holds; at least one pixel, the nearest of the page."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = bounds(quad)
    across = min(max(0, int(left)), width - 1)
    down = min(max(0, int(top)), height - 1)
    return np.ascontiguousarray(
        pixels[down : max(math.ceil(bottom), down + 1), across : max(math.ceil(right), across + 1)]
    )


def _refused(message: str) -> DocbeamError:
    return DocbeamError(ErrorCode.INVALID_REQUEST, message)
