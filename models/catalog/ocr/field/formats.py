"""How dates and amounts are usually written: a reading that is written otherwise has more often lost a sign."""

from __future__ import annotations

import re

from models.catalog.ocr.language.alphabets import CropKind

_DATE = re.compile(r"(?P<one>\d{1,2})([/.-]) ?(?P<two>\d{1,2})\2 ?(?:\d{2}|(?:19|20)\d{2})")
_YEAR_FIRST = re.compile(r"(?:19|20)\d{2}([/.-])(?P<one>\d{1,2})\1(?P<two>\d{1,2})")
_AMOUNT = re.compile(
    r"\$? ?(?:\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d{1,3}(?:\.\d{3})+(?:,(?:\d{2}|-))?|\d+(?:[.,](?:\d{2}|-))?)"
)
_BARE = re.compile(r"\$? ?\d{3,}")
_MONTHS, _DAYS = 12, 31


def is_usual(kind: CropKind, text: str) -> bool:
    """Whether the text has a form that is common for the kind; kinds without such a form are always usual.

    A date: day and month in either order, and a year of two digits or of this century or the last one. An amount:
    thousands and cents not set off by the same sign.
    """
    if kind is CropKind.DATE:
        return _is_date(text.strip())
    return kind is not CropKind.AMOUNT or _AMOUNT.fullmatch(text.strip()) is not None


def is_bare(kind: CropKind, text: str) -> bool:
    """Whether the text is an amount of three figures or more without any sign between: a faint dot may be lost."""
    return kind is CropKind.AMOUNT and _BARE.fullmatch(text.strip()) is not None


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text) or _YEAR_FIRST.fullmatch(text)
    if found is None:
        return False
    less, more = sorted((int(found["one"]), int(found["two"])))
    return 1 <= less <= _MONTHS and more <= _DAYS
