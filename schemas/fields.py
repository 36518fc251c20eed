"""What fields are and may be known of: words that forms, readings and results share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """What kind of value a field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHECKBOX = "checkbox"
    SIGNATURE = "signature"


class FieldState(StrEnum):
    """What is known of a field: blank, unreadable and not read are three different things."""

    FILLED = "filled"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Alternative:
    """What may be written there instead."""

    value: str
    confidence: float
