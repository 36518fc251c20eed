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
    BARCODE = "barcode"


class FieldState(StrEnum):
    """What is known of a field: blank, unreadable and not read are three different things."""

    FILLED = "filled"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    NOT_READ = "not_read"


class ValueOrigin(StrEnum):
    """Where a field's value was taken from."""

    PIXELS = "pixels"
    """Read off the page's picture."""
    FORM_DATA = "form_data"
    """Of a PDF: typed into the field, whatever it looks like."""
    TEXT_LAYER = "text_layer"
    """Of a PDF: drawn as text inside the field's place."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """What may be written there instead."""

    value: str
    confidence: float
