"""The signature model: finds signatures on a page and tells what a given region holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.contract import Model, PageImage
from models.signature.cues import cue_quads, is_near
from models.signature.kinds import kind_of_ink
from models.signature.page_ink import PageInk, working_page
from models.signature.regions import Region, describe, find_regions
from models.signature.score import Score
from schemas.prediction import Prediction, Quad, Signature, SignatureKind, box_quad

PAGE_THRESHOLD = 0.6
"""Score from which a place on an unknown page is reported; chosen on the development pages."""
REGION_THRESHOLD = 0.5
"""Score from which a given region is said to be signed; chosen on the development pages."""
_CUE_BONUS = 0.8
"""Added to the log-odds where words near the place speak of signing."""
_HEAD, _HEAD_MALUS = 0.17, 2.0
"""Part of the page that is its head, and what is taken from the log-odds there."""
_MOST_REPORTED = 8
_SIGNED = (SignatureKind.SIGNATURE, SignatureKind.INITIALS)


class SignatureFinder(Model):
    """Signatures and initials, surest first."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """Read the coefficients of the score."""
        self._score = Score(artifacts["score"])

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One prediction for each page; only signatures and initials, at most eight."""
        return [Prediction(signatures=tuple(self._find(page))) for page in pages]

    def kind_of(self, page: PageImage, quads: Sequence[Quad]) -> Sequence[Signature]:
        """What each of `quads` (pixels of the page) holds, in order."""
        ink = working_page(page.pixels, page.dpi)
        if ink is None:
            return [Signature(SignatureKind.EMPTY, quad, 0.95) for quad in quads]
        return [self._judge(ink, quad) for quad in quads]

    def _find(self, page: PageImage) -> list[Signature]:
        ink = working_page(page.pixels, page.dpi)
        if ink is None:
            return []
        cues = cue_quads(page.earlier)
        height, width = page.pixels.shape[:2]
        found: list[Signature] = []
        for region in find_regions(ink):
            left, top, right, bottom = (v / ink.scale for v in region.box)
            quad = box_quad(left, top, min(right, float(width)), min(bottom, float(height)))
            score = on_page(self._score(region.features), region, ink)
            if is_near(quad, cues, ink.unit / ink.scale):
                score = raised(score, _CUE_BONUS)
            kind = kind_of_ink(ink, region.box, region.features, score, PAGE_THRESHOLD)
            if kind in _SIGNED:
                found.append(Signature(kind, quad, _page_confidence(score)))
        return sorted(found, key=lambda signature: -signature.confidence)[:_MOST_REPORTED]

    def _judge(self, ink: PageInk, quad: Quad) -> Signature:
        box = _working_box(quad, ink)
        features = describe(ink, box)
        score = self._score(features)
        kind = kind_of_ink(ink, box, features, score, REGION_THRESHOLD)
        return Signature(kind, quad, _region_confidence(kind, score))


def on_page(score: float, region: Region, ink: PageInk) -> float:
    """The score with what its place says: letterheads, not signatures, stand at the very top of a page."""
    height, width = ink.mask.shape
    is_head = height > 0.7 * width and region.box[3] < _HEAD * height
    return raised(score, -_HEAD_MALUS) if is_head else score


def raised(score: float, by: float) -> float:
    """The score with `by` added to its log-odds."""
    odds = np.log(max(score, 1e-6) / max(1 - score, 1e-6)) + by
    return float(1 / (1 + np.exp(-odds)))


def _page_confidence(score: float) -> float:
    """Share of places of that score that were signatures on the development pages."""
    return round(float(np.interp(score, (0.6, 0.85, 0.93, 0.96, 0.98, 1.0), (0.13, 0.2, 0.2, 0.39, 0.5, 0.6))), 4)


def _region_confidence(kind: SignatureKind, score: float) -> float:
    if kind is SignatureKind.EMPTY:
        return 0.95
    if kind in _SIGNED:
        return round(float(np.clip(0.5 + 0.45 * (score - REGION_THRESHOLD) / (1 - REGION_THRESHOLD), 0.5, 0.95)), 4)
    return round(float(np.clip(0.85 - 0.4 * score / REGION_THRESHOLD, 0.45, 0.85)), 4)


def _working_box(quad: Quad, ink: PageInk) -> tuple[int, int, int, int]:
    height, width = ink.mask.shape
    xs, ys = [x * ink.scale for x in quad[0::2]], [y * ink.scale for y in quad[1::2]]
    left, top = min(max(0, int(min(xs))), width - 1), min(max(0, int(min(ys))), height - 1)
    return left, top, max(left + 1, min(width, int(max(xs)) + 1)), max(top + 1, min(height, int(max(ys)) + 1))
