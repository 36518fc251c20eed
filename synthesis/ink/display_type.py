"""Type that swings, as on letterheads, cards and certificates: large, in one tone, in outline or with a shadow."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.fonts import FontFolder
from synthesis.forms import form_words
from synthesis.ink.signature_print import LineBank
from synthesis.sheet import Pixels

Random = np.random.Generator

_KINDS = (
    *("& Sons", "Bakery", "Hotel", "Studio", "Wines", "Trust", "Café", "Interiors", "Academy", "Garden Centre"),
    *("of Excellence", "Law Office", "Flowers", "& Partners", "Boutique", "Music School", "Tea Room", "Press"),
)
_SAYINGS = (
    *("Certificate of Attendance", "Diploma", "With compliments", "Happy Birthday", "Thank you", "Welcome", "Menu"),
    *("Save the date", "is hereby awarded to", "Anniversary", "Best Wishes", "Dear friends", "Your Team", "Since 1921"),
    *("made with love", "Special offer", "Season's Greetings", "Our Story", "the finest in town", "You are invited"),
)
_FINER = 3


class DisplayType:
    """Draws lines in the given faces."""

    def __init__(self, fonts: FontFolder, faces: tuple[str, ...], seed: int) -> None:
        """Raises FontsMissingError."""
        self._bank = LineBank(fonts, faces, _texts(np.random.default_rng([seed, 4])), 700, seed, _FINER)

    def draw(self, random: Random, height: float) -> Pixels:
        """A line or a piece of one, 255 where there is ink; `height` pixels with all that swings."""
        ink = _cut(self._bank.draw(random, 1.5 * height), random)
        kind = random.random()
        if kind < 0.12:
            thick = max(2, round(height / 25))
            ink = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, np.ones((thick, thick), np.uint8)))
        elif kind < 0.24:
            by = max(1, round(height * random.uniform(0.02, 0.07)))
            shadow = np.zeros_like(ink)
            shadow[by:, by:] = ink[:-by, :-by]
            ink = np.maximum(ink, (shadow * random.uniform(0.25, 0.6)).astype(np.uint8))
        if random.random() < 0.2:
            _swing(ink, random)
        return ink


def _texts(random: Random) -> list[str]:
    found = list(_SAYINGS)
    for _ in range(400):
        first, last = (str(words[int(random.integers(len(words)))]) for words in (form_words.FIRST, form_words.LAST))
        town = str(form_words.CITIES[int(random.integers(len(form_words.CITIES)))])
        kind = _KINDS[int(random.integers(len(_KINDS)))]
        found.append((f"{last} {kind}", f"{first} {last}", last, f"{town} {kind}", first)[int(random.integers(5))])
    return [text for text in found if text.isascii()]


def _cut(ink: Pixels, random: Random) -> Pixels:
    """To its ink; long lines often to a piece, as a window on a page shows no more."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size and columns.size:
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide = ink.shape
    most = round(high * random.uniform(1.8, 4.5))
    if wide > most and random.random() < 0.7:
        start = int(random.integers(0, wide - most + 1))
        ink = ink[:, start : start + most]
    return np.ascontiguousarray(ink)


def _swing(ink: Pixels, random: Random) -> None:
    """A swash below the line, in place."""
    high, wide = ink.shape
    along = np.linspace(0.05, 0.95, 40)
    level = high * (random.uniform(0.8, 0.97) + random.uniform(-0.1, 0.1) * np.sin(along * random.uniform(2, 7)))
    points = np.rint(np.column_stack([wide * along, level])).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(ink, [points], False, 255, max(1, round(high * random.uniform(0.02, 0.06))), cv2.LINE_AA)
