"""Dates as people write them on forms: in figures by the form's order, or with the month in English words."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Iterator
from datetime import date

from forms.rules.broken import BrokenRule
from forms.rules.setting import DateOrder, Setting

_PARTS = re.compile(r"(\d{1,4})\s*[-/., ]\s*(\d{1,2})\s*[-/., ]\s*(\d{1,4})", re.ASCII)
_PACKED = re.compile(r"\d{8}|\d{6}", re.ASCII)
_IN_WORDS = (
    re.compile(r"(?P<month>[a-z]{3,9})\.?\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*,?\s*(?P<year>\d{4}|\d{2})", re.ASCII),
    re.compile(
        r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?\s*(?:of\s)?\s*-?(?P<month>[a-z]{3,9})\.?\s*[-,]?\s*(?P<year>\d{4}|\d{2})",
        re.ASCII,
    ),
)
_MONTHS = {name.lower(): number for names in (month_name, month_abbr) for number, name in enumerate(names) if name} | {
    "sept": 9
}
_YEARS = range(1800, 2200)
"""A year out of these is a slip of the pen or of the reader."""
_PIVOT = 69
"""Years of two figures from this on are of the last century, as in POSIX."""
_IN_THE_OPEN = {
    DateOrder.MDY: "month/day/year",
    DateOrder.DMY: "day/month/year",
    DateOrder.YMD: "year/month/day",
}


def iso_date(value: str, setting: Setting) -> str:
    """The date as yyyy-mm-dd; without an order it is the first of m/d/y, d/m/y, y/m/d that there is.

    Raises BrokenRule.
    """
    order = setting.order
    for found in _readings(value.strip().lower(), order):
        return found.isoformat()
    raise BrokenRule(f"not a date ({_IN_THE_OPEN[order]})" if order else "not a date")


def _readings(text: str, order: DateOrder | None) -> Iterator[date]:
    for pattern in _IN_WORDS:
        if found := pattern.fullmatch(text):
            yield from _real(found["year"], _MONTHS.get(found["month"], 0), int(found["day"]))
    orders = [order] if order else list(DateOrder)
    if found := _PARTS.fullmatch(text):
        first, second, third = found.groups()
        # Four figures first are a year wherever one is.
        for each in [DateOrder.YMD] if len(first) > 2 else orders:
            yield from _ordered(first, second, third, each)
    elif _PACKED.fullmatch(text):
        long = 4 if len(text) == 8 else 2
        for each in orders:
            cuts = (long, long + 2) if each is DateOrder.YMD else (2, 4)
            yield from _ordered(text[: cuts[0]], text[cuts[0] : cuts[1]], text[cuts[1] :], each)


def _ordered(first: str, second: str, third: str, order: DateOrder) -> Iterator[date]:
    match order:
        case DateOrder.MDY:
            yield from _real(third, int(first), int(second))
        case DateOrder.DMY:
            yield from _real(third, int(second), int(first))
        case DateOrder.YMD:
            yield from _real(first, int(second), int(third))


def _real(year: str, month: int, day: int) -> Iterator[date]:
    """The date, if there is one in the calendar."""
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= _PIVOT else 2000
    if len(year) in (2, 4) and number in _YEARS:
        try:
            yield date(number, month, day)
        except ValueError:
            return
