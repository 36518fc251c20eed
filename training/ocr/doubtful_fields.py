"""Crops of fields in which it is hard to see whether anybody wrote: thin, pale, crowded, worn; and as hard blank ones.

A field is drawn with what stands around it on its page, so that labels, frames and the writing of neighbours reach into
the crop as they do on scans.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from synthesis.crops.fields import MOST_COLUMNS, FieldPainter, font_cover, stroke_cover
from synthesis.fonts import TRAINING_HANDS, TRAINING_PRINTS, FontFolder
from synthesis.forms.form_words import FormWords
from synthesis.ink.crop_ink import Cover, bounds, soak
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.sheet import Pixels
from synthesis.wear.crop_wear import tilt, wear
from training.ocr.field_surroundings import Scene, furnish, put_down, spoil

Random = np.random.Generator

LEAST_ROWS, MOST_ROWS = 22, 180
WIDEST = 640
"""Columns of a drawn crop."""
WRITTEN, USUAL = 0.5, 0.2
"""Shares of crops with writing, and of fields as other networks are trained on."""
FAINTEST, OVER_NOISE = 0.11, 1.6
"""Contrast of ink, as a share of the paper's brightness and of the noise's deviation, below which nobody could say."""
LEAST_LEFT = 0.55
"""Share of the ink that wear has to leave: what is gone is not written any more."""
SOURCES = {"word": 0.34, "line": 0.08, "character": 0.2, "characters": 0.06, "hand": 0.12, "print": 0.08, "mark": 0.12}
MOST_DUST = 0.06
"""Share of the crop that wear may make dark where nothing is."""
MOST_DARK = 0.45
"""Of any crop: shades that a copier made black hide what is written."""
SMALLEST = 0.25
"""Longer side of the smallest writing, in heights of the field: below lies what counts as dust."""


@dataclass(frozen=True, slots=True)
class DoubtfulField:
    """A grey crop, and whether somebody wrote there."""

    crop: Pixels
    written: bool
    kind: str
    inked: NDArray[np.bool_] | None = None
    """Of each column, whether there is writing in it; None where only the whole is known."""


class DoubtfulFields:
    """Draws them with the writers of one part."""

    def __init__(self, folder: Path, fonts: FontFolder, part: Part) -> None:
        """Reads the pen strokes of `folder` (the training folder). Raises OSError."""
        ink = folder / "handwriting"
        files = {"word": "words", "line": "text", "character": "chars"}
        self._strokes = {name: PenStrokes(ink / f"unipen_{file}.npz") for name, file in files.items()}
        self._chosen = {name: _legible(strokes, part) for name, strokes in self._strokes.items()}
        self._fonts, self._entries, self._painter = fonts, FormWords(), FieldPainter(fonts)

    def draw(self, random: Random) -> DoubtfulField:
        """One of them; what no person could tell is drawn anew."""
        while True:
            if (found := self._drawn(random)) is not None:
                return found

    def _drawn(self, random: Random) -> DoubtfulField | None:
        if random.random() < USUAL:
            return self._usual(random)
        rows = int(np.exp(random.uniform(np.log(LEAST_ROWS), np.log(MOST_ROWS))))
        columns = int(np.clip(rows * np.exp(random.uniform(np.log(0.7), np.log(11))), 24, WIDEST))
        scene = Scene.blank(rows, columns, random)
        scene.fonts = self._fonts
        furnish(scene, self._fonts, random)
        self._neighbours(scene, random)
        if random.random() >= WRITTEN:
            spoil(scene, random)
            seed = _wear_seed(scene, random)
            if seed is None:
                return None
            return DoubtfulField(_worn(scene, scene.paper, seed), False, "blank", np.zeros(columns, np.bool_))
        source = str(random.choice(list(SOURCES), p=list(SOURCES.values())))
        cover = self._placed(scene, source, random)
        if cover is None:
            return None
        if random.random() < 0.4:
            spoil(scene, random)
        inked = soak(scene.paper, cover, _shade(scene.tone, random), random)
        seed = _wear_seed(scene, random)
        if seed is None:
            return None
        crop, without = (_worn(scene, each, seed) for each in (inked, scene.paper))
        shown = _worn_cover(scene, cover, seed)
        if not can_be_seen(crop, without, shown):
            return None
        where = np.asarray((shown > 0.3 * float(shown.max())).any(axis=0), dtype=np.bool_)
        return DoubtfulField(crop, True, source, where)

    def _usual(self, random: Random) -> DoubtfulField | None:
        if random.random() < 0.45:
            return DoubtfulField(self._painter.blank(random), False, "usual blank")
        if random.random() < 0.3:
            return self._alone(random)
        strokes = self._picked("word", random)
        return DoubtfulField(self._painter.strokes(strokes, random), True, "usual") if strokes else None

    def _alone(self, random: Random) -> DoubtfulField | None:
        """Ink cut out of its page, with a little clean paper around it, as readers of known forms are given."""
        source = str(random.choice(("word", "character", "mark", "hand", "print")))
        high = float(np.exp(random.uniform(np.log(8), np.log(90))))
        cover = self._cover(source, high, _pen(round(high), random), random)
        if cover is None or cover.shape[1] > WIDEST:
            return None
        paper = max(6, round(0.5 * cover.shape[0]))
        clean = np.full((cover.shape[0] + 2 * paper, cover.shape[1] + 2 * paper), 255, dtype=np.uint8)
        placed = cv2.copyMakeBorder(cover, paper, paper, paper, paper, cv2.BORDER_CONSTANT, value=(0,))
        return DoubtfulField(soak(clean, placed, _shade(255, random), random), True, "alone")

    def _picked(self, name: str, random: Random) -> list[NDArray[np.float64]]:
        chosen = self._chosen[name]
        return self._strokes[name].strokes(int(chosen[random.integers(len(chosen))]))

    def _neighbours(self, scene: Scene, random: Random) -> None:
        """Writing of the rows above and below and of the fields beside, of which a little reaches into the crop."""
        for side in ("above", "below", "left", "right"):
            if random.random() < (0.28 if side in ("above", "below") else 0.1):
                cover = self._cover("word", scene.rows * random.uniform(0.5, 1.0), _pen(scene.rows, random), random)
                if cover is not None:
                    put_down(scene, cover, side, random)

    def _placed(self, scene: Scene, source: str, random: Random) -> Cover | None:
        """The writing on the scene, most of it within the crop."""
        rows, columns = scene.rows, scene.columns
        height = rows * random.uniform(0.45 if source == "print" else 0.25 if source == "mark" else 0.32, 0.95)
        cover = self._cover(source, height, _pen(rows, random), random)
        if cover is None or max(cover.shape) < SMALLEST * rows:
            return None
        if cover.shape[1] > 1.1 * columns:
            # The rest of a long line is beyond the field's end.
            start = int(random.integers(0, cover.shape[1] - columns))
            cover = cover[:, start : start + columns]
            if np.count_nonzero(cover > 0.4) < 8:
                return None
        high, wide = cover.shape
        free = max(0.0, rows - high) / 2 + 0.06 * high
        top = round(scene.margin + (rows - high) / 2 + float(np.clip(random.normal(0, 0.16) * rows, -free, free)))
        spare = max(0, columns - wide)
        aside = min(0.04 * rows, spare / 2)
        left = round(scene.margin + random.uniform(aside, spare - aside))
        return scene.on_paper(cover, top, left)

    def _cover(self, source: str, height: float, pen: float, random: Random) -> Cover | None:
        """Ink cut to its bounds, about `height` high where it is one letter or word."""
        if source in ("hand", "print"):
            faces = TRAINING_HANDS if source == "hand" else TRAINING_PRINTS
            face = self._fonts.face(str(random.choice(faces)), max(7, round(height)))
            try:
                cover = font_cover(self._entries.draw(random), face, random)
            except ValueError:
                return None
            if random.random() < 0.5 and height > 30:
                # Thinner than the face draws: what a hard pencil leaves.
                cover = np.minimum(cover, cv2.erode(cover, np.ones((2, 2), np.uint8)) + np.float32(0.25))
            return cover
        strokes = _mark(random) if source == "mark" else self._written(source, random)
        if not strokes:
            return None
        left, top, right, bottom = bounds(strokes)
        tall = max(bottom - top, 0.35 * (right - left) if source in ("mark", "character") else 0.3)
        if tall <= 0.02 or right - left > 40 * tall:
            return None
        unit = height / tall
        cover = stroke_cover(strokes, min(unit, MOST_COLUMNS / max(right - left, 0.1)), pen, random)
        if source != "mark" and random.random() < 0.15:
            cover = cover * _gaps(cover.shape, random)
        return np.asarray(cover, dtype=np.float32)

    def _written(self, source: str, random: Random) -> list[NDArray[np.float64]]:
        if source != "characters":
            return self._picked(source, random)
        strokes: list[NDArray[np.float64]] = []
        right = 0.0
        for _ in range(int(random.integers(2, 8))):
            sign = self._picked("character", random)
            if sign:
                left, _, end, _ = bounds(sign)
                strokes += [stroke + np.array([right - left, 0.0]) for stroke in sign]
                right += end - left + random.uniform(0.1, 0.6)
        return strokes


def _legible(strokes: PenStrokes, part: Part) -> NDArray[np.int64]:
    """Segments with a letter or figure: of a comma or a quotation mark nobody could say whose it is."""
    return np.array([index for index in strokes.of(part) if any(sign.isalnum() for sign in strokes.texts[index])])


def can_be_seen(crop: Pixels, without: Pixels, cover: Cover) -> bool:
    """Whether enough of the ink stands out from the paper around it: `without` is the same crop before it was written.

    `cover` is where the ink lies in the crop.
    """
    core = cover > min(0.5, 0.7 * float(cover.max(initial=0)))
    if np.count_nonzero(core) < 6:
        return False
    ring = (cv2.dilate(cover, np.ones((9, 9), np.uint8)) > 0.1) & (cover < 0.02)
    if np.count_nonzero(ring) < 6:
        return False
    paper = float(np.median(crop[ring]))
    noise = float(np.median(np.abs(crop[ring] - paper))) * 1.48
    darker = (paper - crop[core].astype(np.float32)) / max(paper, 48)
    contrast = float(np.percentile(darker, 60))
    gained = float(np.mean(without[core].astype(np.float32) - crop[core] > 0.05 * max(paper, 48)))
    return contrast >= max(FAINTEST, OVER_NOISE * noise / max(paper, 48)) and gained >= LEAST_LEFT


def _shade(tone: float, random: Random) -> float:
    """Grey of the pen: from black to a hard pencil's."""
    return float(
        tone * (1 - random.choice((random.uniform(0.15, 0.4), random.uniform(0.3, 0.7), random.uniform(0.6, 1))))
    )


