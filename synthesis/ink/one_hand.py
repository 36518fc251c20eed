"""Texts put together from single characters that one writer wrote: figures, dates, amounts, capitals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from synthesis.ink.crop_ink import bounds
from synthesis.ink.pen import Points
from synthesis.ink.pen_strokes import Part, PenStrokes

Random = np.random.Generator

WIDEST = 3.0
"""Width over height beyond which a recorded character is taken for one that went wrong."""
_LOW = "-.,"
"""Signs that are not as high as the line."""
_SMALL, _HANGING, _X_HEIGHT = "acemnorsuvwxz", "gpqy", 0.62
"""Letters without ascender, those that hang below the line, and how high a capital's share both stand on it."""


class OneHand:
    """The characters of one writer."""

    def __init__(self, strokes: PenStrokes, by_text: Mapping[str, Sequence[int]]) -> None:
        self._strokes, self._by_text = strokes, by_text

    def known(self, text: str) -> str:
        """What of `text` this writer wrote; the rest is left out."""
        return "".join(sign for sign in text if sign in self._by_text)

    def write(self, text: str, random: Random) -> list[Points]:
        """Strokes of a text of known characters, each 1 high, y down, set close or wide."""
        places = [self._by_text[sign][int(random.integers(len(self._by_text[sign])))] for sign in text]
        signs = [_set(self._strokes.strokes(place), sign) for place, sign in zip(places, text, strict=True)]
        return side_by_side(signs, float(random.uniform(0.08, 0.4)), random)


class Hands:
    """The writers of one part who wrote all that is needed."""

    def __init__(
        self, characters: PenStrokes, part: Part, needed: str, besides: str = "", widest: float | None = None
    ) -> None:
        """`besides`: what is used too where a writer wrote it. `widest`: width over height, beyond which a recording
        is taken for one that went wrong.
        """
        writers: dict[int, dict[str, list[int]]] = {}
        for index in characters.of(part):
            text = characters.texts[index]
            if text not in {*needed, *besides}:
                continue
            if widest is None or _width(characters.strokes(int(index))) <= widest:
                of_writer = writers.setdefault(int(characters.writers[index]), {})
                of_writer.setdefault(text, []).append(int(index))
        self._hands = [OneHand(characters, by_text) for by_text in writers.values() if set(needed) <= set(by_text)]

    def pick(self, random: Random, text: str = "") -> OneHand:
        """Any of them who can write the text. Raises ValueError where nobody can."""
        able = [hand for hand in self._hands if hand.known(text) == text]
        if not able:
            raise ValueError(f"no writer of this part has all characters of {text!r}")
        return able[int(random.integers(len(able)))]


def side_by_side(parts: Sequence[Sequence[Points]], gap: float, random: Random) -> list[Points]:
    """The parts in a row, about `gap` units between them, heights as they are."""
    placed: list[Points] = []
    right = 0.0
    for strokes in parts:
        left, _, end, _ = bounds(strokes)
        placed += [stroke + np.array([right - left, 0.0]) for stroke in strokes]
        right += end - left + gap * float(random.uniform(0.6, 1.5))
    return placed


def _width(strokes: Sequence[Points]) -> float:
    """Over height; what is hardly higher than a dot counts as a third of the line high."""
    if not strokes:
        return np.inf
    left, top, right, bottom = bounds(strokes)
    return (right - left) / max(bottom - top, 1 / 3)


def _set(strokes: Sequence[Points], sign: str) -> list[NDArray[np.float64]]:
    """A character at its height on the line (0 to 1, y down): recorded alone, it has none."""
    left, top, right, bottom = bounds(strokes)
    height = max(bottom - top, 0.02)
    if sign in _LOW:
        scale, middle = min(1.0, 0.45 / max(right - left, height)), 0.55 if sign == "-" else 1.0
    elif sign in _SMALL:
        scale, middle = _X_HEIGHT / max(height, 0.4), 1 - _X_HEIGHT / 2
    elif sign in _HANGING:
        scale, middle = 1.0 / max(height, 0.4), 1.5 - _X_HEIGHT
    else:
        scale, middle = 1.0 / max(height, 0.4), 0.5
    start, target = np.array([left, (top + bottom) / 2]), np.array([0.0, middle])
    return [(stroke - start) * scale + target for stroke in strokes]
