"""Which read words are right, by where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from evaluation.placed_text import TextItem, item_at
from evaluation.sample import Answer
from schemas.prediction import Quad, TextLine

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The lower-case alphanumeric words of a text; everything else separates them but U+FFFD, a letter left unread."""
    return _WORD.findall(text.replace("\ufffd", "").lower())


def text_answers(items: Sequence[TextItem], lines: Sequence[TextLine]) -> list[Answer]:
    """`word`: each read word, where the reader gives words with confidences; `line`: each read line.

    A word is right when the true line on which its middle stands has it, each true word serving once; a line is right
    when all its words are. What was not read is no answer. Pieces without letters and digits are left out.
    """
    left = [Counter(words_of(item.source_text)) for item in items]
    answers = []
    for line in lines:
        rights = []
        place = None
        for text, quad, confidence in _pieces(line):
            words = words_of(text)
            if not words:
                continue
            middle = (sum(quad[0::2]) / 4, sum(quad[1::2]) / 4)
            place = item_at(items, *middle)
            right = place is not None and Counter(words) <= left[place]
            if place is not None and right:
                left[place] -= Counter(words)
            rights.append(right)
            if line.words:
                answers.append(Answer("word", confidence, right, _true(items, place), text, quad))
        if rights:
            answers.append(Answer("line", line.confidence, all(rights), _true(items, place), line.text))
    return answers


def _true(items: Sequence[TextItem], place: int | None) -> str:
    return "nothing" if place is None else items[place].source_text


def _pieces(line: TextLine) -> Iterator[tuple[str, Quad, float]]:
    """The words of a line; where the reader gives none, its text split at spaces and spread evenly."""
    if line.words:
        yield from ((word.text, word.quad, word.confidence) for word in line.words)
        return
    for match in re.finditer(r"\S+", line.text):
        start, end = match.start() / len(line.text), match.end() / len(line.text)
        yield match.group(), _part(line.quad, start, end), line.confidence


def _part(quad: Quad, start: float, end: float) -> Quad:
    x1, y1, x2, y2, x3, y3, x4, y4 = quad
    return (
        x1 + (x2 - x1) * start,
        y1 + (y2 - y1) * start,
        x1 + (x2 - x1) * end,
        y1 + (y2 - y1) * end,
        x4 + (x3 - x4) * end,
        y4 + (y3 - y4) * end,
        x4 + (x3 - x4) * start,
        y4 + (y3 - y4) * start,
    )
