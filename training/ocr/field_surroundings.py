"""What stands on and around a field that nobody wrote in: frames, combs, labels, neighbours' ink, folds, stains."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from synthesis.crops.fields import LABELS, font_cover
from synthesis.fonts import TRAINING_HANDS, TRAINING_PRINTS, FontFolder
from synthesis.forms.form_words import FormWords
from synthesis.ink.crop_ink import Cover, soak
from synthesis.sheet import Pixels

Random = np.random.Generator

AROUND = 0.6
"""Of the field's height that is drawn on each side of it."""
REACHES_IN = 0.22
"""How far a neighbour's writing reaches into the crop at most, in heights of it."""


@dataclass(slots=True)
class Scene:
    """A piece of a page; the crop lies `margin` pixels from its borders."""

    paper: Pixels
    rows: int
    columns: int
    margin: int
    tone: float
    """Grey of the paper."""
    fonts: FontFolder | None = None

    @classmethod
    def blank(cls, rows: int, columns: int, random: Random) -> Scene:
        """Paper of any tone, lit evenly or not."""
        margin = max(8, round(AROUND * rows))
        shape = rows + 2 * margin, columns + 2 * margin
        tone = float(random.choice((255, random.uniform(225, 255), random.uniform(140, 225)), p=(0.5, 0.3, 0.2)))
        paper = np.full(shape, tone, dtype=np.float32)
        if random.random() < 0.2:
            paper *= _shadow(shape, random)
        if random.random() < 0.15:
            coarse = random.normal(0, 1, (shape[0] // 3 + 2, shape[1] // 3 + 2)).astype(np.float32)
            paper += random.uniform(1, 5) * cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR)
        return cls(np.asarray(np.clip(paper, 0, 255), dtype=np.uint8), rows, columns, margin, tone)

    def cut(self, picture: Pixels) -> Pixels:
        """The crop of a picture of the scene."""
        first = self.margin
        return np.ascontiguousarray(picture[first : first + self.rows, first : first + self.columns])

    def on_paper(self, cover: Cover, top: int, left: int) -> Cover:
        """`cover` at a place of the scene, cut at its borders."""
        sheet: NDArray[np.float32] = np.zeros(self.paper.shape, dtype=np.float32)
        up, start = max(0, top), max(0, left)
        part = cover[up - top : up - top + sheet.shape[0] - up, start - left : start - left + sheet.shape[1] - start]
        sheet[up : up + part.shape[0], start : start + part.shape[1]] = part
        return sheet


def furnish(scene: Scene, fonts: FontFolder, random: Random) -> None:
    """Draws what the form has printed there."""
    rows, margin = scene.rows, scene.margin
    shade = int(scene.tone * random.uniform(0, 0.8))
    weight = int(random.integers(1, 2 + max(1, rows // 28)))
    top, bottom, left, right = (
        margin + round(random.normal(0, 0.035) * rows),
        margin + rows - round(abs(random.normal(0, 0.08)) * rows) - weight,
        margin + round(random.normal(0, 0.04) * rows),
        margin + scene.columns - round(random.normal(0, 0.04) * rows),
    )
    kind = str(random.choice(("none", "rule", "frame", "comb", "cells", "table"), p=(0.2, 0.24, 0.2, 0.18, 0.08, 0.1)))
    if kind == "rule":
        _rule(
            scene.paper,
            (left - margin, right + margin) if random.random() < 0.5 else (left, right),
            bottom,
            weight,
            shade,
            str(random.choice(("solid", "dots", "dashes"), p=(0.5, 0.3, 0.2))),
        )
    elif kind in ("frame", "table"):
        _frame(scene, (left, top, right, bottom), weight, shade, random, grid=kind == "table")
    elif kind == "comb":
        _comb(scene, (left, top, right, bottom), weight, shade, random)
    elif kind == "cells":
        _cells(scene, (left, top, right, bottom), random)
    if random.random() < 0.3:
        _label(scene, fonts, random)


def put_down(scene: Scene, cover: Cover, side: str, random: Random) -> None:
    """Writes `cover` beside the crop so that it reaches into it by a little."""
    rows, columns, margin = scene.rows, scene.columns, scene.margin
    high, wide = cover.shape
    into = round(rows * random.uniform(-0.1, REACHES_IN))
    across = round(margin + random.uniform(-0.5 * wide, columns - 0.4 * wide))
    down = round(margin + (rows - high) * random.uniform(0.2, 0.8))
    beside = min(into, columns // 6)
    top, left = {
        "above": (margin + into - high, across),
        "below": (margin + rows - into, across),
        "left": (down, margin + beside - wide),
        "right": (down, margin + columns - beside),
    }[side]
    if side in ("above", "below"):
        # An i's dot or a comma must not be all that is seen of it: the body goes on beyond the border.
        high = min(high, scene.margin + max(into, 0))
        cover = cover[-high:] if side == "above" else cover[:high]
        top = margin + into - high if side == "above" else top
    ink = scene.on_paper(cover, top, left)
    scene.paper = soak(scene.paper, ink, scene.tone * random.uniform(0, 0.7), random)


def spoil(scene: Scene, random: Random) -> None:
    """Folds, show-through, stains, dust and streaks: ink or shade that is no writing."""
    if random.random() < 0.2:
        _fold(scene, random)
    if random.random() < 0.16 and scene.fonts is not None:
        _show_through(scene, random)
    if random.random() < 0.08:
        _stain(scene, random)
    if random.random() < 0.2:
        _dust(scene, random)
    if random.random() < 0.06:
        _streak(scene, random)


def _shadow(shape: tuple[int, int], random: Random) -> NDArray[np.float32]:
    """Light that falls off in one direction, or has a soft edge."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    turn = random.uniform(0, 2 * np.pi)
    along = (np.cos(turn) * x + np.sin(turn) * y) / shape[0]
    edge, soft = random.uniform(along.min(), along.max()), random.choice((random.uniform(0.08, 0.4), 2.0))
    depth = random.uniform(0.1, 0.5)
    return np.asarray(1 - depth / (1 + np.exp(-(along - edge) / soft)), dtype=np.float32)


def _rule(paper: Pixels, ends: tuple[int, int], row: int, weight: int, shade: int, kind: str) -> None:
    start, end = max(0, ends[0]), min(paper.shape[1], ends[1])
    band = paper[row : row + weight, start:end]
    if not band.size:
        return
    columns = np.arange(band.shape[1])
    step = max(3, (3 if kind == "dots" else 8) * weight)
    shown = (
        np.ones_like(columns, bool)
        if kind == "solid"
        else columns % step < max(1, step * (0.4 if kind == "dots" else 0.6))
    )
    band[:, shown] = np.minimum(band[:, shown], shade)


def _frame(
    scene: Scene, box: tuple[int, int, int, int], weight: int, shade: int, random: Random, *, grid: bool
) -> None:
    left, top, right, bottom = box
    paper = scene.paper
    if grid:
        # Lines of a table go on beyond the field.
        for row in (top, bottom):
            cv2.line(paper, (0, row), (paper.shape[1], row), shade, weight)
        for column in (left, right):
            cv2.line(paper, (column, 0), (column, paper.shape[0]), shade, weight)
        return
    if random.random() < 0.25:
        radius = int(scene.rows * random.uniform(0.1, 0.5))
        _rounded(paper, box, radius, shade, weight)
    else:
        cv2.rectangle(paper, (left, top), (right, bottom), shade, weight)
    if random.random() < 0.2:
        inset = weight + int(random.integers(1, 2 + scene.rows // 20))
        cv2.rectangle(
            paper,
            (left + inset, top + inset),
            (right - inset, bottom - inset),
            int(shade + (255 - shade) * 0.4),
            weight,
        )


def _rounded(paper: Pixels, box: tuple[int, int, int, int], radius: int, shade: int, weight: int) -> None:
    left, top, right, bottom = box
    radius = max(1, min(radius, (bottom - top) // 2, (right - left) // 2))
    for start, end in (
        ((left + radius, top), (right - radius, top)),
        ((left + radius, bottom), (right - radius, bottom)),
        ((left, top + radius), (left, bottom - radius)),
        ((right, top + radius), (right, bottom - radius)),
    ):
        cv2.line(paper, start, end, shade, weight)
    for middle, turn in (
        ((left + radius, top + radius), 180),
        ((right - radius, top + radius), 270),
        ((right - radius, bottom - radius), 0),
        ((left + radius, bottom - radius), 90),
    ):
        cv2.ellipse(paper, middle, (radius, radius), turn, 0, 90, shade, weight, cv2.LINE_AA)


def _comb(scene: Scene, box: tuple[int, int, int, int], weight: int, shade: int, random: Random) -> None:
    """Walls or ticks, evenly apart, on a foot that now and then is missing or not at the field's end."""
    left, top, right, bottom = box
    rows, paper = scene.rows, scene.paper
    bottom -= round(rows * random.choice((0.0, random.uniform(0, 0.25))))
    pitch = rows * random.uniform(0.5, 1.4)
    height = rows * float(random.choice((1.0, random.uniform(0.15, 0.6), random.uniform(0.15, 0.4))))
    weight = min(weight, 1 + rows // 30)
    foot = random.random() < 0.85
    if foot:
        _rule(paper, (left, right), bottom, weight, shade, "solid")
    if height >= rows and random.random() < 0.7:
        _rule(paper, (left, right), top, weight, shade, "solid")
    start = left + (0 if random.random() < 0.7 else pitch * random.random())
    for column in np.arange(start, right + 1, pitch):
        cv2.line(paper, (round(column), bottom), (round(column), max(0, round(bottom - height))), shade, weight)


def _cells(scene: Scene, box: tuple[int, int, int, int], random: Random) -> None:
    """A field lighter or darker than the paper around, whole or in cells."""
    left, top, right, bottom = box
    tone = int(np.clip(scene.tone * random.uniform(0.8, 0.97), 0, 255))
    if random.random() < 0.5:
        outside = scene.paper.copy()
        scene.paper[:] = np.minimum(scene.paper, tone)
        inner = slice(max(0, top), max(0, bottom)), slice(max(0, left), max(0, right))
        scene.paper[inner] = outside[inner]
        return
    pitch = scene.rows * random.uniform(0.6, 1.6) if random.random() < 0.6 else right - left
    gap = max(2, round(pitch * random.uniform(0.04, 0.15)))
    for column in np.arange(left, right - 1, pitch):
        part = scene.paper[max(0, top) : bottom, max(0, round(column)) : round(column + pitch - gap)]
        np.minimum(part, tone, out=part)


def _label(scene: Scene, fonts: FontFolder, random: Random) -> None:
    """Print above, below or in the upper corner of the field, as far in as nobody writes."""
    rows, margin = scene.rows, scene.margin
    face = fonts.face(str(random.choice(TRAINING_PRINTS)), max(7, int(rows * random.uniform(0.16, 0.3))))
    text = LABELS[int(random.integers(len(LABELS)))]
    above, small = random.random() < 0.75, face.size <= max(8, 0.26 * rows)
    baseline = margin + rows * (
        random.uniform(-0.05, 0.33) if above else 1 + random.uniform(-0.04 if small else 0.05, 0.3)
    )
    left = margin + (rows * random.uniform(-0.2, 0.2) if random.random() < 0.7 else random.uniform(0, scene.columns))
    picture = Image.fromarray(scene.paper)
    ImageDraw.Draw(picture).text((left, baseline), text, int(scene.tone * random.uniform(0, 0.55)), face, "ls")
    scene.paper = np.array(picture)


def _fold(scene: Scene, random: Random) -> None:
    """A soft line through the page from border to border."""
    high, wide = scene.paper.shape
    upright = random.random() < 0.6
    line = np.zeros((high, wide), dtype=np.float32)
    lean = random.normal(0, 0.06) * (high if upright else wide)
    if upright:
        place = random.uniform(scene.margin, wide - scene.margin)
        ends = (round(place), 0), (round(place + lean), high)
    else:
        place = random.uniform(scene.margin, high - scene.margin)
        lean = float(np.clip(lean, -0.5 * high, 0.5 * high))
        ends = (0, round(place)), (wide, round(place + lean))
    cv2.line(line, *ends, 1.0, int(random.integers(1, 4)), cv2.LINE_AA)
    line = cv2.GaussianBlur(line, (0, 0), random.uniform(0.6, 2.5))
    line /= max(float(line.max()), 1e-3)
    darker = 1 - random.uniform(0.05, 0.35) * line
    scene.paper = np.asarray(np.clip(scene.paper * darker, 0, 255), dtype=np.uint8)


def _show_through(scene: Scene, random: Random) -> None:
    """Writing or print of the other side: mirrored, soft and pale."""
    assert scene.fonts is not None
    faces = TRAINING_HANDS if random.random() < 0.5 else TRAINING_PRINTS
    size = scene.rows * random.uniform(0.3, 0.9)
    face = scene.fonts.face(str(random.choice(faces)), max(8, round(size)))
    ink = np.zeros(scene.paper.shape, dtype=np.float32)
    entries, top = FormWords(), random.uniform(-0.5, 0.3) * scene.rows
    while top < scene.paper.shape[0]:
        try:
            cover = font_cover(entries.draw(random), face, random)[:, ::-1]
        except ValueError:
            return
        ink = np.maximum(ink, scene.on_paper(cover, round(top), round(random.uniform(0, scene.paper.shape[1] / 2))))
        top += 1.7 * size
    ink = cv2.GaussianBlur(ink, (0, 0), max(0.9, scene.rows * random.uniform(0.012, 0.04)))
    darker = 1 - random.uniform(0.03, 0.12) * ink
    scene.paper = np.asarray(np.clip(scene.paper * darker, 0, 255), dtype=np.uint8)


def _stain(scene: Scene, random: Random) -> None:
    high, wide = scene.paper.shape
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    middle, radius = (random.uniform(0, wide), random.uniform(0, high)), scene.rows * random.uniform(0.3, 1.5)
    away = np.hypot(x - middle[0], (y - middle[1]) * random.uniform(0.6, 1.6)) / radius
    soft = 1 / (1 + np.exp(np.clip((away - 1) / random.uniform(0.03, 0.3), -30, 30)))
    if random.random() < 0.4:
        soft = np.exp(-(((away - 1) / random.uniform(0.06, 0.2)) ** 2)) + 0.3 * soft
    scene.paper = np.asarray(np.clip(scene.paper * (1 - random.uniform(0.03, 0.15) * soft), 0, 255), dtype=np.uint8)


def _dust(scene: Scene, random: Random) -> None:
    """Specks here and there, each smaller than a full stop is long."""
    for _ in range(int(random.integers(1, 9))):
        place = random.uniform(0, 1, 2) * scene.paper.shape[::-1]
        size = max(0.5, scene.rows * random.uniform(0.005, 0.045))
        axes = (max(1, round(size)), max(1, round(size * random.uniform(0.5, 1))))
        shade = int(scene.tone * random.uniform(0, 0.8))
        middle = (round(float(place[0])), round(float(place[1])))
        cv2.ellipse(scene.paper, middle, axes, int(random.integers(180)), 0, 360, shade, -1, cv2.LINE_AA)


def _streak(scene: Scene, random: Random) -> None:
    """What a scanner's dusty glass draws down or across the whole page."""
    place = int(random.integers(0, min(scene.paper.shape)))
    shown = slice(place, place + int(random.integers(1, 3)))
    if random.random() < 0.7:
        place = int(random.integers(0, scene.paper.shape[1]))
        part = scene.paper[:, place : place + 1]
    else:
        part = scene.paper[shown]
    part[:] = np.asarray(part * random.uniform(0.5, 0.95), dtype=np.uint8)
