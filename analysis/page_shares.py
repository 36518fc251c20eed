"""Several children at work on one page: in how many shares it is asked about, and what these are together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from documents.geometry import from_source
from models.card import ModelCard
from models.reading_order import in_reading_order
from schemas.prediction import Prediction
from schemas.result import PageResult

_LEAST_PIXELS = 1_500_000
"""Of a page, below which a child is soon done with the whole: an A4 page at 130 dpi."""


def shares_of(card: ModelCard, pages: Sequence[PageResult], children: int) -> int:
    """In how many shares the pages are asked about. What is found is the same in any number."""
    if all(page.width * page.height < _LEAST_PIXELS for page in pages):
        return 1
    return min(card.limits.shares, children)


def joined(shares: Sequence[Prediction], page: PageResult) -> Prediction:
    """What all shares of the page found, with quads in fractions of the source page; lines in reading order."""
    if len(shares) == 1:
        return shares[0]
    lines = [line for share in shares for line in share.lines]
    return Prediction(
        lines=in_reading_order(lines, from_source(page.transforms, page.width, page.height)),
        checkboxes=tuple(chain.from_iterable(share.checkboxes for share in shares)),
        signatures=tuple(chain.from_iterable(share.signatures for share in shares)),
        labels=tuple(chain.from_iterable(share.labels for share in shares)),
    )
