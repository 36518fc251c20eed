"""CTC decoding with a prior over characters: prefix beam search (Hannun and others, arXiv 1408.2873)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log1p

from models.ocr.character_prior import EDGE, CharacterPrior
from models.ocr.ctc import BLANK, Scores
from models.ocr.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Search:
    """How the prior is weighed; chosen on validation writers."""

    weight: float = 0.5
    """Of the prior's log-probability beside that of the network."""
    bonus: float = 1.2
    """For each character: the prior alone prefers short texts."""
    width: int = 12
    """Prefixes kept."""
    unlikely: float = -7.0
    """Log-probability below which a class is not tried in a column."""
    known: float = 2.0
    """For each word that the lexicon knows."""


def search(scores: Scores, alphabet: str, prior: CharacterPrior, lexicon: Lexicon, how: Search) -> list[int]:
    """The labels of the likeliest text, network, prior and lexicon together."""
    # For each prefix: log-probability that its paths end in a blank, and that they end in its last label.
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -inf)}
    worth: dict[tuple[int, ...], float] = {(): 0.0}
    text: dict[tuple[int, ...], str] = {(): ""}
    for column in scores:
        tried = [int(label) for label in (column > how.unlikely).nonzero()[0] if label != BLANK]
        grown: dict[tuple[int, ...], tuple[float, float]] = {}
        for prefix, (blank, label_end) in beams.items():
            both = _add(blank, label_end)
            last = prefix[-1] if prefix else BLANK
            stay = label_end + float(column[last]) if prefix else -inf
            _more(grown, prefix, both + float(column[BLANK]), stay)
            for label in tried:
                longer = (*prefix, label)
                if longer not in worth:
                    sign = alphabet[label - 1]
                    gain = how.weight * prior.log_probability(text[prefix], sign) + how.bonus
                    worth[longer], text[longer] = worth[prefix] + gain, text[prefix] + sign
                _more(grown, longer, -inf, (blank if label == last else both) + float(column[label]))
        ranked = sorted(grown.items(), key=lambda item: _add(*item[1]) + worth[item[0]], reverse=True)
        beams = dict(ranked[: how.width])

    def total(prefix: tuple[int, ...]) -> float:
        ended = how.weight * prior.log_probability(text[prefix], EDGE) + how.known * lexicon.known(text[prefix])[0]
        return _add(*beams[prefix]) + worth[prefix] + ended

    best: tuple[int, ...] = max(beams, key=total)
    return list(best)


def _more(
    grown: dict[tuple[int, ...], tuple[float, float]], prefix: tuple[int, ...], blank: float, label_end: float
) -> None:
    before = grown.get(prefix, (-inf, -inf))
    grown[prefix] = _add(before[0], blank), _add(before[1], label_end)


def _add(one: float, other: float) -> float:
    """Logarithm of the sum of two numbers given as logarithms."""
    if one < other:
        one, other = other, one
    return one if other == -inf else one + log1p(exp(other - one))
