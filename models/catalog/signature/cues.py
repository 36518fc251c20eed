"""Words that say that a signature is near."""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemas.prediction import Prediction, Quad, TextLine, bounds, box_quad

_CUE = re.compile(
    r"\b(signature|signatory|signed|sign here|sincerely|regards|truly yours|faithfully|X_{3,})\b"
    r"|\b(unterschrift\w*|firma|firmante|lu et approuv\w*|assinatura|podpis\w*|handtekening|underskrift\w*|signatur"
    r"|imza\w*|namnteckning|allekirjoitus|al[aá][ií]r[aá]s\w*|semn[aă]tur\w*|подпис\w*)\b"
    r"|_{6,}",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(dated?|datum|data|fecha|dato|dátum|päiväys|tarih|place|ort|lieu|lugar|luogo|local|plaats|sted|plats"
    r"|miejsce|block (letters|capitals)|printed? name|full name|first name|last name|surname|druckbuchstaben"
    r"|vorname|nachname|prénom|apellidos|cognome|imię|nazwisko|fornavn|förnamn|voornaam|achternaam)\b",
    re.IGNORECASE,
)
_UNDER, _OVER = 3.0, 5.0
"""Heights of a letter: a label stands as near below the line that it is for, or above the place."""
_LABEL = 6
"""Words of a label at most."""
_REACH_ACROSS, _REACH_DOWN = 12.0, 7.0
_MOST_LABELS = 8
"""Of a page, so many labels are looked at."""
_SURE = 0.95
"""Confidence of what was read in print."""


def cue_quads(earlier: Mapping[str, Prediction]) -> list[Quad]:
    """The lines read on the page that speak of signing."""
    return [line.quad for prediction in earlier.values() for line in prediction.lines if _CUE.search(line.text)]


def is_label(line: TextLine) -> bool:
    """Whether the line is what a form prints at a place to sign, and no sentence."""
    return len(line.words) <= _LABEL and bool(_CUE.search(line.text))


def windows_at_labels(earlier: Mapping[str, Prediction], wide: float, high: float) -> list[Quad]:
    """Windows of that size above, below and behind each label for signatures, of the first few labels."""
    lines = [line for prediction in earlier.values() for line in prediction.lines]
    windows: list[Quad] = []
    for line in [line for line in lines if is_label(line)][:_MOST_LABELS]:
        left, top, right, bottom = bounds(line.quad)
        middle = (top + bottom) / 2
        for x, y in ((left, top - high), (left, bottom), (right, middle - high / 2)):
            windows.append(box_quad(x, y, x + wide, y + high))
    return windows


def is_surely_read(line: TextLine) -> bool:
    """Whether it is print."""
    return bool(line.text) and line.confidence >= _SURE


def sure_lines(earlier: Mapping[str, Prediction]) -> list[Quad]:
    """The labels for signatures, and the lines that were read for sure: print."""
    lines = [line for prediction in earlier.values() for line in prediction.lines]
    return [line.quad for line in lines if is_label(line) or is_surely_read(line)]


def asks_for_other(box: Quad, earlier: Mapping[str, Prediction], unit: float) -> bool:
    """Whether a label right below an upright box asks for a date, place or name, and none beside it for a signature.

    That of the next place may be right below, too, where labels stand above their places.
    """
    left, top, right, low = box[0], box[1], box[4], box[5]
    asked = False
    for line in (line for prediction in earlier.values() for line in prediction.lines):
        start, high, end, bottom = bounds(line.quad)
        is_below = abs(high - low) <= _UNDER * unit and left - _UNDER * unit <= (start + end) / 2 <= right
        is_before = start <= left <= end + _REACH_ACROSS * unit and high < low and bottom > top
        is_above = -unit <= top - bottom <= _OVER * unit and start < right and end > left
        if (is_below or is_before or is_above) and _CUE.search(line.text):
            return False
        asked = asked or (is_below and len(line.words) <= _LABEL and bool(_OTHER.search(line.text)))
    return asked


def is_near(box: Quad, cues: list[Quad], unit: float) -> bool:
    """Whether one of `cues` is beside, above or below `box`, within a few letter heights `unit`."""
    left, top, right, bottom = box[0], box[1], box[4], box[5]
    for quad in cues:
        across = max(min(quad[0::2]) - right, left - max(quad[0::2]), 0.0)
        down = max(min(quad[1::2]) - bottom, top - max(quad[1::2]), 0.0)
        if across <= _REACH_ACROSS * unit and down <= _REACH_DOWN * unit:
            return True
    return False
