"""Whether the words printed on a blank page are those of a page that was laid over it.

Frames prove little: forms of one house, and one form in two languages, share them to the last line. Words are told by
rivals, as a poor copy resembles its own word less than a good one does, but still more than it resembles another.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import Ink
from models.pieces import Pieces, pieces_of

_PRINT = 0.2
_LEVEL_RULE, _UPRIGHT_RULE = 60, 15
"""Pixels: longer runs are no strokes of letters that labels are set in. Serifs of a word may touch."""
_LETTER_HEIGHTS, _LETTER_WIDTH, _LETTER_PIXELS = (4, 34), 44, 6
_BOX_SIDE, _FRAMED = 7, 0.85
_WORD_GAP, _PIECE = 9, 80
"""Pixels between letters of one piece, and about how long a piece of words is."""
_LEAST_WIDTH, _LEAST_HEIGHT, _LEAST_ASPECT = 14, 5, 1.3
_REACH = 5
"""Pixels around its place in which a word is looked for: what curl and perspective leave."""
_MOST, _RIVALS = 32, 5
_SAME_WORD = 0.8
_LEAST_WORDS = 4
"""Fewer tell nothing."""
_LEAST_INK = 0.2
"""Of a word's ink, as much must be near its place: where there is less, paper is torn, or the copy too pale."""
_INK = 0.15

Boxes = npt.NDArray[np.int64]
"""(n, 4): left, top, width, height."""


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """A word, or a few, and others of that size from the same page."""

    left: int
    top: int
    ink: Ink
    rivals: tuple[Ink, ...]


@dataclass(frozen=True, slots=True)
class PrintedWords:
    """Some words of a blank page, spread over it."""

    size: tuple[int, int]
    """Width and height of the blank page in pixels."""
    words: tuple[PrintedWord, ...]

    def share_found(self, laid: Ink, hidden: npt.NDArray[np.bool_] | None = None) -> float | None:
        """The share of words of which the page, laid over the blank page at its size, has rather that than another.

        Of `hidden` pixels nothing is asked. None where fewer than four words can be seen. On right copies, harsh ones
        too, 0.89 and more; on forms with the same frames and other words 0.45 at most.
        """
        room = cv2.copyMakeBorder(laid, _REACH, _REACH, _REACH, _REACH, cv2.BORDER_CONSTANT)
        told = [
            _is_this(word, _around(room, word))
            for word in self.words
            if hidden is None or not hidden[word.top : word.top + word.ink.shape[0], word.left : _right(word)].any()
        ]
        seen = [found for found in told if found is not None]
        return float(np.mean(seen)) if len(seen) >= _LEAST_WORDS else None


def printed_words(ink: Ink) -> PrintedWords:
    """The words of a blank page of about 106 dpi, slightly blurred."""
    boxes = _spread(_pieces_of_words(ink))
    patches = [ink[top : top + height, left : left + width] for left, top, width, height in boxes]
    shapes = np.log(boxes[:, 2] / np.maximum(boxes[:, 3], 1)) if len(boxes) else np.empty(0)
    words = []
    for number, ((left, top, _, _), patch) in enumerate(zip(boxes, patches, strict=True)):
        nearest = np.argsort(np.abs(shapes - shapes[number]), kind="stable")
        rivals = _rivals(patch, [patches[other] for other in nearest if other != number])
        if rivals:
            words.append(PrintedWord(int(left), int(top), np.ascontiguousarray(patch), rivals))
    return PrintedWords((ink.shape[1], ink.shape[0]), tuple(words))


def _right(word: PrintedWord) -> int:
    return word.left + int(word.ink.shape[1])


def _around(room: Ink, word: PrintedWord) -> Ink:
    height, width = word.ink.shape
    return room[word.top : word.top + height + 2 * _REACH, word.left : word.left + width + 2 * _REACH]


def _is_this(word: PrintedWord, around: Ink) -> bool | None:
    """None where there is nothing like a word."""
    if (around > _INK).sum() < _LEAST_INK * (word.ink > _INK).sum():
        return None
    own = _likeness(around, word.ink)
    return all(own > _likeness(around, rival) for rival in word.rivals)


def _likeness(around: Ink, patch: Ink) -> float:
    return float(cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED).max())


def _rivals(patch: Ink, others: list[Ink]) -> tuple[Ink, ...]:
    """The first few of the others that are other words, at the size of this one."""
    found: list[Ink] = []
    for other in others:
        rival = np.asarray(cv2.resize(other, patch.shape[::-1], interpolation=cv2.INTER_AREA), dtype=np.float32)
        if np.corrcoef(rival.ravel(), patch.ravel())[0, 1] < _SAME_WORD:
            found.append(rival)
        if len(found) == _RIVALS:
            break
    return tuple(found)


def _spread(boxes: Boxes) -> Boxes:
    """At most 32, taken evenly in reading order."""
    order = np.lexsort((boxes[:, 0], boxes[:, 1] // 40))
    chosen = np.linspace(0, len(order) - 1, min(len(order), _MOST)).round().astype(int)
    return np.asarray(boxes[order[chosen]], dtype=np.int64)


def _pieces_of_words(ink: Ink) -> Boxes:
    letters = _letters((ink > _PRINT).astype(np.uint8))
    joined = pieces_of(cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, _WORD_GAP), np.uint8)))
    found = []
    for left, top, width, height in joined.boxes[1:].astype(int):
        if width >= max(_LEAST_WIDTH, _LEAST_ASPECT * height) and height >= _LEAST_HEIGHT:
            ends = np.linspace(left, left + width, max(1, round(width / _PIECE)) + 1).round().astype(int)
            if top:
                found += [(start, top - 1, end - start, height + 2) for start, end in itertools.pairwise(ends)]
    return np.array(found, np.int64).reshape(-1, 4)


def _letters(print_: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """1 where letters are: pieces of their size that touch no rule and are no box."""
    rules = cv2.morphologyEx(print_, cv2.MORPH_OPEN, np.ones((1, _LEVEL_RULE), np.uint8))
    rules |= cv2.morphologyEx(print_, cv2.MORPH_OPEN, np.ones((_UPRIGHT_RULE, 1), np.uint8))
    cut = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    pieces = pieces_of(np.asarray(print_ & ~cut, dtype=np.uint8))
    width, height = pieces.boxes[:, 2], pieces.boxes[:, 3]
    kept = (height >= _LETTER_HEIGHTS[0]) & (height <= _LETTER_HEIGHTS[1]) & (width <= _LETTER_WIDTH)
    kept &= pieces.areas >= _LETTER_PIXELS
    kept[np.unique(pieces.labels[cv2.dilate(cut, np.ones((3, 3), np.uint8)) > 0])] = False
    for number in np.flatnonzero(kept & (width >= _BOX_SIDE) & (height >= _BOX_SIDE)):
        kept[number] = not _is_box(pieces, int(number))
    kept[0] = False
    return kept[pieces.labels].astype(np.uint8)


def _is_box(pieces: Pieces, number: int) -> bool:
    """Ink along nearly all of each side."""
    left, top, width, height = pieces.boxes[number]
    own = pieces.labels[top : top + height, left : left + width] == number
    sides = own[:2].any(0), own[-2:].any(0), own[:, :2].any(1), own[:, -2:].any(1)
    return min(float(side.mean()) for side in sides) > _FRAMED
