"""Where a value is written: country and order of dates decide what it may look like."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DateOrder(StrEnum):
    """In which order people write a date in figures."""

    MDY = "mdy"
    DMY = "dmy"
    YMD = "ymd"


_MONTH_FIRST, _YEAR_FIRST = frozenset({"US"}), frozenset({"CN", "HU", "JP", "KR", "LT", "MN", "SE", "TW"})
_EVERY_WAY = frozenset({"CA"})
"""Where people write what they like."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form says of all its values."""

    country: str = ""
    """ISO 3166-1, two capitals; empty: any."""
    date_order: DateOrder | None = None
    """None: any."""

    @property
    def order(self) -> DateOrder | None:
        """Of dates: as told, else as is usual in the country (CLDR's short dates), else any."""
        if self.date_order is not None or not self.country or self.country in _EVERY_WAY:
            return self.date_order
        if self.country in _MONTH_FIRST:
            return DateOrder.MDY
        return DateOrder.YMD if self.country in _YEAR_FIRST else DateOrder.DMY
