"""Places around a check box as forms and screens print them, drawn small and fast, and places that only look so.

A scene is PATCH pixels wide and high, the box SIDE pixels in its middle; marks are not part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from synthesis.fonts import TRAINING_PRINTS, FontFolder
from synthesis.sheet import Pixels

SIDE = 40
PATCH = 184
Random = np.random.Generator
Draw = Callable[[Pixels, float, float], None]
"""Draws one frame into the picture, its middle at x, y in pixels."""

_SHIFT = 4
_IN_PIECES = 0.28
"""Share of borders that are no line all around."""
_MIDDLE = PATCH / 2
_WORDS = (
    *("Yes", "No", "Other", "Box", "Do not write", "Married", "Single", "I agree", "Applicant", "Code", "Old 0080"),
    *("under penalty", "Check if", "Name and address", "DOB", "QUOTE", "Part II", "spouse", "Date of birth", "None"),
    *("ODD", "DOG", "0", "O", "BOOK 100", "Income", "see page 12", "3a", "b.", "(c)", "(d)", "Employee", "Ja", "Nein"),
    *("Telefon", "Adresse", "Familienstand", "Antragsteller", "oui", "Nom", "12.", "Total", "D", "Q", "EUR", "%", "#"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Printed paper around the middle."""

    paper: Pixels
    neighbours: tuple[tuple[float, float], ...] = ()
    """Middles of other boxes, in sides from the middle of the scene."""
    radio: bool = False
    shaded: bool = False
    """The insides of the boxes are darker than the paper, so that a black-and-white copy might blacken them."""


def text_strips(fonts: FontFolder) -> list[Pixels]:
    """Printed words in every training face, black on white, cut close; their height is that of the face's line."""
    strips = []
    for number, face in enumerate(TRAINING_PRINTS):
        for words in _WORDS[number % 2 :: 2]:
            font = fonts.face(face, 40)
            layer = Image.new("L", (int(font.getlength(words)) + 4, 44), 255)
            ImageDraw.Draw(layer).text((2, 34), words, 0, font, "ls")
            strips.append(np.array(layer, dtype=np.uint8))
    return strips


