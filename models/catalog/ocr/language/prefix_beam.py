"""CTC decoding with an expectation of what is written: prefix beam search (Hannun and others, arXiv 1408.2873)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Protocol

import numpy as np

from models.catalog.ocr.language.ctc import BLANK, Scores

WIDTH = 12
"""Prefixes kept. With eight a line takes a fifth less of the search's time, and a point fewer lines are right."""
UNLIKELY = -7.0
"""Log-probability below which a class is not tried in a column."""
HOPELESS = 1e-3
"""Prefixes less likely than this share of the best are not kept."""
_LEAST = 1e-300


class Expectation(Protocol):
    """What is likely to be written."""

    @property
    def most(self) -> float:
        """No character is worth more; a natural logarithm."""

    @property
    def most_word(self) -> float:
        """No word is worth more; a natural logarithm."""

    def after(self, before: str) -> Mapping[str, float]:
        """By character: the factor that it is worth after `before`, all that was written so far."""

    def worth_word(self, text: str) -> float:
        """Of the last word of `text`, once it is complete, beside its characters; a natural logarithm."""

    def worth_ended(self, text: str) -> float:
        """Of a text that is complete, beside its characters and words; a natural logarithm."""


class _Prefix:
    """A text that may be the start of the one looked for, and how likely it is after a column of the scores.

    Probabilities are those of `search`: 1 for the likeliest class of each column, so that none gets too small.
    """

    __slots__ = (
        "after",
        "both",
        "column",
        "grown_blank",
        "grown_label",
        "in_blank",
        "in_label",
        "label",
        "longer",
        "rank",
        "text",
        "word",
        "worth",
    )

    def __init__(self, label: int, text: str, worth: float) -> None:
        self.label, self.text, self.worth = label, text, worth
        self.after: Mapping[str, float] | None = None
        self.word: float | None = None
        """What is expected next, and the factor of its last word, once they were asked for."""
        self.longer: dict[int, _Prefix] = {}
        """Those with one character more that were ever kept. They do not point back: no cycles to collect."""
        self.in_blank = self.in_label = self.both = 0.0
        """Of the paths that end in a blank, in the last label, in either."""
        self.grown_blank = self.grown_label = self.rank = 0.0
        """The same with one column more, and by what the prefixes to keep are chosen."""
        self.column = -1
        """The last one before which it was kept."""


_Longer = tuple[float, float, float, _Prefix, int]
"""A prefix with one character more, which may not be worth keeping: rank, probability of its paths, worth, the prefix,
the label. A plain tuple, because making them takes most of the search's time.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One of the texts that a search ended with."""

    text: str
    share: float
    """Its probability among these texts, what is expected taken into account."""
    seen: float
    """Logarithm of what the network alone gives it."""


def search(
    scores: Scores,
    alphabet: str,
    expectation: Expectation,
    width: int = WIDTH,
    unlikely: float = UNLIKELY,
    hopeless: float = HOPELESS,
) -> list[Found]:
    """The likeliest texts of (columns, classes) log-probabilities, what is expected taken into account; best first.

    `alphabet`: the characters of the classes from 1 on.
    """
    start = _Prefix(BLANK, "", 1.0)
    start.in_blank = start.both = 1.0
    kept = [start]
    likeliest = scores.max(axis=1)
    chances = np.exp(scores - likeliest[:, None])
    scale = float(likeliest.sum())
    most = [exp(expectation.most + (sign == " ") * expectation.most_word) for sign in f"-{alphabet}"]
    for number, (column, likely) in enumerate(zip(chances.tolist(), scores > unlikely, strict=True)):
        labels = [label for label in likely.nonzero()[0].tolist() if label != BLANK]
        _stay(kept, number, column, set(labels))
        ranks = [prefix.rank for prefix in kept]
        least = max(hopeless * max(ranks), min(ranks) if len(kept) >= width else 0.0)
        tried = sorted([(most[label] * column[label], column[label], label) for label in labels], reverse=True)
        longer = _longer(kept, number, tried, least, alphabet, expectation)
        if longer:
            ranks = sorted([*ranks, *[one[0] for one in longer]], reverse=True)
            least = max(hopeless * ranks[0], ranks[min(width, len(ranks)) - 1])
            kept = [prefix for prefix in kept if prefix.rank >= least]
            kept += [_kept(one, alphabet) for one in longer if one[0] >= least]
        for prefix in kept:
            prefix.in_blank, prefix.in_label = prefix.grown_blank, prefix.grown_label
            prefix.both = prefix.in_blank + prefix.in_label
    worths = [log(one.both * one.worth + _LEAST) for one in kept]
    ended = np.array(worths) + [expectation.worth_word(one.text) + expectation.worth_ended(one.text) for one in kept]
    shares = np.exp(ended - np.logaddexp.reduce(ended))
    found = [
        Found(one.text, float(share), scale + log(one.both + _LEAST)) for one, share in zip(kept, shares, strict=True)
    ]
    return sorted(found, key=lambda one: -one.share)


def _stay(kept: list[_Prefix], number: int, column: list[float], tried: set[int]) -> None:
    """One column more in which nothing is added to those kept, or what makes one of them of another."""
    for prefix in kept:
        prefix.column = number
        prefix.grown_blank = prefix.both * column[BLANK]
        prefix.grown_label = prefix.in_label * column[prefix.label]
    for prefix in kept:
        for label, longer in prefix.longer.items():
            if longer.column == number and label in tried:
                longer.grown_label += (prefix.in_blank if label == prefix.label else prefix.both) * column[label]
    for prefix in kept:
        prefix.rank = (prefix.grown_blank + prefix.grown_label) * prefix.worth


def _longer(
    kept: list[_Prefix],
    number: int,
    tried: list[tuple[float, float, int]],
    least: float,
    alphabet: str,
    expectation: Expectation,
) -> list[_Longer]:
    """Those kept with one character more, as far as their rank is above `least`.

    `tried`: what a character can add to the rank at most, its probability, its label; the most first.
    """
    found: list[_Longer] = []
    for prefix in kept:
        reach, both, worth_before, longer = prefix.both * prefix.worth, prefix.both, prefix.worth, prefix.longer
        if prefix.after is None:
            prefix.after = expectation.after(prefix.text)
        after = prefix.after
        for bound, chance, label in tried:
            if reach * bound <= least:
                break
            if label in longer and longer[label].column == number:
                continue  # `_stay` has seen it.
            sign = alphabet[label - 1]
            worth = worth_before * after[sign]
            if sign == " ":
                if prefix.word is None:
                    prefix.word = exp(expectation.worth_word(prefix.text))
                worth *= prefix.word
            paths = (prefix.in_blank if label == prefix.label else both) * chance
            if paths * worth > least:
                found.append((paths * worth, paths, worth, prefix, label))
    return found


def _kept(longer: _Longer, alphabet: str) -> _Prefix:
    """As a prefix: the same one each time it comes back."""
    rank, paths, worth, ahead, label = longer
    found = ahead.longer.get(label)
    if found is None:
        found = ahead.longer[label] = _Prefix(label, ahead.text + alphabet[label - 1], worth)
    found.grown_blank, found.grown_label, found.rank = 0.0, paths, rank
    return found
