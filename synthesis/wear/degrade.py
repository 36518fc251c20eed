"""Recipes for what happens to paper on its way in: scanned, photocopied, faxed, photographed.

Each takes a sheet and a seed and returns a sheet whose matrix still leads from the points of the printed page to its
pixels, and whose `done` lists every effect with the value that was drawn. Same input, same seed, same pixels.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from synthesis.sheet import Pixels, Sheet
from synthesis.wear import moving, wearing

Recipe = Callable[[Sheet, int], Sheet]


def scan(sheet: Sheet, seed: int, degrees: float | None = None) -> Sheet:
    """A flatbed scan in grey; `degrees` fixes the skew, by default it is drawn (spread 0.4 degrees)."""
    random = np.random.default_rng(seed)
    angle = float(random.normal(0, 0.4)) if degrees is None else degrees
    out = moving.skew(wearing.grey(sheet), angle)
    out = wearing.blur(out, random.uniform(0.35, 0.6))
    out = wearing.contrast(out, random.uniform(12, 30), random.uniform(238, 250))
    return wearing.jpeg(wearing.noise(out, random.uniform(1.0, 2.2), random), int(random.integers(70, 86)))


def photocopy(sheet: Sheet, seed: int, degrees: float | None = None) -> Sheet:
    """A black-and-white copy with dirt, streaks and the dark edge of an open lid."""
    random = np.random.default_rng(seed)
    angle = float(random.normal(0, 0.7)) if degrees is None else degrees
    out = moving.skew(wearing.grey(sheet), angle)
    out = wearing.dark_edges(out, random.uniform(0.008, 0.02), random)
    out = wearing.streaks(out, int(random.integers(1, 4)), random)
    out = wearing.specks(wearing.blur(out, random.uniform(0.6, 0.9)), random.uniform(0.0004, 0.0012), random)
    return wearing.threshold(out, random.uniform(0.66, 0.76), random.uniform(6, 14), random)


def fax(sheet: Sheet, seed: int, degrees: float | None = None) -> Sheet:
    """A fax as the machine at the other end printed and somebody scanned it: coarse, ragged, with dropped lines."""
    random = np.random.default_rng(seed)
    angle = float(random.normal(0, 0.6)) if degrees is None else degrees
    out = moving.resample(moving.skew(wearing.grey(sheet), angle), 150)
    out = wearing.noise(wearing.blur(out, random.uniform(0.5, 0.7)), random.uniform(6, 12), random)
    out = wearing.threshold(out, random.uniform(0.6, 0.7), random.uniform(14, 22), random)
    out = wearing.specks(out, random.uniform(0.0008, 0.002), random)
    out = wearing.streaks(out, int(random.integers(2, 5)), random, across=True)
    return wearing.blur(wearing.contrast(out, 34, 244), 0.4)


def photograph(sheet: Sheet, seed: int, degrees: float | None = None, strength: float = 0.03) -> Sheet:
    """A phone picture in colour: on a desk, in slight perspective, unevenly lit, a little soft."""
    random = np.random.default_rng(seed)
    angle = float(random.normal(0, 1.0)) if degrees is None else degrees
    height, width = sheet.image.shape[:2]
    ground = desk(round(height * 1.06), round(width * 1.1), random)
    out = moving.place_in_perspective(wearing.tint(sheet, 0.95, 0.975, 0.985), ground, strength, random, angle)
    out = wearing.shadow(out, random.uniform(0.15, 0.32), random)
    out = wearing.tint(out, *random.uniform((0.92, 0.97, 0.98), (0.98, 1.0, 1.02)))
    out = wearing.blur(out, random.uniform(0.5, 0.8))
    return wearing.jpeg(wearing.noise(out, random.uniform(2.0, 4.0), random), int(random.integers(66, 80)))


def desk(rows: int, columns: int, random: np.random.Generator) -> Pixels:
    """Wood: grain stretched along the longer side."""
    coarse = random.normal(0, 1, (rows // 60 + 2, columns // 3 + 2)).astype(np.float32)
    fine = random.normal(0, 1, (rows // 12 + 2, columns)).astype(np.float32)
    grain = sum(
        weight * cv2.resize(layer, (columns, rows), interpolation=cv2.INTER_CUBIC)
        for weight, layer in ((9.0, coarse), (5.0, fine))
    )
    wood = np.array([62, 92, 128], dtype=np.float32) * random.uniform(0.8, 1.1)
    return np.asarray(np.clip(wood + np.asarray(grain)[:, :, None], 0, 255), dtype=np.uint8)


RECIPES: dict[str, Recipe] = {"scan": scan, "photocopy": photocopy, "fax": fax, "photograph": photograph}
"""By the word a training recipe would use."""
