"""What is expected to be written in a line, for the search that reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.ocr.character_prior import EDGE, CharacterPrior
from models.ocr.lexicon import Lexicon

WEIGHT = 0.5
"""Of the prior's log-probability beside that of the network. Like the others here, chosen on validation writers."""
BONUS = 1.2
"""For each character: the prior alone prefers short texts."""
KNOWN = 2.0
"""For each word that the lexicon knows."""
USUAL = 4.0
"""For a date or amount that has one of the usual forms."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """Characters as they follow each other in what people write into forms, and known words."""

    prior: CharacterPrior
    lexicon: Lexicon
    weight: float = WEIGHT
    bonus: float = BONUS
    known: float = KNOWN

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

    def worth(self, before: str, sign: str) -> float:
        """Of `sign` after `before`."""
        return self.weight * self.prior.log_probability(before, sign) + self.bonus

    def worth_ended(self, text: str) -> float:
        """Of the end after `text`, and of its words."""
        return self.weight * self.prior.log_probability(text, EDGE) + self.known * self.lexicon.known(text)[0]


@dataclass(frozen=True, slots=True)
class Form:
    """Figures follow no spelling, but most dates and amounts are written in few ways."""

    usual: Callable[[str], bool]
    bonus: float = USUAL
    most: float = 0.0

    def worth(self, before: str, sign: str) -> float:
        """Of `sign` after `before`: any is as likely as the others."""
        return 0.0

    def worth_ended(self, text: str) -> float:
        """Of a text in this form."""
        return self.bonus * self.usual(text)