def _pen(rows: int, random: Random) -> float:
    thin = random.random() < 0.7
    return float(random.uniform(1.0, 2.2) if thin else np.clip(rows * random.uniform(0.02, 0.08), 1.0, 8.0))


def _gaps(shape: tuple[int, ...], random: Random) -> NDArray[np.float32]:
    """What a pen that skips leaves: noise of some pixels' size."""
    size = float(random.uniform(2, 6))
    small = random.random((max(2, round(shape[0] / size)), max(2, round(shape[1] / size)))).astype(np.float32)
    large = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip((large - random.uniform(0.15, 0.35)) * 6, 0, 1), dtype=np.float32)


def _mark(random: Random) -> list[NDArray[np.float64]]:
    """A dash, a tick, a cross, a slash, a loop: all that stands where somebody has nothing else to say."""
    kind = int(random.integers(6))
    lean = random.normal(0, 0.08)
    if kind == 0:
        return [_wavy(np.array([(0.0, 0.0), (1.0, lean)]), random)]
    if kind == 1:
        return [_wavy(np.array([(0.0, 0.5), (0.3, 1.0), (0.9 + lean, 0.0)]), random)]
    if kind == 2:
        return [_wavy(np.array(ends), random) for ends in ([(0.0, 0.0), (0.9, 1.0)], [(0.9 + lean, 0.05), (0.0, 1.0)])]
    if kind == 3:
        return [_wavy(np.array([(0.0, 1.0), (random.uniform(0.2, 1.2), 0.0)]), random)]
    if kind == 4:
        turns = np.linspace(0, random.uniform(5, 14), 40)
        return [np.column_stack([0.5 * np.cos(turns) + turns * random.uniform(0, 0.25), 0.5 * np.sin(turns)])]
    return [_wavy(np.array([(0.0, 0.0), (random.uniform(2, 6), random.normal(0, 0.5))]), random)]


