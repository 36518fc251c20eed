"""Registration: which blank page a page is, and where each point of it lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.blank_pages.blanks import MARGIN, Blanks
from models.blank_pages.candidates import candidates
from models.blank_pages.comparison import compare, settled
from models.blank_pages.detail import Fitted, fine_ink, fit, stages_of
from models.blank_pages.features import LONGEST_PIXELS, PageFeatures, features_of
from models.blank_pages.hidden import Hidden
from models.blank_pages.keypoint_moves import flat_by_few, keypoint_moves
from models.blank_pages.placement import FLAT, Matrix, Placement, Points, pixels_of, turn_of
from models.blank_pages.print_check import CELL
from models.blank_pages.rules import rules_of
from models.blank_pages.verdict import Verdict, judge
from models.blank_pages.whole_page import LaidWhole, laid_whole, likeness
from models.ink import Ink, grey_of

_SIZES = (LONGEST_PIXELS, 1000, 640)
"""Pixels of the longer side. A page that fills two thirds of a photograph is too small at the usual size."""
_CLEAR = 22
"""Votes; up to twenty agree by chance."""
_LIKELIEST, _LIKELIEST_WHEN_UNCLEAR = 3, 6
_NEARLY = 0.4
"""Of the most votes, as many as a page must have to be compared too: editions of one form share most keypoints."""
_ALIKE = 0.15
"""Least score of a comparison that is worth a closer look."""
_RIVAL = 0.5
"""Of the best score, as much as another must have to be laid too."""
_THOROUGHLY = 2
_GLANCES, _BY_ALL_PRINT = 40, 3
"""Blank pages, by votes, that a page is glanced at for which keypoints lay nowhere, some 5 ms each; and the likest of
these, by print and by rules each, on which it is laid by all print at once."""


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
    hidden: Hidden | None = None
    """What of the blank page cannot be seen; None where there is no placement."""

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

    Editions compete: the one whose print is found best wins. A page that would be refused is looked at again, more
    thoroughly: a wrong refusal costs a person more than the second look costs.
    """
    grey = grey_of(pixels)
    features, likeliest = _likeliest(grey, blanks)
    page = _Page(features, grey)
    best = Registration(None, None, 0, None, float("inf"), Verdict.NOTHING_ALIKE, 0.0)
    for starts in (_quick, _thorough, _by_all_print):
        if starts is _by_all_print:
            page.features = features_of(grey, LONGEST_PIXELS, MARGIN)
        looks = sorted(starts(page.features, blanks, likeliest), key=lambda look: -look.score)
        for look in looks:
            if look.score >= _RIVAL * looks[0].score:
                best = max(best, _laid(page, blanks, look), key=lambda each: (each.registered, each.agreement))
        if best.registered:
            break
    return best


@dataclass(frozen=True, slots=True)
class _Look:
    number: int
    """Of the blank page."""
    score: float
    matrix: Matrix
    """Pixels of the page to those of the blank page, both at the size of comparison."""


class _Page:
    """A page, whose ink at reading size is looked for only when it is asked for."""

    def __init__(self, features: PageFeatures, grey: npt.NDArray[np.uint8]) -> None:
        self.features = features
        self._grey = grey

    @cached_property
    def stages(self) -> tuple[Ink, ...]:
        return stages_of(fine_ink(self._grey))


def _likeliest(grey: npt.NDArray[np.uint8], blanks: Blanks) -> tuple[PageFeatures, list[int]]:
    """The page's keypoints at the size at which most agree with a blank page, and the blank pages worth a look."""
    best: tuple[int, PageFeatures, npt.NDArray[np.int64]] | None = None
    for size in _SIZES:
        features = features_of(grey, size, MARGIN)
        votes = candidates(features, blanks.voters)
        most = int(votes.max(initial=0))
        if best is None or most > best[0]:
            best = most, features, votes
        if most >= _CLEAR:
            break
    assert best is not None
    most, features, votes = best
    order = np.argsort(-votes, kind="stable")[: _LIKELIEST if most >= _CLEAR else _LIKELIEST_WHEN_UNCLEAR]
    return features, [int(number) for number in order if votes[number] >= _NEARLY * most]


def _quick(features: PageFeatures, blanks: Blanks, numbers: Sequence[int]) -> Iterator[_Look]:
    """By keypoints, as they come."""
    for number in numbers:
        comparison = compare(features, blanks.reference(number), thorough=False)
        if comparison.matrix is not None and comparison.score >= _ALIKE:
            yield _Look(number, comparison.score, comparison.matrix)


