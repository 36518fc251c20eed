"""What is expected to be written in a line, for the search that reads it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import exp
from pathlib import Path

from models.catalog.ocr.language.character_prior import EDGE, CharacterPrior
from models.catalog.ocr.language.lexicon import Lexicon

WEIGHT = 0.5
"""Of the prior's log-probability beside that of the network. Like the others here, chosen on validation writers."""
BONUS = 1.2
"""For each character: the prior alone prefers short texts."""
KNOWN = 2.0
"""For each word that the lexicon knows."""
USUAL = 4.0
"""For a date or amount that has one of the usual forms."""

_MOST_KEPT = 30_000
"""Contexts: the same ones are asked for over and over."""
_ALIKE: Mapping[str, float] = defaultdict(lambda: 1.0)


class _Worths(dict[str, float]):
    """Factors of the characters that may follow, worked out when they are asked for."""

    def __init__(self, probabilities: Mapping[str, float], weight: float, bonus: float) -> None:
        super().__init__()
        self._probabilities, self._weight, self._bonus = probabilities, weight, exp(bonus)

    def __missing__(self, sign: str) -> float:
        found: float = self._bonus * self._probabilities[sign] ** self._weight
        self[sign] = found
        return found


@dataclass(frozen=True, slots=True)
class Spelling:
    """Characters as they follow each other in what people write into forms, and known words."""

    prior: CharacterPrior
    lexicon: Lexicon
    weight: float = WEIGHT
    bonus: float = BONUS
    known: float = KNOWN
    _worths: dict[str, _Worths] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, file: Path) -> Spelling:
        """From a file of `packed`. Raises OSError; ValueError, KeyError or zlib.error when it is none."""
        stored = json.loads(file.read_text(encoding="ascii"))
        return cls(CharacterPrior.unpacked(stored["prior"]), Lexicon.unpacked(stored["lexicon"]))

    def packed(self) -> str:
        """Prior and lexicon as ASCII text."""
        return json.dumps({"prior": self.prior.packed(), "lexicon": self.lexicon.packed()}, indent=1) + "\n"

    @property
    def most(self) -> float:
        """No character is worth more."""
        return self.bonus

    def after(self, before: str) -> Mapping[str, float]:
        """By character: the factor that it is worth after `before`."""
        context = self.prior.context(before)
        found = self._worths.get(context)
        if found is None:
            if len(self._worths) > _MOST_KEPT:
                self._worths.clear()
            found = self._worths[context] = _Worths(self.prior.after(context), self.weight, self.bonus)
        return found

    @property
    def most_word(self) -> float:
        """No word is worth more."""
        return self.known

    def worth_word(self, text: str) -> float:
        """Of the last word of `text`, if it is known."""
        return self.known * self.lexicon.known(text.rpartition(" ")[2])[0]

    def worth_ended(self, text: str) -> float:
        """Of the end after `text`."""
        return self.weight * self.prior.log_probability(text, EDGE)


@dataclass(frozen=True, slots=True)
class Form:
    """Figures follow no spelling, but most dates and amounts are written in few ways."""

    usual: Callable[[str], bool]
    bonus: float = USUAL
    most: float = 0.0
    most_word: float = 0.0

    def after(self, before: str) -> Mapping[str, float]:
        """By character: the factor that it is worth after `before`; any is as likely as the others."""
        return _ALIKE

    def worth_word(self, text: str) -> float:
        """Of its last word: there are no words."""
        return 0.0

    def worth_ended(self, text: str) -> float:
        """Of a text in this form."""
        return self.bonus * self.usual(text)
