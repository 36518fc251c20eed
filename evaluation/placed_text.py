"""Compares read text with true text by where it stands, so that no reading order has to be agreed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.prediction import Quad, TextLine, box_quad

_GAP = 1.5
"""True words of one row nearer than this many line heights are one item."""
_MARGIN = 0.25
"""Of the item's height; reading boxes are drawn wider than true ones."""


@dataclass(frozen=True, slots=True)
class TextItem:
    """A stretch of true text on one line."""

    source_text: str
    """With spaces."""
    quad: Quad
    """Upright box in pixels of the source page."""

    @property
    def text(self) -> str:
        """As it is compared: without white space, lower case (some truths are written in capitals throughout)."""
        return "".join(self.source_text.split()).lower()


@dataclass(frozen=True, slots=True)
class CharacterErrors:
    """The comparison of one page."""

    count: int
    """Substitutions, deletions and insertions."""
    characters: int
    """True ones."""
    read: tuple[str, ...]
    """What was read on each item, without white space, lower case."""
    elsewhere: tuple[TextLine, ...]
    """Read lines of which a part stands on no item."""


def truth_items(truth: Mapping[str, Any]) -> list[TextItem]:
    """The true text of a page: its lines, or its words joined where they follow each other in a row."""
    if "lines" in truth:
        return [TextItem(str(line["text"]), _upright(line)) for line in truth["lines"]]
    words = [TextItem(str(word["text"]), _upright(word)) for word in truth.get("words", ())]
    return _joined([word for word in words if word.text])


def character_errors(items: Sequence[TextItem], lines: Sequence[TextLine]) -> CharacterErrors:
    """Give every read character to the item it stands on and compare item by item."""
    read: list[list[tuple[float, int, str]]] = [[] for _ in items]
    elsewhere: list[TextLine] = []
    inserted = 0
    for line in lines:
        lost = 0
        for character, x, y, order in _placed_characters(line):
            place = item_at(items, x, y)
            if place is None:
                lost += 1
            else:
                read[place].append((*order, character))
        if lost:
            inserted += lost
            elsewhere.append(line)
    texts = tuple("".join(character for _, _, character in sorted(row)).lower() for row in read)
    count = sum(edit_distance(item.text, text) for item, text in zip(items, texts, strict=True))
    return CharacterErrors(count + inserted, sum(len(item.text) for item in items), texts, tuple(elsewhere))


def edit_distance(first: str, second: str) -> int:
    """Levenshtein's."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def _placed_characters(line: TextLine) -> Iterator[tuple[str, float, float, tuple[float, int]]]:
    """Each character with its middle, spread evenly over its word (over the line where it has no words).

    Last comes its place in the reading order of a row: words whose boxes overlap must not be shuffled.
    """
    pieces = [(word.text, word.quad) for word in line.words] or [(line.text, line.quad)]
    for text, quad in pieces:
        for index, character in enumerate(text):
            if character.isspace() or character == "\ufffd":
                continue
            along = (index + 0.5) / len(text)
            x = ((1 - along) * (quad[0] + quad[6]) + along * (quad[2] + quad[4])) / 2
            y = ((1 - along) * (quad[1] + quad[7]) + along * (quad[3] + quad[5])) / 2
            yield character, x, y, (quad[0], index)


def item_at(items: Sequence[TextItem], x: float, y: float) -> int | None:
    """The item whose box, with a margin, holds the point; of several, the one whose middle row is nearest."""
    best, best_distance = None, float("inf")
    for index, item in enumerate(items):
        left, top, right, bottom = item.quad[0], item.quad[1], item.quad[4], item.quad[5]
        margin = _MARGIN * (bottom - top)
        if left - margin <= x <= right + margin and top - margin <= y <= bottom + margin:
            outside = max(left - x, 0.0, x - right)
            distance = abs(y - (top + bottom) / 2) + outside
            if distance < best_distance:
                best, best_distance = index, distance
    return best


def _joined(words: Sequence[TextItem]) -> list[TextItem]:
    rows: list[list[TextItem]] = []
    for word in sorted(words, key=lambda word: word.quad[0]):
        row = next((row for row in rows if _follows(row[-1].quad, word.quad)), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    return [
        TextItem(
            " ".join(word.source_text for word in row),
            box_quad(
                row[0].quad[0],
                min(word.quad[1] for word in row),
                max(word.quad[4] for word in row),
                max(word.quad[5] for word in row),
            ),
        )
        for row in rows
    ]


def _follows(last: Quad, quad: Quad) -> bool:
    height = min(last[5] - last[1], quad[5] - quad[1])
    rows_apart = abs((last[1] + last[5]) - (quad[1] + quad[5])) / 2
    return rows_apart <= 0.5 * height and -height <= quad[0] - last[4] <= _GAP * height


def _upright(item: Mapping[str, Any]) -> Quad:
    values = [float(value) for value in item.get("quad", item.get("box", ()))]
    xs, ys = values[0::2], values[1::2]
    return box_quad(min(xs), min(ys), max(xs), max(ys))
