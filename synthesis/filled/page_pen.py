"""The pen of somebody who fills a page: lines, marks and strokes in points, laid on the page when an entry is whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.prediction import CheckboxState
from synthesis.filled.blank_fields import Fractions
from synthesis.filled.hands import Filler, InkKind
from synthesis.filled.page_ink import lay_ink, pressed
from synthesis.filled.writing import UnwritableError, WordsHand, Written
from synthesis.ink.crop_ink import Cover, bounds, draw_cover, transformed
from synthesis.ink.marks import varied_strokes
from synthesis.ink.pen import Points
from synthesis.sheet import Pixels

Random = np.random.Generator

_LEAST_HEIGHT = 4.2
"""Points: smaller capitals nobody writes."""
_MARKS = (CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED, CheckboxState.MARKED)
_MARKS_SHARES = (0.4, 0.42, 0.1, 0.08)
_STRONG = {InkKind.PRINT: 1.0, InkKind.FONT: 0.93, InkKind.STROKES: 0.93}


class PagePen:
    """Writes on `image` in place; `scale` is its pixels a point, `size` the page's points twice."""

    def __init__(self, image: Pixels, scale: float, size: NDArray[np.float64], filler: Filler, random: Random) -> None:
        self.image, self._scale, self._size = image, scale, size
        self._filler, self._random = filler, random
        self._strong = _STRONG[InkKind(filler.writer.ink)]
        self.wet: list[tuple[Cover, tuple[float, float]]] = []

    def line(
        self,
        box: tuple[float, float, float, float],
        text: str,
        right_aligned: bool,
        notes: list[str],
        words: WordsHand | None = None,
    ) -> None:
        """One line in a box of points; what people do to it goes into `notes`. Raises UnwritableError."""
        random, by_hand = self._random, self._filler.writer.ink != InkKind.PRINT
        left, top, right, bottom = box
        high = min(bottom - top, 24.0)
        large = by_hand and random.random() < 0.06
        height = min(self._filler.height, (0.95 if large else 0.7) * high)
        room = (right - left) * (1.15 if large else 0.97)
        written = self.fitted(text, height, room, words)
        wide = written.cover.shape[1] / self._scale
        free = right - left - wide
        to_right = right_aligned and (not by_hand or random.random() < 0.75)
        x = left + (free - 1.5 if to_right else min(abs(float(random.normal(2, 1.5))), max(0.0, free)))
        baseline = bottom - (0.25 if not by_hand else float(random.normal(0.22, 0.05))) * high
        if by_hand and random.random() < self._filler.outside:
            shift = float(random.choice([-1, 1]) * random.uniform(0.3, 0.75)) * high
            x, baseline = x + float(random.normal(0, 4)), baseline + shift
            notes.append("outside")
        elif by_hand and random.random() < self._filler.corrects and free > wide + 6 and not to_right and not words:
            x = self._struck(text, height, x, baseline)
            notes.append("corrected")
        self.lay(written, x, baseline)

    def fitted(self, text: str, height: float, room: float, words: WordsHand | None = None) -> Written:
        """The line no wider than `room` points; raises UnwritableError where that is too small to write."""
        written = (words or self._filler.writer).write(text, height * self._scale, self._random)
        wide = written.cover.shape[1] / self._scale
        if wide <= room:
            return written
        if height * room / wide < _LEAST_HEIGHT:
            raise UnwritableError("the entry does not fit the field")
        if self._filler.writer.ink == InkKind.PRINT:
            return self._filler.writer.write(text, height * room / wide * self._scale * 0.98, self._random)
        return written.shrunk(room / wide)

    def _struck(self, text: str, height: float, x: float, baseline: float) -> float:
        """Something wrong, struck out; answers where the right entry begins."""
        letters = list(text)
        self._random.shuffle(letters)
        wrong = self._filler.writer.write("".join(letters).strip() or "X", height * self._scale, self._random)
        self.lay(wrong, x, baseline)
        wide, level = wrong.cover.shape[1] / self._scale, baseline - 0.45 * height
        line = np.array([(x - 2, level + 1), (x + wide / 2, level - 0.6), (x + wide + 2, level)])
        strokes = [line] if self._random.random() < 0.5 else [line, line + np.array([1.0, 2.0])]
        self.stroke(strokes)
        return float(x + wide + 4)

    def lines(self, box: tuple[float, float, float, float], text: str) -> str:
        """As many lines as the text needs, joined by line feeds in the answer. Raises UnwritableError."""
        left, top, right, _ = box
        height = self._filler.height
        words, lines = text.split(), [""]
        for word in words:
            longer = f"{lines[-1]} {word}".strip()
            # About 0.75 heights a letter in most hands.
            if len(longer) * 0.8 * height > right - left and lines[-1]:
                lines.append(word)
            else:
                lines[-1] = longer
        pitch = height * float(self._random.uniform(1.7, 2.1))
        if len(lines) * pitch > box[3] - top:
            raise UnwritableError("the entry does not fit the field")
        for number, line in enumerate(lines):
            self.lay(self.fitted(line, height, right - left - 2), left + 2, top + 1.3 * height + number * pitch)
        return "\n".join(lines)

    def mark(self, box: Fractions, *, struck: bool) -> None:
        """Brings a box into some marked state; `struck`: a mark and its correction."""
        left, top, right, bottom = (float(side) for side in np.array(box) * self._size)
        side = min(right - left, bottom - top, 14.0)
        centre = np.array([(left + right) / 2, (top + bottom) / 2])
        if self._filler.writer.ink == InkKind.PRINT and not struck:
            written = self._filler.writer.write("X", 0.72 * side * self._scale, self._random)
            wide = written.cover.shape[1] / self._scale
            self.lay(written, centre[0] - wide / 2, centre[1] + 0.36 * side)
            return
        state = CheckboxState.SCRIBBLED_OUT if struck else self._random.choice(_MARKS, p=_MARKS_SHARES)
        strokes = varied_strokes(CheckboxState(state), self._random, self._filler.pen / side)
        self.stroke([stroke * side + centre for stroke in strokes])

    def stroke(self, strokes: Sequence[Points]) -> None:
        """Strokes in points of the page."""
        placed = [stroke * self._scale for stroke in strokes]
        left, top, right, bottom = bounds(placed)
        pen = max(1.0, self._filler.pen * self._scale)
        margin = np.ceil(pen / 2) + 1
        origin = np.floor([left - margin, top - margin])
        shape = int(bottom - origin[1] + margin) + 1, int(right - origin[0] + margin) + 1
        cover = draw_cover(shape, transformed(placed, np.eye(2), tuple(-origin)), pen)
        self.ink(cover, (float(origin[0]), float(origin[1])))

    def lay(self, written: Written, x: float, baseline: float) -> None:
        """With its left end and base line in points."""
        self.ink(written.cover, (x * self._scale, baseline * self._scale - written.baseline))

    def ink(self, cover: Cover, place: tuple[float, float]) -> None:
        """A cover with its upper left corner at `place`, in pixels; it dries with `dry`."""
        by_hand = self._filler.writer.ink != InkKind.PRINT
        ink = pressed(cover, self._random) if by_hand else cover
        self.wet.append((ink, place))

    def dry(self) -> None:
        """Puts the ink of what was written in full on the page: an entry that was given up leaves none."""
        for ink, place in self.wet:
            lay_ink(self.image, ink, place, self._filler.colour, self._strong)
        self.wet.clear()