def _thorough(features: PageFeatures, blanks: Blanks, numbers: Sequence[int]) -> Iterator[_Look]:
    """As a flat sheet too, by large pieces of print, and where keypoints are few."""
    for number in numbers[:_THOROUGHLY]:
        comparison = compare(features, blanks.reference(number), thorough=True)
        if comparison.matrix is not None and comparison.score >= _ALIKE:
            yield _Look(number, comparison.score, comparison.matrix)
        flat = flat_by_few(features, blanks.features[number])
        if flat is not None:
            yield _Look(number, max(comparison.score, _ALIKE), flat)


def _by_all_print(features: PageFeatures, blanks: Blanks, numbers: Sequence[int]) -> Iterator[_Look]:
    """By all print at once: the keypoints of a densely filled page are its writer's."""
    order = np.argsort(-candidates(features, blanks.voters), kind="stable")
    asked = list(dict.fromkeys([*numbers, *(int(each) for each in order)]))[:_GLANCES]
    inks = {number: blanks.features[number].ink for number in asked}
    by_print = sorted(asked, key=lambda number: -likeness(features.ink, inks[number], by_rules=False))
    rules = rules_of(features.ink)
    by_rules = sorted(asked, key=lambda number: -likeness(rules, rules_of(inks[number]), by_rules=True))
    chosen = dict.fromkeys([*by_print[:_BY_ALL_PRINT], *by_rules[:_BY_ALL_PRINT]])
    ways = [(way, number) for number in chosen for way in laid_whole(features.ink, inks[number])]
    ways.sort(key=lambda each: -each[0].found)
    for way, number in [each for kind in (False, True) for each in _first(ways, kind)]:
        comparison = settled(features, blanks.reference(number), way)
        if comparison.matrix is not None and comparison.score >= _ALIKE:
            yield _Look(number, comparison.score, comparison.matrix)


def _first(ways: Sequence[tuple[LaidWhole, int]], by_rules: bool) -> Sequence[tuple[LaidWhole, int]]:
    return [each for each in ways if each[0].by_rules == by_rules][:_THOROUGHLY]


def _laid(page: _Page, blanks: Blanks, look: _Look) -> Registration:
    blank, own = blanks.pages[look.number], blanks.features[look.number]
    start = _placement(look.matrix, page.features, own)
    fitted = fit(page.stages, start, keypoint_moves(page.features, own, start), blanks.detail(look.number))
    if fitted is None:
        turn = turn_of(start.matrix)
        return Registration(blank.form, blank.page, turn, None, float("inf"), Verdict.OTHER_PRINT, 0.0)
    placement = fitted.sheet.placement
    residual = _residual(fitted) * max(blank.pixels.shape) / max(fitted.laid.shape)
    judged = fitted.checked.judged()
    agreement = max(0.0, judged.agreement - judged.contrary)
    rows, columns = fitted.laid.shape
    covered = np.kron(judged.covered, np.ones((CELL, CELL), np.bool_))[:rows, :columns]
    printed = blanks.detail(look.number).words
    words = printed.share_found(fitted.laid, covered)
    if words is None:
        # Another form's words, too, look like a sheet that lies over these.
        words = printed.share_found(fitted.laid)
    verdict, turn = judge(judged, words, residual), turn_of(placement.matrix)
    hidden = Hidden(judged.covered, (columns / CELL, rows / CELL), placement)
    return Registration(blank.form, blank.page, turn, placement, residual, verdict, agreement, hidden)


def _placement(matrix: npt.NDArray[np.float64], page: PageFeatures, blank: PageFeatures) -> Placement:
    """From a matrix between pixels' middles, page to blank page, to fractions, blank page to page."""
    half = np.array([[1.0, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    corners = half @ np.linalg.inv(matrix) @ np.linalg.inv(half)
    page_size, blank_size = ((ink.shape[1], ink.shape[0]) for ink in (page.ink, blank.ink))
    return Placement(np.linalg.inv(pixels_of(page_size)) @ corners @ pixels_of(blank_size), FLAT)


def _residual(fitted: Fitted) -> float:
    sheet = fitted.sheet
    believed = sheet.left[sheet.weights > 0.05]
    return float(np.percentile(believed, 90)) if believed.size else float("inf")
