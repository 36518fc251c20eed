"""Which script a line is in, whether it is by hand, which letters are others than was read: told by its looks."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.line_traits import COLUMN_COUNT, COUNT, Traits
from models.catalog.ocr.page.recognition import ReadLine

UNKNOWN = "unknown"
"""There is writing, and its script cannot be told."""
NO_WRITING = "none"
"""What the classifier calls a drawing, a stamp or a smear."""
_FURTHEST = 4.0
"""Spreads from the middle, beyond which a trait says no more: pages are of more kinds than were drawn."""

_SURELY_LACKING, _LACKING, _MAY_LACK = 0.85, 0.6, 0.3
"""From when on a column is taken for the middle of a letter that the recogniser lacks: by itself, with a second one,
and in a line with such. On drawn pages no line of 1,872 has any, of 450 lines in 13 languages whose letters are known,
in unseen faces, 2, and of 2,170 lines of real forms 3; of 325 Vietnamese lines in those faces 264 do. From 0.8 and 0.5
on it were 275, and more words of real forms lost."""
_APART = 3
"""Columns, fewer than between two letters."""
_OF_LETTER, _BETWEEN = 2.5, 1.5
"""Columns from the middle of a character within which such a letter was read as that, and from which on it was passed
over."""
_OTHER_MARKS = frozenset("\u030a\u030b\u030c\u0328")
"""Ring, double acute, caron, ogonek: of letters that the recogniser knows and that no other is taken for."""
SELDOM_READ = frozenset("\u01a1\u01a0\u01b0\u01af")
"""The horned o and u: the recogniser has them, and mostly reads o and u."""

Row = npt.NDArray[np.float32]


def may_have_accents(sign: str) -> bool:
    """Whether a letter that is read may stand for one with more accents: a vowel or a d, without rings and the like."""
    parts = unicodedata.normalize("NFD", sign)
    plain = parts[0].lower() in "aeiouyd" and _OTHER_MARKS.isdisjoint(parts)
    return plain or sign in "\u0111\u0110"


class LineKinds:
    """The fitted weights: `python -m training.ocr.line_kinds` writes the file."""

    def __init__(self, fitted: Path) -> None:
        """Reads the file. Raises OSError, KeyError or ValueError where it is no such file."""
        with np.load(fitted, allow_pickle=False) as stored:
            self._middle, self._spread = (stored[name].astype(np.float32) for name in ("middle", "spread"))
            self._scripts = [str(name) for name in stored["scripts"]]
            self._of_scripts, self._of_hands = (stored[name].astype(np.float32) for name in ("of_scripts", "of_hands"))
            self._least = float(stored["least"])
            letters = (stored[name].astype(np.float32) for name in ("letter_middle", "letter_spread", "of_letters"))
            self._letter_middle, self._letter_spread, self._of_letters = letters
        if self._of_scripts.shape != (COUNT + 1, len(self._scripts)) or self._of_letters.shape != (COLUMN_COUNT + 1,):
            raise ValueError(f"{fitted.name} is for other traits")

    def script(self, traits: Traits) -> str:
        """The script, in Unicode's name and small letters; UNKNOWN where it is not sure, or sees no writing."""
        name, share = self.likeliest_script(traits)
        return name if share >= self._least and name != NO_WRITING else UNKNOWN

    def likeliest_script(self, traits: Traits) -> tuple[str, float]:
        """The likeliest of all, NO_WRITING among them, and how likely it is."""
        odds = self._row(traits) @ self._of_scripts
        shares = np.exp(odds - odds.max())
        best = int(shares.argmax())
        return self._scripts[best], float(shares[best] / shares.sum())

    def by_hand(self, traits: Traits) -> float:
        """The log-odds that the line was written by hand and not printed."""
        return float(self._row(traits) @ self._of_hands)

    def lacking(self, line: ReadLine) -> tuple[list[int], list[float]]:
        """Letters that the recogniser lacks: numbers of the characters that stand for them, and places, from 0 to 1
        along the line, where it passed over one.
        """
        if line.features is None:
            return [], []
        shares = self._lacking_shares(line.column_traits())
        columns, letters, passed = len(shares), {}, {}
        for column in _peaks(shares):
            away = [abs(centre * columns - column - 0.5) for centre in line.centres]
            seen = [at for at, sign in enumerate(line.text) if not sign.isspace()]
            near = [at for at in seen if away[at] <= _OF_LETTER and may_have_accents(line.text[at])]
            if near:
                letter = min(near, key=lambda at: away[at])
                if line.text[letter] not in SELDOM_READ:
                    letters[letter] = float(shares[column])
            elif all(away[at] >= _reach(line.text[at]) for at in seen) and _is_in_a_word(away, line.text):
                passed[(column + 0.5) / columns] = float(shares[column])
        found = [*letters.values(), *passed.values()]
        if max(found, default=0.0) < _SURELY_LACKING and sum(share >= _LACKING for share in found) < 2:
            return [], []
        return sorted(letters), sorted(passed)

    def _lacking_shares(self, traits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        rows = (traits - self._letter_middle) / self._letter_spread
        odds = np.clip(rows, -_FURTHEST, _FURTHEST) @ self._of_letters[:-1] + self._of_letters[-1]
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), dtype=np.float32)

    def _row(self, traits: Traits) -> Row:
        row = np.clip((traits - self._middle) / self._spread, -_FURTHEST, _FURTHEST)
        return np.append(row, np.float32(1)).astype(np.float32)


def _reach(sign: str) -> float:
    """Columns to both sides that belong to a character, so that what stands there was not passed over."""
    return _OF_LETTER if len(unicodedata.normalize("NFD", sign)) > 1 else _BETWEEN


def _is_in_a_word(away: list[float], text: str) -> bool:
    """Whether the nearest character is a letter: none is passed over among figures alone."""
    nearest = min(range(len(text)), key=lambda at: (text[at].isspace(), away[at]), default=None)
    return nearest is not None and text[nearest].isalpha()


def _peaks(shares: npt.NDArray[np.float32]) -> list[int]:
    """Columns that may be the middle of such a letter, surest first."""
    found: list[int] = []
    for column in np.argsort(-shares):
        if shares[column] < _MAY_LACK:
            break
        if all(abs(int(column) - other) > _APART for other in found):
            found.append(int(column))
    return found
