"""Whether a page that was laid on a blank page is that page."""

from __future__ import annotations

from enum import StrEnum

from models.blank_pages.print_check import Judged

_LEAST_SEEN = 0.35
LEAST_AGREEMENT = 0.6
_MOST_CONTRARY = 0.03
"""Drawn copies of the right form had at most 0.021, of other editions of US forms at least 0.045."""
_LEAST_WORDS = 0.65
"""Frames of one house, or of one form in two languages, agree to the last line."""
_WORST_RESIDUAL = 2.0


class Verdict(StrEnum):
    """What became of a page."""

    REGISTERED = "registered"
    NOTHING_ALIKE = "nothing_alike"
    """No blank page shares enough with the page to be laid on it."""
    TOO_LITTLE_SEEN = "too_little_seen"
    """Most of the print is cut off, torn off or covered."""
    OTHER_PRINT = "other_print"
    """The print is another: another form, edition or language."""
    UNEVEN = "uneven"
    """The page is bent so much that nobody can say where its fields are."""


def judge(judged: Judged, words: float | None, residual: float) -> Verdict:
    """The verdict on a page that has this share of the blank page's words, None where that cannot be told.

    `residual` is in pixels at 150 dpi.
    """
    if judged.seen < _LEAST_SEEN:
        return Verdict.TOO_LITTLE_SEEN
    if judged.agreement < LEAST_AGREEMENT or judged.contrary > _MOST_CONTRARY:
        return Verdict.OTHER_PRINT
    if words is not None and words < _LEAST_WORDS:
        return Verdict.OTHER_PRINT
    return Verdict.UNEVEN if residual > _WORST_RESIDUAL else Verdict.REGISTERED
