"""Marked places in line with sure boxes, of whose border the mark hides too much for the network to be sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.page_ink import working_pages
from models.catalog.checkbox.print_rows import Amid, among_print
from models.catalog.checkbox.seen import Seen, from_page
from models.catalog.checkbox.selection import Found
from models.catalog.checkbox.whole_border import has_whole_border
from schemas.prediction import CheckboxState

_LEAST, _LEAST_WHOLE, _WHOLE = 0.63, 0.1, 0.85
"""Confidence of such a place; of one whose border is whole on all sides, and what is said of that."""
_SQUARE = 0.15
"""Share of its side by which its width and height differ at most: cells of tables are wider."""
_ALIKE = 0.16
"""Sides by which the edges of a place may lie off those of sure boxes of its line."""
_FEWEST, _FEWEST_WHOLE, _FEWEST_WHITE = 3, 1, 1
"""Of them there must be so many; fewer where the border is whole, or a place is white on a tint."""
_MARKS = (CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.SCRIBBLED_OUT)
"""Not filled ones: discs of legends stand in columns too; and not what may be a letter. With a whole border it is none
of these."""
_NO_MARK = (CheckboxState.EMPTY, CheckboxState.UNREADABLE)


def with_hidden_border(
    grey: npt.NDArray[np.uint8], dpi: float | None, places: Sequence[Seen], others: Sequence[Found]
) -> list[Seen]:
    """Those that are square, as large as `others` in line, marked, and neither among letters nor between walls."""
    whole = [_surer(one) for one in places if _is_scribbled_full(one) and has_whole_border(grey, one.place)]
    marked = [one for one in places if one.place.confidence >= _LEAST and one.state in _MARKS]
    alike = [one for one in whole if _alike(one.place, others) >= _FEWEST_WHOLE]
    alike += [one for one in marked if _is_square(one.place) and _alike(one.place, others) >= _FEWEST]
    free = _standing_free([one.place for one in alike], grey, dpi)
    return [one for one, is_free in zip(alike, free, strict=True) if is_free]


def white_as_others(places: Sequence[Seen], sure: Sequence[Found]) -> list[Seen]:
    """Marked places that are white on a tint, of the size of sure boxes and in line with them: no border is needed."""
    return [
        replace(one, place=replace(one.place, confidence=max(_LEAST, one.place.confidence)))
        for one in places
        if one.state is not CheckboxState.EMPTY and _alike(one.place, sure) >= _FEWEST_WHITE
    ]


def _alike(box: Found, sure: Sequence[Found]) -> int:
    """How many stand in its column or row, as wide and high as it is."""
    slack = _ALIKE * box.side
    count = 0
    for other in sure:
        off = [abs(one - another) for one, another in zip(box.extent, other.extent, strict=True)]
        wide = abs(box.right - box.left - other.right + other.left)
        high = abs(box.bottom - box.top - other.bottom + other.top)
        count += max(wide, high) <= slack and (max(off[0], off[2]) <= slack or max(off[1], off[3]) <= slack)
    return count


def _is_scribbled_full(one: Seen) -> bool:
    """Whether it may be: not a round one, which a letter O is as well."""
    box = one.place
    return box.confidence >= _LEAST_WHOLE and one.state not in _NO_MARK and not box.radio and _is_square(box)


def _surer(one: Seen) -> Seen:
    return replace(one, place=replace(one.place, confidence=max(_WHOLE, one.place.confidence)))


def _is_square(box: Found) -> bool:
    return abs(box.right - box.left - box.bottom + box.top) <= _SQUARE * box.side


def _standing_free(boxes: Sequence[Found], grey: npt.NDArray[np.uint8], dpi: float | None) -> list[bool]:
    """For each, by the first working page that shows all of it."""
    free: dict[int, bool] = {}
    inks = working_pages(grey, dpi)
    while len(free) < len(boxes) and (ink := next(inks, None)) is not None:
        height, width = ink.darkness.shape
        for number, box in enumerate(boxes):
            at_work = from_page(box, ink)
            shown = min(at_work.left, at_work.top) >= 0 and at_work.right < width and at_work.bottom < height
            if number not in free and shown:
                free[number] = among_print(ink.masks, [at_work]) == [Amid.NOTHING]
    return [free.get(number, False) for number in range(len(boxes))]
