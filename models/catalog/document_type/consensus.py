"""The blank form from filled copies of it: what is print is on all of them, what was written is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.comparison import compare, reference_of
from models.blank_pages.features import PageFeatures, features_of
from models.ink import grey_page, ink_of
from schemas.errors import DocbeamError, ErrorCode

REFERENCE_PIXELS = 1400
"""Longer side of a reference page: about 120 dpi of a letter or A4 page."""
LEAST_KEYPOINTS = 100
LEAST_TILES = 12
_LEAST_ALIKE = 0.35
"""Examples of one form, however filled, agree far better; pages of two forms hardly reach this."""
_SHARED = 0.75
_SLACK = 7
"""Pixels around a stroke within which another copy's stroke is taken for the same."""
_PRINT = 0.12

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Example:
    """A page the type is registered from."""

    name: str
    """What to call it in messages."""
    pixels: Pixels
    """Straightened, grey or colour."""


@dataclass(frozen=True, slots=True)
class Consensus:
    """The reference page, and how it came about."""

    reference: Pixels
    """Grey, its longer side at most 1400 pixels."""
    base: str
    """The example whose print it shows."""
    erased: float
    """Share of the base's ink that the other examples do not have: what had been written on it."""


def consensus(examples: Sequence[Example]) -> Consensus:
    """The page all examples share.

    Of several, the one most like the others is the base; of its ink stays what at least three in four of the others
    have at the same place. One example is taken as it is.
    Raises DocbeamError(INVALID_REQUEST) for a page with too little print to be recognised by, or one that is
    another form.
    """
    features = [_with_print(example) for example in examples]
    if len(examples) == 1:
        return Consensus(grey_page(examples[0].pixels, REFERENCE_PIXELS), examples[0].name, 0.0)
    references = [reference_of(page) for page in features]
    alike = np.array([[compare(page, reference).score for page in features] for reference in references])
    np.fill_diagonal(alike, np.nan)
    base = int(np.nanmean(alike, axis=1).argmax())
    for number, example in enumerate(examples):
        if number != base and alike[base, number] < _LEAST_ALIKE:
            raise DocbeamError(
                ErrorCode.INVALID_REQUEST,
                f"{example.name} is not the form of {examples[base].name}: they agree by {alike[base, number]:.2f}, "
                f"examples of one form by at least {_LEAST_ALIKE}; leave it out or register it as a type of its own",
            )
    grey = grey_page(examples[base].pixels, REFERENCE_PIXELS)
    others = [
        _laid_ink(example.pixels, page, features[base], grey.shape)
        for number, (example, page) in enumerate(zip(examples, features, strict=True))
        if number != base
    ]
    kept, erased = _only_shared(grey, others)
    return Consensus(kept, examples[base].name, erased)


def _with_print(example: Example) -> PageFeatures:
    features = features_of(example.pixels)
    tiles = int((reference_of(features).print.weights > 0).sum())
    if len(features.points) < LEAST_KEYPOINTS or tiles < LEAST_TILES:
        raise DocbeamError(
            ErrorCode.INVALID_REQUEST,
            f"{example.name} has too little print to be recognised by ({len(features.points)} keypoints, {tiles} "
            f"pieces; at least {LEAST_KEYPOINTS} and {LEAST_TILES}); give a page with more print, or a sharper copy",
        )
    return features


def _laid_ink(pixels: Pixels, page: PageFeatures, base: PageFeatures, shape: tuple[int, ...]) -> tuple[Pixels, Pixels]:
    """Where the example has ink, and where it has paper or ink at all, 0 or 1, laid over the base."""
    grey = grey_page(pixels, REFERENCE_PIXELS)
    ink = (ink_of(grey) > _PRINT).astype(np.uint8)
    matrix = compare(page, reference_of(base)).matrix
    assert matrix is not None
    up, down = _scaling(base.ink.shape, shape), _scaling(grey.shape, page.ink.shape)
    size, whole = (shape[1], shape[0]), up @ matrix @ down
    laid = cv2.warpPerspective(ink, whole, size, flags=cv2.INTER_NEAREST)
    seen = cv2.warpPerspective(np.ones_like(ink), whole, size, flags=cv2.INTER_NEAREST)
    return np.asarray(cv2.dilate(laid, np.ones((_SLACK, _SLACK), np.uint8)), dtype=np.uint8), np.asarray(seen, np.uint8)


def _scaling(source: tuple[int, ...], target: tuple[int, ...]) -> npt.NDArray[np.float64]:
    return np.diag([target[1] / source[1], target[0] / source[0], 1.0])


def _only_shared(grey: Pixels, others: Sequence[tuple[Pixels, Pixels]]) -> tuple[Pixels, float]:
    ink = ink_of(grey)
    having, seeing = (np.sum([each[part] for each in others], axis=0, dtype=np.int64) for part in (0, 1))
    shared = having >= _SHARED * seeing
    alone = ((ink > _PRINT) & ~shared).astype(np.uint8)
    # Single pixels at the edge of print are left; erasing them would fray it.
    written = cv2.morphologyEx(alone, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    gone = cv2.dilate(written, np.ones((5, 5), np.uint8)).astype(bool) & ~shared
    paper = np.median(grey[ink <= _PRINT]) if (ink <= _PRINT).any() else 255
    kept = np.where(gone, np.uint8(paper), grey).astype(np.uint8)
    return kept, float(written.sum() / max(1, (ink > _PRINT).sum()))
