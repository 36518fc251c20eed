"""What may stand in a field, by its kind, and the classes of the character network."""

from __future__ import annotations

from enum import StrEnum
from string import ascii_lowercase, ascii_uppercase, digits


class CropKind(StrEnum):
    """What a form says about a field."""

    TEXT = "text"
    """Free text."""
    DIGITS = "digits"
    CAPITALS = "capitals"
    """Block capitals; small letters are answered as capitals."""
    DATE = "date"
    """In figures."""
    AMOUNT = "amount"
    CHARACTER = "character"
    """One letter or digit."""
    DIGIT = "digit"
    CAPITAL = "capital"

    @property
    def single(self) -> bool:
        """Whether the field holds one character."""
        return self in (CropKind.CHARACTER, CropKind.DIGIT, CropKind.CAPITAL)


SYMBOLS = ".,-/&'()+@#%$:"
EMPTY = ""
"""Class of a cell in which nothing is written."""
CLASSES: tuple[str, ...] = (*digits, *ascii_uppercase, *ascii_lowercase, *SYMBOLS, EMPTY)
"""Of the character network, in the order of its outputs."""

_ALLOWED: dict[CropKind, str] = {
    CropKind.TEXT: digits + ascii_uppercase + ascii_lowercase + SYMBOLS,
    CropKind.DIGITS: digits,
    CropKind.CAPITALS: ascii_uppercase + "-'.&",
    CropKind.DATE: digits + "/-.",
    CropKind.AMOUNT: digits + ".,-$",
    CropKind.CHARACTER: digits + ascii_uppercase + ascii_lowercase,
    CropKind.DIGIT: digits,
    CropKind.CAPITAL: ascii_uppercase,
}


def allowed(kind: CropKind) -> str:
    """The characters of a kind, the space that some fields have between words apart."""
    return _ALLOWED[kind]


def allowed_classes(kind: CropKind) -> list[int]:
    """Outputs of the character network that count for a kind; the last one is EMPTY."""
    return [CLASSES.index(text) for text in (*_ALLOWED[kind], EMPTY)]
