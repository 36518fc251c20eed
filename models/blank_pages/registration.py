"""Registration: which blank page a page is, and where each point of it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.blanks import Blanks
from models.blank_pages.candidates import candidates
from models.blank_pages.comparison import Comparison, compare
from models.blank_pages.detail import Fitted, fine_ink, fit, stages_of
from models.blank_pages.features import PageFeatures, features_of
from models.blank_pages.keypoint_moves import keypoint_moves
from models.blank_pages.placement import FLAT, Placement, Points, pixels_of, turn_of
from models.blank_pages.verdict import Verdict, judge
from models.ink import Ink, grey_of

_LIKELIEST = 3
_NEARLY = 0.4
"""Of the most votes, as many as a page must have to be compared too: editions of one form share most keypoints."""
_ALIKE = 0.15
"""Least score of a comparison that is worth a closer look."""
_RIVAL = 0.5


@dataclass(frozen=True, slots=True)
class Registration:
    """A page laid on the blank page it is most like."""

    form: str | None
    """None where no blank page has anything in common with it."""
    page: int | None
    """Of the form, from 1."""
    turn: int
    """Degrees by which the page is turned clockwise: 0, 90, 180 or 270."""
    placement: Placement | None
    """From fractions of the blank page to fractions of the page; None where the page could not be laid over it."""
    residual_px: float
    """How far, in pixels at 150 dpi, all but a tenth of the print lies at most from where a sheet made without it says.

    Estimated from the page alone; infinite where there is no placement.
    """
    verdict: Verdict
    """Whether the fields may be read, or why not."""
    agreement: float
    """0..1: how much of the print that can be seen is where it should be."""

    @property
    def registered(self) -> bool:
        """Whether this page is that blank page and lies as `placement` says."""
        return self.verdict is Verdict.REGISTERED

    def map(self, points: Points) -> Points:
        """Where points (n, 2) in fractions of the blank page are, in fractions of the page.

        Raises ValueError where the page could not be laid over a blank page.
        """
        if self.placement is None:
            raise ValueError("a page that lies on no blank page has no place for its points")
        return self.placement.map(np.asarray(points, dtype=np.float64))


def register(pixels: npt.NDArray[np.uint8], blanks: Blanks) -> Registration:
    """Lay a page (grey or BGR, of any size and turn) on the blank page it is most like, and say whether it is that one.

    Editions compete: the one whose print is found best wins.
    """
    grey = grey_of(pixels)
    features = features_of(grey)
    stages: tuple[Ink, ...] | None = None
    best: Registration | None = None
    for number, comparison in _likeliest(features, blanks):
        stages = stages_of(fine_ink(grey)) if stages is None else stages
        found = _laid(features, stages, blanks, number, comparison)
        if best is None or (found.registered, found.agreement) > (best.registered, best.agreement):
            best = found
    return best or Registration(None, None, 0, None, float("inf"), Verdict.NOTHING_ALIKE, 0.0)


def _likeliest(features: PageFeatures, blanks: Blanks) -> Iterator[tuple[int, Comparison]]:
    """Blank pages worth a closer look, the likest first."""
    votes = candidates(features, blanks.voters)
    order = np.argsort(-votes, kind="stable")[:_LIKELIEST]
    worth = [int(number) for number in order if votes[number] >= _NEARLY * votes[order[0]]]
    looks = [(compare(features, blanks.reference(number), thorough=False), number) for number in worth]
    if all(look.score < _ALIKE for look, _ in looks):
        looks = [(compare(features, blanks.reference(number)), number) for number in worth]
    looks.sort(key=lambda look: -look[0].score)
    for look, number in looks:
        if look.matrix is not None and look.score >= max(_ALIKE, _RIVAL * looks[0][0].score):
            yield number, look


def _laid(
    features: PageFeatures, stages: tuple[Ink, ...], blanks: Blanks, number: int, comparison: Comparison
) -> Registration:
    blank, own = blanks.pages[number], blanks.features[number]
    assert comparison.matrix is not None
    start = _placement(comparison.matrix, features, own)
    fitted = fit(stages, start, keypoint_moves(features, own, start), blanks.detail(number))
    if fitted is None:
        turn = turn_of(start.matrix)
        return Registration(blank.form, blank.page, turn, None, float("inf"), Verdict.OTHER_PRINT, 0.0)
    placement = fitted.sheet.placement
    residual = _residual(fitted) * max(blank.pixels.shape) / max(fitted.laid.shape)
    agreement = fitted.checked.mean - fitted.checked.contrary
    return Registration(
        blank.form, blank.page, turn_of(placement.matrix), placement, residual, judge(fitted, residual), agreement
    )


def _placement(matrix: npt.NDArray[np.float64], page: PageFeatures, blank: PageFeatures) -> Placement:
    """From a matrix between pixels' middles, page to blank page, to fractions of the blank page to those of the page."""
    half = np.array([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    corners = half @ np.linalg.inv(matrix) @ np.linalg.inv(half)
    page_size, blank_size = ((ink.shape[1], ink.shape[0]) for ink in (page.ink, blank.ink))
    return Placement(np.linalg.inv(pixels_of(page_size)) @ corners @ pixels_of(blank_size), FLAT)


def _residual(fitted: Fitted) -> float:
    sheet = fitted.sheet
    believed = sheet.left[sheet.weights > 0.05]
    return float(np.percentile(believed, 90)) if believed.size else float("inf")
