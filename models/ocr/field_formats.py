"""How dates and amounts are usually written: a reading that is written otherwise has more often lost a sign."""

from __future__ import annotations

import re

from models.ocr.alphabets import CropKind

_USUAL = {
    CropKind.DATE: re.compile(r"\d{1,2}([/.-]) ?\d{1,2}\1 ?(\d{2}|\d{4})|\d{4}([/.-])\d{1,2}\3\d{1,2}"),
    CropKind.AMOUNT: re.compile(r"\$? ?(\d{1,3}(,\d{3})+|\d{1,3}(\.\d{3})+|\d+)([.,](\d{2}|-))?"),
}


def is_usual(kind: CropKind, text: str) -> bool:
    """Whether the text has a form that is common for the kind; kinds without such a form are always usual."""
    usual = _USUAL.get(kind)
    return usual is None or usual.fullmatch(text.strip()) is not None
