"""Takes out spaces that a reader put into words: it looks for those it knows, as "Still water" in a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from models.catalog.form_reader.laid_page import Mask

_WIDE = 0.12
"""Of the ink's height: what is narrower parts letters, also of the widest type."""
_NARROW, _BROAD = frozenset("iljtfI1.,:;'!|()[]/ "), frozenset("mwMW@%")
_SPLIT_NAME = re.compile(r"\b([A-Z][a-z]+) ([a-z]{2,})\b")
_MOST = 8
"""Spaces; a line with more is left as it is."""


def without_split_names(text: str, others: Iterable[str]) -> str:
    """The text with names in one piece that it has in two, if one of the `others` has: "Still water" is "Stillwater".

    Only before a small letter behind a part that begins with a capital: other words may well stand apart.
    """
    joined = _SPLIT_NAME.sub(lambda split: split[1] + split[2], text)
    return joined if joined in set(others) else text


def without_false_spaces(text: str, ink: Mask) -> str:
    """The text of one line without as many spaces as there are too few gaps in its ink, (height, width), 1 for ink."""
    spaces = [place for place, character in enumerate(text) if character == " "]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not spaces or len(spaces) > _MOST or not rows.size:
        return text
    gaps = _gaps(columns, _WIDE * (rows[-1] - rows[0] + 1))
    if len(gaps) >= len(spaces):
        return text
    kept = _nearest(_expected(text, spaces), gaps)
    return "".join(character for place, character in enumerate(text) if character != " " or spaces.index(place) in kept)


def _gaps(columns: np.ndarray, least: float) -> list[float]:
    """Middles of the gaps that are wide enough for a space, from 0 at the left end of the ink to 1 at its right."""
    first, wide = int(columns[0]), float(max(1, columns[-1] - columns[0]))
    steps = np.diff(columns)
    return [float(columns[place] + steps[place] / 2 - first) / wide for place in np.flatnonzero(steps - 1 >= least)]


def _expected(text: str, spaces: Sequence[int]) -> list[float]:
    """Where the spaces would be if letters were as wide as most are."""
    widths = np.array([0.5 if each in _NARROW else 1.5 if each in _BROAD else 1.0 for each in text])
    ends = np.cumsum(widths)
    return [float((ends[place] - widths[place] / 2) / ends[-1]) for place in spaces]


def _nearest(expected: Sequence[float], gaps: Sequence[float]) -> frozenset[int]:
    """Which spaces fit the gaps best, in order."""
    chosen = min(
        combinations(range(len(expected)), len(gaps)),
        key=lambda some: sum(abs(expected[each] - gap) for each, gap in zip(some, gaps, strict=True)),
    )
    return frozenset(chosen)