def _wavy(points: NDArray[np.float64], random: Random) -> NDArray[np.float64]:
    """Through `points`, not quite straight."""
    along = np.linspace(0, len(points) - 1, 14)
    path = np.column_stack([np.interp(along, np.arange(len(points)), points[:, axis]) for axis in (0, 1)])
    size = float(np.ptp(points, axis=0).max())
    bend = np.cumsum(random.normal(0, 0.012 * size, path.shape), axis=0)
    return np.asarray(path + bend)


def _wear_seed(scene: Scene, random: Random) -> int | None:
    """A seed with which wear makes no black dust of plain paper: such a scanner would be adjusted. None: hardly any."""
    for _ in range(12):
        seed = int(random.integers(2**32))
        worn = _dark(_worn(scene, scene.paper, seed))
        if worn <= min(MOST_DUST + 2 * _dark(scene.cut(scene.paper)), MOST_DARK):
            return seed
    return None


def _dark(crop: Pixels) -> float:
    return float((crop < int(np.percentile(crop, 90)) - 60).mean())


def _worn(scene: Scene, picture: Pixels, seed: int) -> Pixels:
    """As it is cut out of a straightened scan."""
    random = np.random.default_rng(seed)
    return scene.cut(wear(tilt(picture, random, degrees=0.9), random))


def _worn_cover(scene: Scene, cover: Cover, seed: int) -> Cover:
    """Where the ink lies after the same tilt."""
    moved = tilt(np.asarray(255 - 255 * cover, dtype=np.uint8), np.random.default_rng(seed), degrees=0.9)
    return np.asarray((255 - scene.cut(moved).astype(np.float32)) / 255, dtype=np.float32)
