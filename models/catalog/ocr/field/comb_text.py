"""What a row of cells says: each by itself, or with what is expected of words, so that a weak cell spoils no name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from models.catalog.ocr.field.characters import ReadCharacter
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.language.prefix_beam import Expectation

WIDTH = 24
"""Texts kept from cell to cell."""
WEIGHT, KNOWN = 0.4, 3.0
"""Of the prior, and of each known word, in combs; chosen on validation writers. There is nothing to be gained by
writing less: the number of characters is given.
"""
LEAST = 0.002
"""Probability of an answer that words may bring forward: what a cell says clearly is never overruled."""


@dataclass(frozen=True, slots=True)
class CombText:
    """A reading of all cells."""

    text: str
    """Empty cells are spaces; none at the ends."""
    characters: tuple[float, ...]
    """Probability of each character of the text, seen by itself."""
    likely: float
    """Of this reading, among all or among those that were looked at."""
    known: float = 0.0
    """Share of its words that the lexicon knows; 0 without words, and where cells are read each by itself."""


def comb_spelling(spelling: Spelling) -> Spelling:
    """The same prior and lexicon, weighed as combs need it."""
    return replace(spelling, weight=WEIGHT, bonus=0.0, known=KNOWN)


def in_cells(read: Sequence[ReadCharacter]) -> list[CombText]:
    """The likeliest reading, then those with another answer in one cell."""
    best = [(cell.text, cell.probability) for cell in read]
    whole = float(np.prod([chance for _, chance in best]))
    found = {(reading := _comb_text(best, whole)).text: reading}
    for place, cell in enumerate(read):
        for answer in cell.alternatives:
            changed = [*best[:place], answer, *best[place + 1 :]]
            other = _comb_text(changed, whole * answer[1] / max(cell.probability, LEAST))
            if other.text not in found or found[other.text].likely < other.likely:
                found[other.text] = other
    first, *others = found.values()
    return [first, *sorted(others, key=lambda one: -one.likely)]


def in_words(read: Sequence[ReadCharacter], spelling: Spelling) -> list[CombText]:
    """Readings, likeliest first; a cell that is read as empty stays so."""
    kept: list[tuple[float, str, tuple[tuple[str, float], ...]]] = [(0.0, "", ())]
    for cell in read:
        grown = [longer for one in kept for longer in _longer(one, cell, spelling)]
        kept = sorted(grown, key=lambda one: one[0], reverse=True)[:WIDTH]
    ended = np.array(
        [worth + spelling.worth_word(text) + spelling.worth_ended(text.strip()) for worth, text, _ in kept]
    )
    shares = np.exp(ended - np.logaddexp.reduce(ended))
    found = []
    for place in np.argsort(-shares, kind="stable"):
        reading = _comb_text(kept[place][2], float(shares[place]))
        known, words = spelling.lexicon.known(reading.text)
        found.append(replace(reading, known=known / max(words, 1)))
    return found


def _longer(
    one: tuple[float, str, tuple[tuple[str, float], ...]], cell: ReadCharacter, expected: Expectation
) -> list[tuple[float, str, tuple[tuple[str, float], ...]]]:
    worth, text, cells = one
    if not cell.text:
        # However many cells lie between two words, it is one space.
        goes_on = text and not text.endswith(" ")
        worth += expected.worth_word(text) if goes_on else 0.0
        return [(worth, f"{text} " if goes_on else text, (*cells, ("", cell.probability)))]
    answers = [(cell.text, cell.probability)]
    answers += [(sign, chance) for sign, chance in cell.alternatives if sign and chance >= LEAST]
    return [
        (worth + log(max(chance, LEAST)) + log(expected.after(text)[sign]), text + sign, (*cells, (sign, chance)))
        for sign, chance in answers
    ]


def _comb_text(cells: Sequence[tuple[str, float]], likely: float) -> CombText:
    whole = "".join(sign or " " for sign, _ in cells)
    text = whole.strip()
    first = len(whole) - len(whole.lstrip()) if text else 0
    return CombText(text, tuple(chance for _, chance in cells[first : first + len(text)]), likely)