class SceneDrawer:
    """Draws scenes with the words of `strips`."""

    def __init__(self, strips: Sequence[Pixels]) -> None:
        self._strips = strips

    def box(self, random: Random) -> Scene:
        """A box in the middle, with company, labels and rules as they come."""
        ground = int(255 if random.random() < 0.6 else random.integers(170, 256))
        paper = np.full((PATCH, PATCH), ground, np.uint8)
        radio = bool(random.random() < 0.28)
        inside = _inside(random, ground)
        frame = _frame(random, radio, ground, inside)
        places = _company(random)
        grey = int(random.integers(0, 110))
        self._rules(paper, places, random)
        label, beside = random.uniform(0.55, 1.15), random.choice([1, 1, 1, -1, 0])
        for x, y in ((0.0, 0.0), *places):
            if beside:
                self._label(paper, (x, y), int(beside), label, grey, random)
        for x, y in (*places, (0.0, 0.0)):
            frame(paper, _MIDDLE + x * SIDE, _MIDDLE + y * SIDE)
        return Scene(paper, tuple(places), radio, inside < ground)

    def no_box(self, random: Random) -> Scene:
        """Letters, cells, icons, codes, rules or nothing in the middle; neighbours are the other cells of a row."""
        paper = np.full((PATCH, PATCH), int(random.integers(200, 256)), np.uint8)
        kind = int(random.integers(9))
        grey = int(random.integers(0, 110))
        if kind <= 1:
            self._lines_of_text(paper, random, grey)
        elif kind == 2:
            self._cells(paper, random, grey)
        elif kind == 3:
            _icon(paper, random, grey)
            self._label(paper, (0.0, 0.0), 1, random.uniform(0.6, 1.1), grey, random)
        elif kind == 4:
            self._single_letter(paper, random, grey)
        elif kind == 5:
            _code(paper, random, grey)
        elif kind == 6:
            return Scene(paper, self._row_of_cells(paper, random, grey))
        elif kind == 7:
            _long_field(paper, random, grey)
            self._label(paper, (-2.0, random.uniform(-1.6, -1.0)), 1, random.uniform(0.5, 0.9), grey, random)
        else:
            self._rules(paper, [(0.0, 1.5)], random)
        return Scene(paper)

    def _strip(self, random: Random, high: float) -> Pixels:
        strip = self._strips[int(random.integers(len(self._strips)))]
        scale = high * SIDE / 30
        return np.asarray(cv2.resize(strip, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def _label(
        self, paper: Pixels, box: tuple[float, float], beside: int, high: float, grey: int, random: Random
    ) -> None:
        x, level = box[0] + beside * (0.5 + random.uniform(0.12, 0.7)), box[1] + random.normal(0.0, 0.06)
        for _ in range(int(random.integers(1, 4))):
            strip = self._strip(random, high)
            wide = strip.shape[1] / SIDE
            paste(paper, strip, x if beside > 0 else x - wide, level - strip.shape[0] / SIDE / 2, grey)
            x += beside * (wide + 0.25)

    def _lines_of_text(self, paper: Pixels, random: Random, grey: int) -> None:
        high = random.uniform(0.7, 1.5)
        for level in np.arange(-3, 4) * high * random.uniform(1.2, 1.9):
            x = random.uniform(-3.2, -2.2)
            while x < 2.3:
                strip = self._strip(random, high)
                paste(paper, strip, x, float(level) - strip.shape[0] / SIDE / 2, grey)
                x += strip.shape[1] / SIDE + 0.3

    def _single_letter(self, paper: Pixels, random: Random, grey: int) -> None:
        """A short word with one of its letters in the middle, as large as a box."""
        strip = self._strip(random, random.uniform(0.9, 1.6))
        at = random.uniform(0.0, 1.0) * strip.shape[1] / SIDE
        paste(paper, strip, -at, -strip.shape[0] / SIDE / 2, grey)

    def _cells(self, paper: Pixels, random: Random, grey: int) -> None:
        wide, high, line = random.uniform(0.95, 1.5), random.uniform(0.95, 1.5), int(random.integers(1, 4))
        rows = 1 if random.random() < 0.5 else 5
        shift = int(random.integers(0, 3)) if rows == 1 else 0
        edges = [(k - 3 + 0.5 + shift) * wide for k in range(7)]
        levels = [(k - rows / 2) * high for k in range(rows + 1)]
        for x in edges:
            _line(paper, (x, levels[0]), (x, levels[-1]), grey, line)
        for y in levels:
            _line(paper, (edges[0], y), (edges[-1], y), grey, line)
        if random.random() < 0.6:
            for x in edges[:-1]:
                strip = self._strip(random, 0.7 * high)[:, : round(0.6 * wide * SIDE)]
                paste(paper, strip, x + 0.2 * wide, -0.5 * strip.shape[0] / SIDE, grey)

    def _row_of_cells(self, paper: Pixels, random: Random, grey: int) -> tuple[tuple[float, float], ...]:
        """Boxes for one letter each, hardly apart; at an end of the row or within it. Returns the others' middles."""
        pitch, line = 1 + random.uniform(0.0, 0.22), int(random.integers(1, 4))
        first, last = -int(random.integers(0, 4)), int(random.integers(0, 4))
        if last - first < 2:
            first, last = -1, 1
        printed = random.random() < 0.4
        for number in range(first, last + 1):
            x = number * pitch
            corners = [tuple(round((_MIDDLE + v * SIDE) * 2**_SHIFT) for v in (x + d, d)) for d in (-0.5, 0.5)]
            cv2.rectangle(paper, corners[0], corners[1], (grey,), line, cv2.LINE_AA, _SHIFT)
            if printed and random.random() < 0.85:
                strip = self._strip(random, random.uniform(0.5, 0.75))[:, : round(0.55 * SIDE)]
                paste(paper, strip, x - 0.27, -0.5 * strip.shape[0] / SIDE, grey)
        return () if printed else tuple((number * pitch, 0.0) for number in range(first, last + 1) if number)

    def _rules(self, paper: Pixels, places: Sequence[tuple[float, float]], random: Random) -> None:
        """Lines of a table between the boxes, in two of five scenes."""
        if random.random() < 0.6:
            return
        grey, width = int(random.integers(0, 190)), int(random.integers(1, 4))
        above = random.uniform(0.6, 1.4)
        for y in {0.0, *(place[1] for place in places)}:
            for level in (y - above, y + above):
                _line(paper, (-3, level), (3, level), grey, width)
        if random.random() < 0.5:
            left, right = random.uniform(0.6, 2.0, 2)
            _line(paper, (-left, -3), (-left, 3), grey, width)
            if random.random() < 0.5:
                _line(paper, (right, -3), (right, 3), grey, width)


def paste(paper: Pixels, ink: Pixels, left: float, top: float, grey: int) -> None:
    """Print black-on-white `ink` in `grey` into `paper`, its corner in sides from the middle."""
    x, y = round(_MIDDLE + left * SIDE), round(_MIDDLE + top * SIDE)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(PATCH, x + ink.shape[1]), min(PATCH, y + ink.shape[0])
    if x0 < x1 and y0 < y1:
        part = paper[y0:y1, x0:x1].astype(np.float32)
        cover = (255 - ink[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.float32)) / 255
        paper[y0:y1, x0:x1] = np.minimum(part, part * (1 - cover) + grey * cover)


def _line(paper: Pixels, start: tuple[float, float], end: tuple[float, float], grey: int, width: int) -> None:
    ends = [tuple(round((_MIDDLE + v * SIDE) * 2**_SHIFT) for v in point) for point in (start, end)]
    cv2.line(paper, ends[0], ends[1], (grey,), width, cv2.LINE_AA, _SHIFT)


def _company(random: Random) -> list[tuple[float, float]]:
    """Where other boxes stand: in a column, a row, a grid, or nowhere near."""
    kind, down, across = random.random(), random.uniform(1.15, 3.0), random.uniform(1.3, 3.0)
    if kind < 0.25:
        return []
    column = [(0.0, k * down) for k in (-2, -1, 1, 2) if abs(k * down) < 2.8]
    row = [(k * across, 0.0) for k in (-2, -1, 1, 2) if abs(k * across) < 2.8]
    if kind < 0.65:
        return column[1:] if random.random() < 0.25 else column
    if kind < 0.88:
        return row[1:] if random.random() < 0.25 else row
    corners = [(x, y) for x, _ in row for _, y in column]
    return [*column, *row, *corners]


def _inside(random: Random, ground: int) -> int:
    """The grey of the inside of boxes: white, as the paper, or darker."""
    kind = random.random()
    return 255 if kind < 0.35 else ground if kind < 0.75 else int(random.uniform(0.6, 0.95) * ground)


def _frame(random: Random, radio: bool, ground: int, inside: int) -> Draw:
    """A way to draw every frame of a scene."""
    width = float(np.exp(random.uniform(np.log(0.8), np.log(6.0))))
    grey = int(random.integers(0, 60)) if random.random() < 0.65 else int(random.integers(60, 185))
    grey = min(grey, ground - 50)
    grey = min(grey, max(0, inside - 60))
    outline = _outline(random, radio)
    style, pieces, faint = random.random(), _pieces(outline, random, radio), int(random.integers(25, 90))

    def draw(paper: Pixels, x: float, y: float) -> None:
        points = np.round((outline * SIDE + (x, y)) * 2**_SHIFT).astype(np.int32).reshape(-1, 1, 2)
        if inside != ground:
            cv2.fillPoly(paper, [points], (inside,), cv2.LINE_AA, _SHIFT)
        if style > 1 - _IN_PIECES:
            for piece in pieces:
                line = np.round((piece * SIDE + (x, y)) * 2**_SHIFT).astype(np.int32).reshape(-1, 1, 2)
                cv2.polylines(paper, [line], False, (grey,), max(1, round(width)), cv2.LINE_AA, _SHIFT)
            return
        cv2.polylines(paper, [points], True, (grey,), max(1, round(width)), cv2.LINE_AA, _SHIFT)
        if style < 0.1:  # double
            inner = np.round((outline * SIDE * 0.76 + (x, y)) * 2**_SHIFT).astype(np.int32).reshape(-1, 1, 2)
            cv2.polylines(paper, [inner], True, (grey,), 1, cv2.LINE_AA, _SHIFT)
        elif style < 0.17:  # with a shadow: two sides darker
            corner = points[len(points) // 2 :] if style < 0.13 else points[: len(points) // 2]
            cv2.polylines(paper, [corner], False, (max(0, grey - 70),), round(width) + 2, cv2.LINE_AA, _SHIFT)
        elif style < 0.25:  # sunken or raised: two sides hardly darker than the paper
            lit = np.roll(points, 8 if style < 0.23 else -8, axis=0)[:17]
            for shade in (min(ground, inside), max(grey, min(ground, inside) - faint)):
                cv2.polylines(paper, [lit], False, (shade,), max(1, round(width)), cv2.LINE_AA, _SHIFT)

    return draw


def _pieces(outline: NDArray[np.float64], random: Random, radio: bool) -> list[NDArray[np.float64]]:
    """The border in dashes or dots, on three sides only, without its corners, by its corners alone, or as brackets."""
    closed = np.vstack([outline, outline[:1]])
    steps = np.hypot(*np.diff(closed, axis=0).T)
    away = np.concatenate([[0.0], np.cumsum(steps)])
    fine = np.linspace(0, away[-1], 240, endpoint=False)
    line = np.column_stack([np.interp(fine, away, closed[:, k]) for k in (0, 1)])
    kind = random.random()
    if radio or kind < 0.4:
        mark, gap = (random.uniform(0.04, 0.26), random.uniform(0.09, 0.17))
        shown = np.mod(fine, mark + gap) < mark
    else:
        half = np.abs(outline).max(axis=0)
        near = np.abs(line) / half
        corner = np.minimum(near[:, 0], near[:, 1])
        if kind < 0.6:
            side = int(random.choice(4, p=(0.55, 0.15, 0.15, 0.15)))
            off = line[:, 1 - side // 2] * (-1 if side % 2 == 0 else 1) / half[1 - side // 2]
            shown = (off < 0.97) | (corner > 0.97)
        elif kind < 0.72:
            shown = corner < random.uniform(0.5, 0.85)
        elif kind < 0.85:
            shown = corner > random.uniform(0.25, 0.6)
        else:
            shown = (near[:, 0] > 0.97) | (near[:, 0] > random.uniform(0.2, 0.7))
    ends = np.flatnonzero(np.diff(shown.astype(int))) + 1
    parts = [part for part in np.split(np.arange(len(line)), ends) if shown[part[0]]]
    if len(parts) > 1 and shown[0] and shown[-1]:
        parts[0] = np.concatenate([parts.pop(), parts[0]])
    return [line[part] for part in parts]


def _outline(random: Random, radio: bool) -> NDArray[np.float64]:
    """Closed outline about the origin, a side wide; at least 24 points."""
    angles = np.linspace(0, 2 * np.pi, 32, endpoint=False) + np.pi / 4
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    if radio:
        return circle / 2
    if random.random() < 0.25:  # rounded corners
        power = random.uniform(3.0, 9.0)
        return np.asarray(circle / (np.abs(circle) ** power).sum(axis=1, keepdims=True) ** (1 / power) / 2)
    square = circle / np.abs(circle).max(axis=1, keepdims=True) / 2
    return np.asarray(square * random.uniform(0.94, 1.06, (1, 2)))


def _icon(paper: Pixels, random: Random, grey: int) -> None:
    """A bullet, a filled square with a light figure, an arrow, a triangle, a circle with a letter."""
    kind = int(random.integers(6))
    middle = (PATCH // 2, PATCH // 2)
    half = round(SIDE * random.uniform(0.3, 0.6))
    if kind == 0:
        cv2.circle(paper, middle, half, (grey,), -1, cv2.LINE_AA)
    elif kind in (1, 2):
        corner = (middle[0] - half, middle[1] - half), (middle[0] + half, middle[1] + half)
        cv2.rectangle(paper, *corner, (grey,), -1)
    elif kind == 3:
        cv2.arrowedLine(paper, (middle[0] - half, middle[1]), (middle[0] + half, middle[1]), (grey,), 3, cv2.LINE_AA)
    elif kind == 4:
        angles = random.uniform(0, 6) + np.arange(3) * 2 * np.pi / 3
        corners = np.column_stack([np.cos(angles), np.sin(angles)]) * half * 1.2 + middle
        cv2.polylines(paper, [corners.round().astype(np.int32)], True, (grey,), 2, cv2.LINE_AA)
    else:
        cv2.circle(paper, middle, half, (grey,), 2, cv2.LINE_AA)
    if kind in (0, 2, 5):
        letter = "iI?!123Aa"[int(random.integers(9))]
        shade = grey if kind == 5 else 250
        place = (middle[0] - round(half * 0.5), middle[1] + round(half * 0.55))
        cv2.putText(paper, letter, place, cv2.FONT_HERSHEY_SIMPLEX, half / 18, (shade,), 2, cv2.LINE_AA)


def _code(paper: Pixels, random: Random, grey: int) -> None:
    """Modules of a matrix code, at times with the square of a corner in the middle."""
    module = int(random.integers(4, 13))
    count = PATCH // module + 1
    dark = np.kron(random.random((count, count)) < 0.5, np.ones((module, module), np.bool_))[:PATCH, :PATCH]
    paper[dark] = grey
    if random.random() < 0.7:
        start = PATCH // 2 - 7 * module // 2 + int(random.integers(-1, 2)) * module // 2
        for inset, shade in ((-1, 250), (0, grey), (1, 250), (2, grey)):
            near, far = start + inset * module, start + (7 - inset) * module
            paper[max(0, near) : max(0, far), max(0, near) : max(0, far)] = shade


def _long_field(paper: Pixels, random: Random, grey: int) -> None:
    """A box for writing: at least twice as wide as high, or higher than wide."""
    wide, high = random.uniform(1.0, 3.5), random.uniform(0.5, 0.8)
    if random.random() < 0.15:
        wide, high = high, wide
    shift = random.uniform(-0.8, 0.8) * max(0.0, wide - 0.6)
    left, right = shift - wide, shift + wide
    ends = [((left, -high), (right, -high)), ((right, -high), (right, high))]
    ends += [((right, high), (left, high)), ((left, high), (left, -high))]
    for start, end in ends:
        _line(paper, start, end, grey, int(random.integers(1, 4)))
