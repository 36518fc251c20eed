"""Signatures, initials, notes and stray marks as pen strokes: words of one writer, hurried into a signature.

Unit of all strokes: the writer's usual letter height; y points down.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthesis.ink.crop_ink import bounds, transformed
from synthesis.ink.pen import Points
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.ink.waves import Wave, shift_points

Random = np.random.Generator
Strokes = list[Points]

_STEP = 0.06
"""Distance of points after resampling."""


class SignatureHand:
    """Draws from the recorded strokes of the writers of one part."""

    def __init__(self, folder: Path, part: Part) -> None:
        """`folder` holds unipen_words.npz, unipen_chars.npz and unipen_text.npz. Raises OSError, KeyError."""
        self._words = PenStrokes(folder / "unipen_words.npz")
        self._letters = PenStrokes(folder / "unipen_chars.npz")
        self._lines = PenStrokes(folder / "unipen_text.npz")
        words, texts = self._words.of(part), self._words.texts
        self._any_words = np.array([i for i in words if texts[i].isascii() and len(texts[i]) > 1])
        alphabetic = [i for i in self._any_words if texts[i].isalpha() and len(texts[i]) >= 3]
        self._names = np.array([i for i in alphabetic if texts[i][0].isupper() and not texts[i].isupper()])
        self._capitals = np.array([i for i in self._letters.of(part) if self._letters.texts[i].isupper()])
        self._digits = np.array([i for i in self._letters.of(part) if self._letters.texts[i].isdigit()])
        self._text_lines = np.array(self._lines.of(part))
        self._names_by_writer = _by_writer(self._names, self._words.writers)
        self._words_by_writer = _by_writer(self._any_words, self._words.writers)

    def signature(self, random: Random) -> Strokes:
        """Mostly initials and a surname, hurried; one in eight a flourish that spells nothing."""
        strokes = _flourish(random) if random.random() < 0.13 else self._name(random)
        strokes = _leaned(strokes, random, slant=(0.3, 0.3), squeeze=(0.7, 1.5))
        if random.random() < 0.25:
            strokes = _looped(strokes, random)
        if random.random() < 0.4:
            strokes.append(_tail(strokes, random))
        if random.random() < 0.12:
            strokes.append(_tail(strokes, random))
        return _waved(strokes, random, 0.12)

    def sharp_signature(self, random: Random) -> Strokes:
        """A pen thrown up and down, with corners in place of loops; some begin with a capital."""
        strokes = _sharp(random)
        if random.random() < 0.4:
            letter = self._letter(random, self._capitals, random.uniform(1.0, 2.0))
            strokes = _appended(letter, strokes, random.uniform(-0.4, 0.3))
        return _waved(_leaned(strokes, random, slant=(0.25, 0.35), squeeze=(0.8, 1.4)), random, 0.08)

    def initials(self, random: Random) -> Strokes:
        """One to three capitals, often joined."""
        count = int(random.choice(3, p=(0.2, 0.6, 0.2))) + 1
        strokes: Strokes = []
        for _ in range(count):
            letter = self._letter(random, self._capitals, random.uniform(0.85, 1.25))
            strokes = _appended(strokes, letter, random.uniform(-0.3, 0.35))
            if random.random() < 0.2:
                strokes = _appended(strokes, [np.array([[0.0, 0.0], [0.03, 0.03]])], random.uniform(0.05, 0.25))
        if random.random() < 0.6:
            strokes = _hurried(strokes, random, random.uniform(0, 0.3))
        if random.random() < 0.15:
            strokes.append(_tail(strokes, random))
        return _leaned(strokes, random, slant=(0.25, 0.25), squeeze=(0.6, 1.4))

    def note(self, random: Random) -> Strokes:
        """Legible writing on base lines: one to three lines of words, a recorded line, or a date."""
        kind = random.random()
        if kind < 0.32:
            return self._date(random)
        if kind < 0.5:
            strokes = self._lines.strokes(int(random.choice(self._text_lines)))
            return _leaned(strokes, random, slant=(0.05, 0.1), squeeze=(0.85, 1.1)) if strokes else self._date(random)
        own = self._writer(random, self._words_by_writer)
        strokes = []
        for row in range(int(random.choice((1, 1, 2, 2, 3)))):
            line: Strokes = []
            for _ in range(int(random.integers(2, 6))):
                line = _appended(line, self._word(random, own), random.uniform(0.35, 0.8))
            strokes += transformed(line, np.eye(2), (random.normal(0, 0.3), row * random.uniform(1.7, 2.6)))
        return _leaned(strokes, random, slant=(0.1, 0.15), squeeze=(0.85, 1.15))

    def words(self, random: Random, count: int) -> tuple[str, Strokes]:
        """`count` words of one writer as they were written, on the base line y = 0, and what they say."""
        own = self._writer(random, self._words_by_writer)
        chosen = [int(at) for at in random.choice(own, count)]
        strokes: Strokes = []
        for at in chosen:
            strokes = _appended(strokes, _rested(self._words.strokes(at)), random.uniform(0.5, 0.9))
        return " ".join(self._words.texts[at] for at in chosen), strokes

    def sheet(self, random: Random) -> Strokes:
        """A page of one hand: four to six long lines, about two units from line to line."""
        own = self._writer(random, self._words_by_writer)
        gap, pitch = random.uniform(0.3, 0.8), random.uniform(1.4, 2.4)
        strokes: Strokes = []
        for row in range(int(random.integers(4, 7))):
            line: Strokes = []
            for _ in range(int(random.integers(5, 9))):
                line = _appended(line, self._word(random, own), gap * random.uniform(0.7, 1.4))
            strokes += transformed(line, np.eye(2), (random.normal(0, 0.2), row * pitch))
        return _leaned(strokes, random, slant=(0.1, 0.2), squeeze=(0.85, 1.15))

    def _name(self, random: Random) -> Strokes:
        own = self._writer(random, self._names_by_writer)
        kind = random.random()
        strokes: Strokes = []
        hurry = random.choice((0.0, random.uniform(0.1, 0.5), random.uniform(0.5, 1.0)), p=(0.3, 0.4, 0.3))
        if 0.3 < kind < 0.75:
            for _ in range(int(random.integers(1, 3))):
                letter = self._letter(random, self._capitals, random.uniform(0.9, 1.7))
                strokes = _appended(strokes, letter, random.uniform(-0.1, 0.5))
                if random.random() < 0.5:
                    strokes = _appended(strokes, [np.array([[0.0, 0.0], [0.04, 0.02]])], random.uniform(0.05, 0.2))
        words = 1 if kind > 0.18 else 2
        for _ in range(words):
            gap = random.uniform(-0.2, 0.7)
            strokes = _appended(strokes, _hurried(self._word(random, own), random, float(hurry)), gap)
        return strokes

    def _word(self, random: Random, own: NDArray[np.int64]) -> Strokes:
        return _rested(self._words.strokes(int(random.choice(own))))

    def _writer(self, random: Random, table: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        return table[int(random.integers(len(table)))]

    def _letter(self, random: Random, among: NDArray[np.int64], height: float) -> Strokes:
        strokes = _rested(self._letters.strokes(int(random.choice(among))))
        _, top, _, bottom = bounds(strokes)
        return transformed(strokes, np.eye(2) * height / max(0.4, bottom - top), (0, 0))

    def _date(self, random: Random) -> Strokes:
        strokes: Strokes = []
        slash = [np.array([[0.3, -1.1], [0.0, 0.1]])]
        for group, count in enumerate((int(random.integers(1, 3)), int(random.integers(1, 3)), 2)):
            if group:
                strokes = _appended(strokes, slash, random.uniform(0.1, 0.25))
            for _ in range(count):
                digit = self._letter(random, self._digits, random.uniform(0.9, 1.1))
                strokes = _appended(strokes, digit, random.uniform(0.1, 0.25))
        return _leaned(strokes, random, slant=(0.1, 0.12), squeeze=(0.8, 1.1))


def stray_mark(random: Random) -> Strokes:
    """A pen line that says nothing: a line, a tick, a cross, an arrow, a circle or a wave; about one unit high."""
    kind = int(random.integers(6))
    slope, length = random.normal(0, 0.15), random.uniform(2, 14)
    line = np.array([[0, 0], [length / 2, slope * length / 2 + random.normal(0, 0.1)], [length, slope * length]])
    if kind == 0:
        strokes = [_dense(line)]
    elif kind == 1:
        strokes = [np.array([[0, 0.6], [random.uniform(0.2, 0.4), 1.0], [random.uniform(0.8, 1.6), -0.2]])]
    elif kind == 2:
        strokes = [np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.05], [0.0, 0.95]])]
    elif kind == 3:
        tip = line[-1]
        strokes = [_dense(line), tip + np.array([[-0.6, -0.45], [0, 0], [-0.6, 0.45]])]
    elif kind == 4:
        turn = np.linspace(random.uniform(0, 6), random.uniform(6.2, 7.2) + 6, 40)
        strokes = [np.column_stack([random.uniform(0.6, 4) * np.cos(turn), np.sin(turn)])]
    else:
        across = np.linspace(0, length, 30)
        strokes = [np.column_stack([across, 0.15 * np.sin(across * random.uniform(0.4, 1.2)) + slope * across])]
    return _waved(_leaned(strokes, random, slant=(0, 0.25), squeeze=(0.8, 1.25)), random, 0.06)


def _by_writer(chosen: NDArray[np.int64], writers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    own = writers[chosen]
    return [chosen[own == writer] for writer in np.unique(own) if np.sum(own == writer) >= 3]


def _rested(strokes: Strokes) -> Strokes:
    """Moved so that it begins at x = 0 and stands on y = 0 with what is not below the line of most points."""
    if not strokes:
        return [np.array([[0.0, 0.0], [0.3, -0.5]])]
    left, _, _, _ = bounds(strokes)
    base = float(np.percentile(np.concatenate(strokes)[:, 1], 85))
    return [stroke - (left, base) for stroke in strokes]


def _appended(strokes: Strokes, more: Strokes, gap: float) -> Strokes:
    if not strokes:
        return list(more)
    left, right = bounds(more)[0], bounds(strokes)[2]
    return strokes + transformed(more, np.eye(2), (right + gap - left, 0))


def _dense(stroke: Points) -> Points:
    """Points at even distances along the stroke."""
    if len(stroke) < 2:
        return stroke
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    if along[-1] <= _STEP:
        return stroke
    even = np.linspace(0, along[-1], max(3, int(along[-1] / _STEP)))
    return np.column_stack([np.interp(even, along, stroke[:, 0]), np.interp(even, along, stroke[:, 1])])


def _smoothed(stroke: Points, sigma: float) -> Points:
    reach = int(3 * sigma)
    if reach < 1 or len(stroke) < 3:
        return stroke
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.pad(stroke, ((reach, reach), (0, 0)), mode="edge")
    return np.column_stack([np.convolve(padded[:, k], weights / weights.sum(), "valid") for k in (0, 1)])


def _hurried(strokes: Strokes, random: Random, hurry: float) -> Strokes:
    """Letters collapse towards the end: strokes are joined, rounded off and flattened, the more the more `hurry`."""
    if hurry <= 0 or not strokes:
        return strokes
    joined: Strokes = []
    for stroke in strokes:
        last = joined[-1][-1] if joined else None
        near = last is not None and np.hypot(*(stroke[0] - last)) < 1.3
        if near and random.random() < hurry:
            joined[-1] = np.concatenate([joined[-1], stroke])
        else:
            joined.append(stroke)
    left, _, right, _ = bounds(joined)
    sigma = random.uniform(0.5, 5.0) * hurry
    flat, lengthen = random.uniform(0, 0.8) * hurry, random.uniform(0, 0.8) * hurry
    out = []
    for stroke in joined:
        dense = _dense(stroke)
        share = np.clip((dense[:, :1] - left) / max(0.5, right - left), 0, 1)
        calm = dense * (1 - share) + _smoothed(dense, max(0.4, sigma)) * share
        calm[:, 1] *= 1 - flat * share[:, 0]
        calm[:, 0] += lengthen * share[:, 0] ** 2 * (right - left) * 0.5
        out.append(calm)
    return out


def _leaned(strokes: Strokes, random: Random, slant: tuple[float, float], squeeze: tuple[float, float]) -> Strokes:
    lean, wide = random.normal(*slant), np.exp(random.uniform(*np.log(squeeze)))
    turn = random.normal(0, 0.07)
    shear = np.array([[wide, -lean], [0.0, 1.0]])
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return transformed(strokes, rotation @ shear, (0, 0))


def _looped(strokes: Strokes, random: Random) -> Strokes:
    radius, pace = random.uniform(0.1, 0.4), random.uniform(1.0, 3.0)
    out = []
    for stroke in strokes:
        dense = _dense(stroke)
        turn = np.arange(len(dense)) * _STEP * pace
        out.append(dense + radius * np.column_stack([np.cos(turn), np.sin(turn)]))
    return out


def _waved(strokes: Strokes, random: Random, most: float) -> Strokes:
    """A smooth warp of everything, so that no two look alike."""
    phase, pace = random.uniform(0, 6.3, 4), random.uniform(0.3, 1.2, 4)
    size = random.uniform(0, most, 4)
    paces = [(pace[0], 0.0), (0.0, 2 * pace[1]), (pace[2], 0.0), (0.0, 2 * pace[3])]
    waves = [Wave(*one) for one in zip(size.tolist(), paces, phase.tolist(), strict=True)]
    return [stroke + shift_points(stroke, waves[:2], waves[2:]) for stroke in strokes]


def _tail(strokes: Strokes, random: Random) -> Points:
    """An underline, a stroke through, or an end that runs on."""
    left, top, right, bottom = bounds(strokes)
    width, height = right - left, bottom - top
    kind = random.random()
    if kind < 0.45:
        end = strokes[-1][-1]
        reach = random.uniform(0.2, 0.8) * max(width, 1.0)
        control = np.array([[0, 0], [0.3 * reach, random.normal(0, 0.25) * height], [reach, random.normal(-0.1, 0.3)]])
        points = control + end
    else:
        level = bottom - height * (random.uniform(-0.15, 0.2) if kind < 0.85 else random.uniform(0.3, 0.7))
        ends = left + width * np.array([random.uniform(-0.1, 0.4), random.uniform(0.7, 1.15)])
        bend = height * random.normal(0, 0.12, 3)
        points = np.column_stack([[ends[1], ends.mean(), ends[0]][:: random.choice((1, -1))], level + bend])
    return _smoothed(_dense(points), 6.0)


def _flourish(random: Random) -> Strokes:
    """A zigzag of loops: a large start, then ever flatter waves."""
    count = int(random.integers(4, 16))
    advance = random.uniform(0.1, 0.7)
    x = np.cumsum(random.normal(advance, 0.5 * advance + 0.15, count))
    size = np.exp(-np.linspace(0, random.uniform(0, 2.2), count)) * random.uniform(0.5, 1.3, count)
    size[int(random.integers(0, min(4, count)))] *= random.uniform(1.2, 2.4)
    y = np.where(np.arange(count) % 2, 0.25, -1.0) * size + random.normal(0, 0.1, count)
    stroke = _smoothed(_dense(np.column_stack([x, y])), random.uniform(1.5, 5.0))
    strokes = [stroke]
    for _ in range(int(random.integers(0, 3))):
        start, end = random.integers(0, len(stroke), 2)
        strokes.append(_smoothed(_dense(np.array([stroke[start], stroke[end] + random.normal(0, 0.4, 2)])), 3.0))
    return strokes


def _sharp(random: Random) -> Strokes:
    """A pen thrown up and down: teeth of many heights, some after a large stroke, some underlined."""
    count = int(random.integers(5, 15))
    x = np.cumsum(random.uniform(0.1, 0.9) * random.uniform(0.4, 1.6, count))
    size = random.uniform(0.35, 1.2, count) * np.exp(-np.linspace(0, random.uniform(0, 1.2), count))
    size[int(random.integers(0, min(4, count)))] *= random.uniform(1.2, 2.2)
    y = np.where(np.arange(count) % 2, 0.15, -1.0) * size + random.normal(0, 0.12, count)
    bent = np.repeat(np.column_stack([x, y]), 2, axis=0)[:-1]
    bent[1::2] = (bent[::2][:-1] + bent[::2][1:]) / 2 + random.normal(0, 0.05, (count - 1, 2))
    strokes = [_smoothed(_dense(bent), random.uniform(0.3, 1.0))]
    if random.random() < 0.35:
        ends = random.uniform(-0.3, 0.4, 2) * x[-1] + (0.0, x[-1])
        strokes.append(_dense(np.array([(ends[0], random.uniform(0.3, 0.7)), (ends[1], random.uniform(0.1, 0.6))])))
    if random.random() < 0.4:
        start = np.array((random.uniform(-1.5, -0.2), random.uniform(-1.8, -0.6)))
        strokes.insert(0, _dense(np.vstack([start, start + random.normal((0.1, 1.6), 0.3, 2)])))
    return strokes
