"""What people call a place: the words printed in it, beside it, under it or above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from models.field_places.page_print import POINT, pixels
from models.field_places.place import PlaceKind, PrintedWord, Rectangle, SeenPlace

_LETTER_GAP = 0.9
"""Of a row's height: words farther apart are not of one text."""
_ROW = 0.5
"""Of the lower one's height, as much of two words is level where they are in one row."""
_BESIDE, _FAR_BESIDE, _ABOVE, _UNDER, _FAR_UNDER = 30.0, 140.0, 12.0, 6.0, 12.0
"""Points."""
_HEAD_GAP, _LINE_GAP = 24.0, 0.6
"""Points between a column and its head, and heights between lines of the head."""
_OVER_DOTS = 350.0
"""Points between a row's number and its text."""
_NUMBER = 5
"""Letters: what is no longer may be the number of a row, which says nothing alone."""
_LONGEST = 100
_NO_WORD = re.compile(r"^[^\w#]+$")
_AROUND_LABEL = " :.,□■☐▢"
"""Readers take boxes for letters of the words beside them."""
_MARKS = (PlaceKind.BOX, PlaceKind.RING)


def labels(places: Sequence[SeenPlace], words: Sequence[PrintedWord]) -> list[str]:
    """For each place its label, from words in the same pixels; empty where nothing is near."""
    texts = _texts([word for word in words if not _NO_WORD.match(word.text)], places)
    return [_label(place, places, texts).strip(_AROUND_LABEL)[:_LONGEST] for place in places]


def _label(place: SeenPlace, places: Sequence[SeenPlace], texts: Sequence[PrintedWord]) -> str:
    if place.kind in _MARKS:
        return _right(place, places, texts) or _left(place, places, texts, _BESIDE) or _above(place, texts)
    if place.kind is PlaceKind.LINE:
        return (
            _left(place, places, texts, _BESIDE)
            or _under(place, texts)
            or _above(place, texts)
            or _under(place, texts, _FAR_UNDER)
            or _left(place, places, texts, _FAR_BESIDE)
            or _head(place, places, texts)
        )
    inside = _left(place, places, texts, (place.box[0] - place.cell[0]) / POINT) if place.cell[0] < place.box[0] else ""
    caption = inside or ("" if _is_stacked(place, places) else _above(place, texts))
    if caption:
        return caption
    row = _left(place, places, texts, _FAR_BESIDE, over=frozenset({PlaceKind.CELL}))
    return ", ".join(part for part in (row, _head(place, places, texts)) if part)


def _is_stacked(place: SeenPlace, places: Sequence[SeenPlace]) -> bool:
    """Whether another place lies right over or under it: a table, whose rows and columns have names."""
    margin = pixels(3)
    return any(
        abs(other.box[0] - place.box[0]) < margin
        and abs(other.box[2] - place.box[2]) < margin
        and min(abs(other.box[3] - place.box[1]), abs(other.box[1] - place.box[3])) < pixels(6)
        for other in places
        if other is not place
    )


def _texts(words: Sequence[PrintedWord], places: Sequence[SeenPlace]) -> list[PrintedWord]:
    """Words put together that stand side by side in one row, from left to right, with no side of a cell between."""
    found: list[list[PrintedWord]] = []
    for word in sorted(words, key=lambda word: word.box[0]):
        for text in found:
            last = text[-1].box
            gap = word.box[0] - last[2]
            height = min(word.box[3] - word.box[1], last[3] - last[1])
            near = _level(word.box, last) and -height < gap < _LETTER_GAP * max(height, pixels(6))
            if near and not _is_divided(last, word.box, places):
                text.append(word)
                break
        else:
            found.append([word])
    return [PrintedWord(" ".join(word.text for word in text), _around([word.box for word in text])) for text in found]


def _is_divided(before: Rectangle, after: Rectangle, places: Sequence[SeenPlace]) -> bool:
    left, right = (before[0] + before[2]) / 2, (after[0] + after[2]) / 2
    middle = (before[1] + before[3]) / 2
    return any(
        place.kind is PlaceKind.CELL
        and place.cell[1] - pixels(_ABOVE) < middle < place.cell[3]
        and (left < place.cell[0] < right or left < place.cell[2] < right)
        for place in places
    )


def _around(boxes: Sequence[Rectangle]) -> Rectangle:
    return (
        min(box[0] for box in boxes),
        median(box[1] for box in boxes),
        max(box[2] for box in boxes),
        median(box[3] for box in boxes),
    )


def _level(one: Rectangle, other: Rectangle) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > _ROW * min(one[3] - one[1], other[3] - other[1])


