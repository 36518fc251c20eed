"""Says that a page holds writing nobody has read, so that a result is not taken for all that is on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.errors import DocbeamError, ErrorCode, ErrorItem
from schemas.prediction import Prediction, Quad, TextLine, TextState, bounds
from schemas.result import PageResult

_UNREAD = "\ufffd"
_SEVERAL_LETTERS = 1.5
"""Longer by shorter side of a place from which it holds more than a single sign, which may as well be a mark."""


_MUCH = 1 / 8
"""Share of a page's lines from which its text is not whole; of a fax a tenth may be spoilt, and its lines say which."""


def unread_text(page: PageResult) -> ErrorItem | None:
    """What to tell of lines that could not be read, or only in part; None where there are few, or none.

    A signature, a box or a bar code that a model has found at a place tells what is there.
    """
    predictions = [outcome.prediction for outcome in page.outcomes]
    known = [quad for prediction in predictions for quad in _known(prediction)]
    for outcome in page.outcomes:
        lines = outcome.prediction.lines
        unread = sum(any(_is_open(place, known, page) for place in _unread_places(line)) for line in lines)
        if unread and unread >= _MUCH * len(lines):
            told = f"of {len(lines)} lines of writing {unread} could not be read, or only in part"
            return DocbeamError(ErrorCode.TEXT_UNREAD, told).item(outcome.model, page.number)
    return None


def _known(prediction: Prediction) -> Iterator[Quad]:
    yield from (signature.quad for signature in prediction.signatures)
    yield from (box.quad for box in prediction.checkboxes)
    yield from (barcode.quad for barcode in prediction.barcodes)


def _unread_places(line: TextLine) -> Iterator[Quad]:
    if line.state is TextState.READ:
        return
    words = [word.quad for word in line.words if _UNREAD in word.text]
    yield from words or [line.quad]


def _is_open(place: Quad, known: Iterable[Quad], page: PageResult) -> bool:
    left, top, right, bottom = bounds(place)
    sides = sorted(((right - left) * page.width, (bottom - top) * page.height))
    return sides[1] >= _SEVERAL_LETTERS * sides[0] and not any(_is_in(place, quad) for quad in known)


def _is_in(place: Quad, other: Quad) -> bool:
    """Whether the middle of a place lies in an upright box."""
    left, top, right, bottom = bounds(other)
    return left <= sum(place[0::2]) / 4 <= right and top <= sum(place[1::2]) / 4 <= bottom
