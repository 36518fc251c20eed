"""Which script a line is in, whether it is by hand, which letters are others than was read: told by its looks."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.line_traits import COUNT, LETTER_COUNT, Traits
from models.catalog.ocr.page.recognition import ReadLine

UNKNOWN = "unknown"
"""There is writing, and its script cannot be told."""
NO_WRITING = "none"
"""What the classifier calls a drawing, a stamp or a smear."""
_FURTHEST = 4.0
"""Spreads from the middle, beyond which a trait says no more: pages are of more kinds than were drawn."""

_SURELY_LACKING, _LACKING, _MAY_LACK = 0.7, 0.3, 0.1
"""From when on a letter is taken for one that the recogniser lacks: by itself, with a second one, and in a line with
such. Of letters in unseen faces 59 and 96 of 139 are above the first two, of those on drawn pages without any 0 of
2,664; on 719 lines of real forms no line has such letters by this rule, and 6 would if one above 0.3 were enough."""

Row = npt.NDArray[np.float32]


def may_have_accents(sign: str) -> bool:
    """Whether a letter that is read may stand for one with more accents: a vowel or a d, whatever is on it."""
    return unicodedata.normalize("NFD", sign)[0].lower() in "aeiouyd" or sign in "\u0111\u0110"


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
        if self._of_scripts.shape != (COUNT + 1, len(self._scripts)) or self._of_letters.shape != (LETTER_COUNT + 1,):
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

    def lacking(self, line: ReadLine) -> list[int]:
        """Numbers of the characters that stand for letters with more accents, which the recogniser lacks."""
        places = [at for at, sign in enumerate(line.text) if may_have_accents(sign)]
        if not places or line.features is None:
            return []
        rows = (line.letter_traits(places) - self._letter_middle) / self._letter_spread
        odds = np.clip(rows, -_FURTHEST, _FURTHEST) @ self._of_letters[:-1] + self._of_letters[-1]
        shares = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        if float(shares.max()) < _SURELY_LACKING and int((shares >= _LACKING).sum()) < 2:
            return []
        return [at for at, share in zip(places, shares, strict=True) if share >= _MAY_LACK]

    def _row(self, traits: Traits) -> Row:
        row = np.clip((traits - self._middle) / self._spread, -_FURTHEST, _FURTHEST)
        return np.append(row, np.float32(1)).astype(np.float32)
