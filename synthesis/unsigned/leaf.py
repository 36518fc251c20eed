"""A page under way: paper, what is printed on it, and who may write on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np

from synthesis.filled.page_ink import lay_ink, pressed
from synthesis.filled.writing import FontHand, Printer, UnwritableError, Writer
from synthesis.fonts import FontFolder
from synthesis.forms import form_words
from synthesis.ink.crop_ink import Cover, bounds, draw_cover, transformed
from synthesis.ink.pen import Points
from synthesis.ink.signature_hand import SignatureHand, Strokes
from synthesis.sheet import Pixels

Random = np.random.Generator
Choice = TypeVar("Choice")
Place = tuple[float, float]
"""x, y in points."""

WIDTH, HEIGHT = 595.0, 842.0
"""A4 in points."""
DPI = 150.0
BLACK, BLUE = (24, 22, 22), (140, 60, 30)
_TEXT = (
    "we have received your letter and would like to let you know that the terms of the agreement remain in force until "
    "the end of the period named above please return one copy of this page with the next report and keep the other for "
    "your records payments that arrive after this date are booked to the following month unless something else was "
    "agreed in writing the office is open on weekdays and can be reached under the number given at the foot"
)
_PLAIN = _TEXT.split()


class Leaf:
    """A blue-green-red page of A4 at 150 dpi; places and sizes are in points."""

    def __init__(
        self,
        random: Random,
        fonts: FontFolder,
        display: tuple[str, ...],
        hands: tuple[str, ...],
        strokes: SignatureHand,
    ) -> None:
        self.random, self.fonts, self.strokes = random, fonts, strokes
        self.display, self.hands = display, hands
        self.scale = DPI / 72
        self.image: Pixels = np.full((round(HEIGHT * self.scale), round(WIDTH * self.scale), 3), 250, np.uint8)
        self.ink = (BLACK, BLUE, (60, 40, 40))[int(random.integers(3))]

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of them."""
        return choices[int(self.random.integers(len(choices)))]

    def words(self, count: int) -> str:
        """So many words in a row of a plain letter."""
        start = int(self.random.integers(len(_PLAIN)))
        return " ".join((_PLAIN * 3)[start : start + count])

    def name(self) -> str:
        """Of a person."""
        return f"{self.pick(form_words.FIRST)} {self.pick(form_words.LAST)}"

    def date(self) -> str:
        """Of a day, in one of some forms."""
        day, month, year = (int(self.random.integers(*ends)) for ends in ((1, 29), (1, 13), (1995, 2026)))
        return self.pick((f"{day}.{month}.{year}", f"{month}/{day}/{year % 100:02}", f"{day} {month} {year}"))

    def display_face(self) -> str:
        """A face of headlines and letterheads."""
        return self.pick(self.display)

    def font_hand(self) -> FontHand:
        """Somebody who writes like a font."""
        return FontHand(self.fonts, self.pick(self.hands), 1.0, float(self.random.uniform(0, 1.0)))

    def type(
        self, text: str, x: float, y: float, size: float, face: str, colour: tuple[int, int, int] = BLACK
    ) -> float:
        """A line of print on the base line y with capitals `size` high; answers its width in points."""
        return self.write(text, x, y, size, Printer(self.fonts, face), colour)

    def write(
        self, text: str, x: float, y: float, size: float, writer: Writer, colour: tuple[int, int, int] | None = None
    ) -> float:
        """The same by a hand."""
        try:
            written = writer.write(text, size * self.scale, self.random)
        except UnwritableError:
            return 0.0
        place = x * self.scale, y * self.scale - written.baseline
        self.lay(written.cover, place, colour or self.ink, by_hand=writer.ink != "print")
        return float(written.cover.shape[1] / self.scale)

    def pen(self, strokes: Strokes | list[Points], x: float, y: float, size: float, width: float = 1.0) -> None:
        """Recorded strokes with their upper left corner at x, y; their unit, a letter's height, is `size`."""
        left, top, right, bottom = bounds(strokes)
        per, thick = size * self.scale, max(1.0, width * self.scale)
        margin = thick / 2 + 1
        shape = int((bottom - top) * per + 2 * margin) + 1, int((right - left) * per + 2 * margin) + 1
        if max(shape) > 2 * max(self.image.shape):
            return
        placed = transformed(strokes, np.eye(2) * per, (margin - left * per, margin - top * per))
        self.lay(draw_cover(shape, placed, thick), (x * self.scale, y * self.scale), self.ink, by_hand=True)

    def lay(self, cover: Cover, pixel: Place, colour: tuple[int, int, int], *, by_hand: bool = False) -> None:
        """A cover with its corner at a pixel."""
        lay_ink(self.image, pressed(cover, self.random) if by_hand else cover, pixel, colour, 0.96)

    def line(self, start: Place, end: Place, width: float = 0.6, grey: int = 40) -> None:
        """A printed straight line."""
        cv2.line(self.image, self.at(*start), self.at(*end), (grey,) * 3, self.thick(width), cv2.LINE_AA)

    def curve(self, points: Points, width: float = 0.8, grey: int = 40, *, closed: bool = False) -> None:
        """A printed line through (n, 2) points."""
        pixels = np.rint(points * self.scale).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(self.image, [pixels], closed, (grey,) * 3, self.thick(width), cv2.LINE_AA)

    def fill(self, points: Points, grey: int) -> None:
        """A printed area."""
        pixels = np.rint(points * self.scale).astype(np.int32).reshape(-1, 1, 2)
        cv2.fillPoly(self.image, [pixels], (grey,) * 3, cv2.LINE_AA)

    def circle(self, centre: Place, radius: float, width: float = 0.8, grey: int = 40) -> None:
        """A printed circle; of width 0 a disc."""
        thick = self.thick(width) if width else -1
        cv2.circle(self.image, self.at(*centre), self.thick(radius), (grey,) * 3, thick, cv2.LINE_AA)

    def at(self, x: float, y: float) -> tuple[int, int]:
        """The pixel of a place."""
        return round(x * self.scale), round(y * self.scale)

    def thick(self, width: float) -> int:
        """Pixels of a width."""
        return max(1, round(width * self.scale))
