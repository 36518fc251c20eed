"""Boxed characters, one a cell, cut out of a scan: boxes, combs with ticks, faint guides, neighbours leaking in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthesis.ink.crop_ink import Cover, soak
from synthesis.ink.glyph_ink import Glyph
from synthesis.sheet import Pixels
from synthesis.wear.crop_wear import tilt, wear

Random = np.random.Generator

LEAST_PITCH, MOST_PITCH = 24, 62
"""Width of a cell in pixels: 4 to 5 mm at 150 to 300 dpi."""
GUIDES = ("MMDDYYYY", "DDMMYYYY", "MMDDYY", "00000000")
_HANGING, _HIGH, _MIDDLE, _LOW = "gjpqy,;QJ", "'\"*^`", "-+=~:", "._"


@dataclass(frozen=True, slots=True)
class Comb:
    """A drawn row of cells."""

    pixels: Pixels
    edges: tuple[float, ...]
    """Where the first cell starts, then where each cell ends, in pixels from the left."""
    texts: tuple[str, ...]
    """What stands in each cell; "" in empty ones."""

    @property
    def pitch(self) -> float:
        """Mean width of a cell in pixels."""
        return (self.edges[-1] - self.edges[0]) / len(self.texts)

    def cell(self, index: int, jitter: float, random: Random) -> Pixels:
        """A cell as a form reader cuts it: each side off by about `jitter` cell widths, and often a little wide."""
        margin = 0.06 * self.pitch
        off = random.normal(0, jitter * self.pitch, 4)
        rows, columns = self.pixels.shape
        left = int(np.clip(round(self.edges[index] - margin + off[0]), 0, columns - 8))
        right = int(np.clip(round(self.edges[index + 1] + margin + off[1]), left + 8, columns))
        top, bottom = int(np.clip(off[2], 0, rows // 6)), rows - int(np.clip(off[3], 0, rows // 6))
        return self.pixels[top:bottom, left:right]


def draw_comb(
    glyphs: Sequence[Glyph | None],
    random: Random,
    guide: Callable[[int], ImageFont.FreeTypeFont] | None = None,
    loose: float = 1.0,
) -> Comb:
    """The glyphs (None: an empty cell) in a row of cells, scanned. Raises ValueError without cells.

    `guide` is the face of faint printed letters in some combs; `loose` scales how freely the characters are placed.
    """
    if not glyphs:
        raise ValueError("a comb has at least one cell")
    pitch = random.uniform(LEAST_PITCH, MOST_PITCH)
    rows = round(pitch * random.uniform(0.95, 1.6))
    left, above, below = random.uniform(0, 0.15, 3) * pitch + (0, 1, 1)
    columns = round(left + pitch * len(glyphs) + random.uniform(0, 0.15) * pitch)
    total = round(rows + above + below)
    paper = np.full((total, columns), 255, dtype=np.uint8)
    edges = tuple(float(left + pitch * index) for index in range(len(glyphs) + 1))
    place = _Place(paper, edges, round(above), round(above) + rows, pitch)
    _print_cells(place, random)
    if guide is not None and random.random() < 0.2:
        _print_guide(place, guide, random)
    ink = _write(glyphs, place, random, loose)
    inked = soak(paper, ink, float(random.choice((15, 40, 70, 105)) + random.uniform(-15, 15)), random)
    return Comb(wear(tilt(inked, random, degrees=0.6), random), edges, tuple(g.text if g else "" for g in glyphs))


@dataclass(frozen=True, slots=True)
class _Place:
    paper: Pixels
    edges: tuple[float, ...]
    top: int
    bottom: int
    pitch: float


def _print_cells(place: _Place, random: Random) -> None:
    """Boxes with shared walls, boxes apart, a comb with ticks, one box round all, or a baseline, in place."""
    kind = int(random.choice(6, p=(0.35, 0.2, 0.2, 0.08, 0.09, 0.08)))
    weight = 1 + int(random.random() < 0.35) + int(place.pitch > 45 and random.random() < 0.4)
    shade = int(random.integers(120, 225)) if random.random() < 0.35 else int(random.integers(0, 120))
    if random.random() < 0.1:
        place.paper[place.top : place.bottom] = int(random.integers(215, 250))
    top, bottom, height = place.top, place.bottom, place.bottom - place.top
    tick = {0: top, 1: top, 2: bottom - round(height * random.uniform(0.15, 0.5)), 3: bottom, 4: bottom, 5: bottom}[
        kind
    ]
    gap = round(place.pitch * random.uniform(0.06, 0.14)) if kind == 1 else 0
    dotted = kind == 0 and random.random() < 0.2
    for number, edge in enumerate(place.edges):
        ends = number in (0, len(place.edges) - 1)
        for side in (-gap / 2, gap / 2) if gap else (0.0,):
            column = round(edge + side)
            _wall(place.paper, top if kind == 3 and ends else tick, bottom, column, weight, shade, dotted and not ends)
    for edge, after in zip(place.edges, place.edges[1:], strict=False):
        start, end = max(0, round(edge + gap / 2)), max(0, round(after - gap / 2)) + weight
        if kind != 5:
            _dark(place.paper[bottom - weight : bottom, start:end], shade)
        if kind in (0, 1, 3):
            _dark(place.paper[top : top + weight, start:end], shade)


def _wall(paper: Pixels, top: int, bottom: int, column: int, weight: int, shade: int, dotted: bool) -> None:
    if 0 <= column < paper.shape[1]:
        _dark(paper[top : bottom : 3 if dotted else 1, column : column + weight], shade)


def _dark(part: Pixels, shade: int) -> None:
    np.minimum(part, shade, out=part)


def _print_guide(place: _Place, face: Callable[[int], ImageFont.FreeTypeFont], random: Random) -> None:
    letters = GUIDES[random.integers(len(GUIDES))]
    font = face(max(8, round(place.pitch * random.uniform(0.4, 0.75))))
    picture = Image.fromarray(place.paper)
    shade, baseline = int(random.integers(170, 232)), place.bottom - round((place.bottom - place.top) * 0.22)
    for index, (edge, after) in enumerate(zip(place.edges, place.edges[1:], strict=False)):
        letter = letters[index % len(letters)]
        ImageDraw.Draw(picture).text(((edge + after) / 2, baseline), letter, shade, font, "ms")
    place.paper[:] = np.asarray(picture)


def _write(glyphs: Sequence[Glyph | None], place: _Place, random: Random, loose: float) -> Cover:
    """The ink of all glyphs, with one pen and one size of writing for the whole row."""
    ink = np.zeros(place.paper.shape, dtype=np.float32)
    height = place.bottom - place.top
    unit = min(height, place.pitch * 1.25) * random.uniform(0.5, 0.88)
    pen = float(np.clip(place.pitch * random.uniform(0.035, 0.11), 1.0, 4.5))
    on_baseline, baseline = random.random() < 0.6, place.bottom - height * random.uniform(0.06, 0.2)
    for glyph, edge, after in zip(glyphs, place.edges, place.edges[1:], strict=False):
        if glyph is None:
            continue
        own = unit * float(np.exp(random.normal(0, 0.12)))
        cover = _fitted(glyph.draw(own, pen, random), place.pitch * 1.15, height * 1.1)
        rows, columns = cover.shape
        middle = (edge + after) / 2 + random.normal(0, 0.08 * loose) * place.pitch
        if on_baseline or glyph.text in _HIGH + _LOW + _MIDDLE:
            top = _top(glyph.text, baseline, rows, own)
        else:
            top = (place.top + place.bottom - rows) / 2
        _press(ink, cover, round(top + random.normal(0, 0.05 * loose) * height), round(middle - columns / 2))
    return ink


def _top(text: str, baseline: float, rows: int, unit: float) -> float:
    if text in _HIGH:
        return baseline - unit
    if text in _MIDDLE:
        return baseline - 0.45 * unit - rows / 2
    return baseline - rows * (0.7 if text in _HANGING else 1.0)


def _fitted(cover: Cover, width: float, height: float) -> Cover:
    scale = min(1.0, width / cover.shape[1], height / cover.shape[0])
    if scale == 1.0:
        return cover
    size = max(1, int(cover.shape[1] * scale)), max(1, int(cover.shape[0] * scale))
    return np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _press(ink: Cover, cover: Cover, top: int, left: int) -> None:
    """Adds a character in place, cut at the borders of the sheet."""
    up, start = max(0, top), max(0, left)
    part = cover[up - top : ink.shape[0] - top, start - left : ink.shape[1] - left]
    spot = ink[up : up + part.shape[0], start : start + part.shape[1]]
    np.maximum(spot, part[: spot.shape[0], : spot.shape[1]], out=spot)