def _right(place: SeenPlace, places: Sequence[SeenPlace], texts: Sequence[PrintedWord]) -> str:
    left, _, right, _ = place.box
    beside = [
        text
        for text in texts
        if _level(text.box, place.box) and text.box[0] > left - pixels(3) and (text.box[0] + text.box[2]) / 2 > right
    ]
    others = [other.box[0] for other in places if other is not place and _level(other.box, place.box)]
    following = min((edge for edge in others if edge > right), default=float("inf"))
    said: list[PrintedWord] = []
    edge = right
    for text in sorted(beside, key=lambda text: text.box[0]):
        if text.box[0] - edge > pixels(_BESIDE) or text.box[0] > following:
            break
        said.append(text)
        edge = text.box[2]
        # `1.` before what it numbers, but not `Yes` before the next box.
        if len(text.text) > _NUMBER or not any(letter.isdigit() for letter in text.text):
            break
    return " ".join(text.text for text in said)


def _left(
    place: SeenPlace,
    places: Sequence[SeenPlace],
    texts: Sequence[PrintedWord],
    points: float,
    over: frozenset[PlaceKind] = frozenset(),
) -> str:
    """The text before a place, at most `points` away; where that is only a number, with the text before it.

    Other places in between end the search, but for kinds in `over`.
    """
    _, top, _, bottom = place.box
    # What is written stands on the line: a high room has its label at its foot.
    foot = (place.box[0], max(top, bottom - pixels(16)), place.box[2], bottom)
    left = place.box[0]
    said: list[str] = []
    reach = float("inf") if over else float(pixels(points))
    for _ in range(3):
        before = [
            text for text in texts if _level(text.box, foot) and -pixels(3) < left - text.box[2] and text.box[0] < left
        ]
        nearest = max(before, key=lambda text: text.box[2], default=None)
        if nearest is None or left - nearest.box[2] > reach:
            break
        if any(
            other is not place
            and other.kind not in over
            and _level(other.box, foot)
            and nearest.box[2] - pixels(3) <= other.box[0] < left
            for other in places
        ):
            break
        said.insert(0, nearest.text)
        if len(nearest.text) > _NUMBER:
            break
        # Dots may lead from a row's text to its number.
        left, reach = nearest.box[0], float(pixels(_OVER_DOTS))
    return " ".join(said)


def _above(place: SeenPlace, texts: Sequence[PrintedWord]) -> str:
    left, top, right, _ = place.box
    return _nearest(
        [
            text
            for text in texts
            if (text.box[1] + text.box[3]) / 2 < top
            and top - text.box[3] < pixels(_ABOVE)
            and _shares_columns(text.box, left, right)
        ],
        left,
    )


def _under(place: SeenPlace, texts: Sequence[PrintedWord], points: float = _UNDER) -> str:
    left, _, right, bottom = place.box
    return _nearest(
        [
            text
            for text in texts
            if (text.box[1] + text.box[3]) / 2 > bottom
            and text.box[1] - bottom < pixels(points)
            and _shares_columns(text.box, left, right)
            and text.box[0] > left - pixels(6)
        ],
        left,
    )


def _nearest(texts: Sequence[PrintedWord], left: float) -> str:
    """Of texts over or under a place the one that begins where the place does, with its number if it has one."""
    nearest = min(texts, key=lambda text: abs(text.box[0] - left), default=None)
    if nearest is None:
        return ""
    after = [text for text in texts if _level(text.box, nearest.box) and text.box[0] > nearest.box[2]]
    following = min(after, key=lambda text: text.box[0], default=None)
    if following is None or len(nearest.text) > _NUMBER or not nearest.text[0].isdigit():
        return nearest.text
    return f"{nearest.text} {following.text}"


def _shares_columns(box: Rectangle, left: float, right: float) -> bool:
    shared = min(box[2], right) - max(box[0], left)
    return shared > 0.5 * min(box[2] - box[0], right - left)


def _head(place: SeenPlace, places: Sequence[SeenPlace], texts: Sequence[PrintedWord]) -> str:
    """What stands over a column of places, to which this one belongs."""
    margin = pixels(3)
    left, top, right, _ = place.box
    while True:
        over = [
            other
            for other in places
            if other.kind == place.kind
            and abs(other.box[0] - left) < margin
            and abs(other.box[2] - right) < margin
            and abs(other.box[3] - top) < pixels(6)
        ]
        if not over:
            break
        top = over[0].box[1]
    over_it = [text for text in texts if text.box[0] > left - margin and text.box[2] < right + margin]
    said: list[PrintedWord] = []
    reach = float(pixels(_HEAD_GAP))
    while True:
        near = [text for text in over_it if (text.box[1] + text.box[3]) / 2 < top and top - text.box[3] < reach]
        if not near:
            break
        lowest = max(near, key=lambda text: text.box[3])
        lines = [text for text in near if _level(text.box, lowest.box)]
        said[:0] = sorted(lines, key=lambda text: text.box[0])
        top = min(text.box[1] for text in lines)
        reach = _LINE_GAP * max(text.box[3] - text.box[1] for text in lines)
        over_it = [text for text in over_it if text not in lines]
    return " ".join(text.text for text in said)
