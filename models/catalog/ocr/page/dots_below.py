"""Letters with a dot below, as in Vietnamese, Yoruba or Arabic names in Latin letters, which the recogniser lacks.

It answers the plain letter, or none where that is as narrow as an i, and is sure of it. The dot itself is plain to see.
"""

from __future__ import annotations

from statistics import median
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.line_ink import line_ink
from models.catalog.ocr.page.recognition import ReadLine
from models.pieces import pieces_of

_LEAST_ROWS = 9
"""Of a letter, in rows of a line; dots and accents are lower."""
_SMALLEST, _SHORTER, _LONGER = 3, 0.12, (0.16, 0.26)
"""Of a dot: shorter side in pixels and in heights of letters, and longer side in those: specks of a fax are smaller."""
_ROUND, _FULL = 1.45, 0.6
"""Longer by shorter side of a dot at most, since commas are longer; and the share of the square around it with ink."""
_LEAST_GAP, _GAP, _ON_LINE, _ASIDE = 0.08, 0.4, 0.14, 0.2
"""Heights of letters: from the letter down to its dot, where broken letters have pieces closer by; how far a letter may
end off the line, as an exclamation mark does; and how far the dot may stand aside of its middle."""
_SEVERAL, _TAIL = 1.1, 0.15
"""Heights of letters: width of several that touch, and how far a tail goes below the line."""
_MOST, _APART = 0.45, 0.5
"""Share of the letters that have dots at most, and heights of letters between two: of dotted rules are more."""
_CRUMB = 4
"""Pixels of a piece of a broken letter; where as many lie on the line, dots are more of them."""
_NEAR = 5.0
"""Columns from the middle of a letter within which a character was read for it."""
_BELOW = frozenset("\u0323\u0326\u0327\u0328")
"""Dot, comma, cedilla, ogonek: what was read has one already."""

Pieces = npt.NDArray[np.intp]
"""(n, 4): left, top, right, bottom, the last two past the end."""


def dotted_letters(crop: npt.NDArray[np.uint8], line: ReadLine) -> tuple[list[int], list[float]]:
    """As `LineKinds.lacking`, of letters of a line with a dot below: those read as others, and those passed over."""
    mask = line_ink(crop)
    pieces = pieces_of(mask)
    left, top, wide, high = pieces.boxes[1:].astype(np.intp).T
    boxes = np.stack([left, top, left + wide, top + high], axis=1)
    letters = boxes[high >= _LEAST_ROWS]
    if not len(letters):
        return [], []
    usual, base = float(median(letters[:, 3] - letters[:, 1])), float(median(letters[:, 3]))
    longer = np.maximum(wide, high) / usual
    fits = (np.minimum(wide, high) >= max(_SMALLEST, _SHORTER * usual)) & (top >= base)
    fits &= (longer >= _LONGER[0]) & (longer <= _LONGER[1])
    fits &= (np.maximum(wide, high) <= _ROUND * np.minimum(wide, high)) & (pieces.areas[1:] >= _FULL * wide * high)
    dots = boxes[fits & (top + high < len(mask))]
    crumbs = (high < _LEAST_ROWS) & (top >= base - usual) & (top + high <= base + 1) & (pieces.areas[1:] >= _CRUMB)
    broken = crumbs.sum() > _MOST * len(letters)
    if broken or len(dots) > max(1, _MOST * len(letters)) or _are_close(dots, _APART * usual):
        return [], []
    found = [middle for dot in dots if (middle := _dotted(dot, letters, usual, base)) is not None]
    return _as_read(found, line, mask.shape[1])


def _are_close(dots: Pieces, apart: float) -> bool:
    lefts = np.sort(dots[:, 0])
    return bool((np.diff(lefts) < apart).any())


def _dotted(dot: Pieces, letters: Pieces, usual: float, base: float) -> float | None:
    """The middle column of the letter that stands right above a dot; None where there is none."""
    middle = (dot[0] + dot[2]) / 2
    ends = letters[:, 3]
    gap = (dot[1] - ends) / usual
    on_line = (gap >= _LEAST_GAP) & (gap <= _GAP) & (np.abs(ends - base) <= _ON_LINE * usual)
    within = (letters[:, 0] <= middle) & (middle <= letters[:, 2])
    # Letters that touch one another are one piece; the dot of a y stands beside its tail.
    joined = within & (letters[:, 2] - letters[:, 0] > _SEVERAL * usual)
    central = np.abs((letters[:, 0] + letters[:, 2]) / 2 - middle) <= _ASIDE * usual
    return (
        float(middle)
        if (on_line & (central | joined)).any() or (within & (ends - base > _TAIL * usual)).any()
        else None
    )


def _as_read(middles: list[float], line: ReadLine, columns: int) -> tuple[list[int], list[float]]:
    letters, passed = [], []
    for middle in middles:
        away = [(abs(centre * columns - middle), at) for at, centre in enumerate(line.centres)]
        near = min((one for one in away if not line.text[one[1]].isspace()), default=(_NEAR + 1, 0))
        if near[0] > _NEAR:
            passed += [middle / columns] if line.text[near[1] : near[1] + 1].isalpha() else []
        elif _BELOW.isdisjoint(normalize("NFD", line.text[near[1]])) and line.text[near[1]].isalpha():
            letters.append(near[1])
    return letters, passed
