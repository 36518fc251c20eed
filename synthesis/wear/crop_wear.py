"""What scanning, copying and faxing do to a small grey picture, drawn anew for each sample while training.

The recipes of `synthesis.wear.degrade` do this to whole pages with every effect on record; here a crop takes about a
millisecond and nothing is recorded.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from synthesis.sheet import Pixels, levels

Random = np.random.Generator
Levels = NDArray[np.float32]


def wear(crop: Pixels, random: Random) -> Pixels:
    """A grey crop of the same shape after one of: clean scan, grey scan, photocopy, fax, photograph."""
    kind = int(random.choice(5, p=(0.2, 0.3, 0.25, 0.1, 0.15)))
    return (_clean, _grey, _photocopy, _fax, _photograph)[kind](crop.astype(np.float32), random)


def tilt(crop: Pixels, random: Random, degrees: float = 1.5, stretch: float = 0.04) -> Pixels:
    """Turned, sheared and scaled a little, as what a straightened page still is; new places take the border's grey."""
    rows, columns = crop.shape
    angle, shear = np.radians(random.normal(0, degrees / 2)), random.normal(0, stretch / 2)
    linear = np.array([[np.cos(angle), np.sin(angle) + shear], [-np.sin(angle), np.cos(angle)]])
    linear *= random.uniform(1 - stretch, 1 + stretch, (2, 2)) ** np.eye(2)
    middle = np.array([columns / 2, rows / 2])
    matrix = np.column_stack([linear, middle - linear @ middle])
    moved = cv2.warpAffine(crop, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def _clean(crop: Levels, random: Random) -> Pixels:
    return levels(_noisy(_soft(crop, random, 0.0, 0.5), random, 3))


def _grey(crop: Levels, random: Random) -> Pixels:
    toned = _toned(_coarse(_soft(crop, random, 0.3, 1.0), random, 0.55), random, 60, 190)
    return _packed(levels(_noisy(toned, random, 8)), random)


def _photocopy(crop: Levels, random: Random) -> Pixels:
    soft = _coarse(_soft(crop, random, 0.4, 1.0), random, 0.6)
    bilevel = _bilevel(_noisy(soft, random, 14), random)
    return _specked(bilevel, random, 0.003)


def _fax(crop: Levels, random: Random) -> Pixels:
    rows, columns = crop.shape
    size = max(4, round(columns * random.uniform(0.5, 0.75))), max(4, round(rows * random.uniform(0.4, 0.7)))
    small = cv2.resize(_soft(crop, random, 0.3, 0.7), size, interpolation=cv2.INTER_AREA)
    bilevel = _bilevel(_noisy(small, random, 16), random)
    large = cv2.resize(bilevel, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return _specked(np.asarray(large, dtype=np.uint8), random, 0.004)


def _photograph(crop: Levels, random: Random) -> Pixels:
    rows, columns = crop.shape
    ends = random.uniform(0.6, 1.0, 2)
    across = np.linspace(ends[0], ends[1], columns if random.random() < 0.5 else rows, dtype=np.float32)
    lit = crop * (across[None, :] if len(across) == columns else across[:, None])
    return _packed(levels(_noisy(_soft(lit, random, 0.4, 1.2), random, 8)), random)


def _soft(crop: Levels, random: Random, least: float, most: float) -> Levels:
    sigma = random.uniform(least, most)
    if sigma < 0.25:
        return crop
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), dtype=np.float32)


def _coarse(crop: Levels, random: Random, least: float) -> Levels:
    """Through a lower resolution and back, in half of all cases."""
    if random.random() < 0.5:
        return crop
    rows, columns = crop.shape
    part = random.uniform(least, 1.0)
    small = cv2.resize(crop, (max(4, round(columns * part)), max(4, round(rows * part))), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _toned(crop: Levels, random: Random, blackest: float, darkest: float) -> Levels:
    black, white = random.uniform(0, blackest), random.uniform(darkest, 255)
    return np.asarray(black + crop * ((white - black) / 255), dtype=np.float32)


def _noisy(crop: Levels, random: Random, most: float) -> Levels:
    return crop + random.standard_normal(crop.shape, dtype=np.float32) * np.float32(random.uniform(0, most))


def _bilevel(crop: Levels, random: Random) -> Pixels:
    # Relative to this crop's own ink and paper: a fixed level would blank out pale ink.
    ink, paper = np.percentile(crop, (1, 80))
    cut = ink + random.uniform(0.45, 0.8) * max(float(paper - ink), 40.0)
    return np.where(crop > min(cut, float(paper) - 8), 255, 0).astype(np.uint8)


def _specked(crop: Pixels, random: Random, share: float) -> Pixels:
    count = int(random.poisson(share * random.random() * crop.size))
    out = crop.copy()
    places = random.integers(0, crop.size, count)
    out.reshape(-1)[places] = np.where(random.random(count) < 0.7, 0, 255)
    return out


def _packed(crop: Pixels, random: Random) -> Pixels:
    if random.random() < 0.4:
        return crop
    _, packed = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(35, 90))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
