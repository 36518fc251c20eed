"""Defects that make a page hard or impossible to read, each with a strength, on any page.

Sizes follow the page's shorter side, since the height of its letters is not known here. Same sheet, strength and
generator state, same pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.prediction import Defect
from synthesis.geometry import translation
from synthesis.sheet import Sheet, levels
from synthesis.wear import moving, wearing

Random = np.random.Generator
MakeDefect = Callable[[Sheet, float, Random], Sheet]
"""Takes a sheet, a strength from 0 (hardly seen) to 1 (ruined) and a generator."""


def blur(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """Out of focus, or (one page in three) shaken in one direction; at full strength by a 130th of the short side."""
    radius = max(0.3, strength * min(sheet.image.shape[:2]) / 130)
    if random.uniform() < 2 / 3:
        return wearing.blur(sheet, radius)
    image = cv2.filter2D(sheet.image, -1, _streak(3.2 * radius, random.uniform(0, math.pi)))
    return sheet.after(f"shaken by {3.2 * radius:.1f} px", np.asarray(image, dtype=np.uint8))


def low_contrast(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """Faint ink: black and white come to lie as close as 6 levels, somewhere in the lighter half."""
    span = 255 * (6 / 255) ** strength
    white = min(255.0, random.uniform(max(span, 150), 256))
    return wearing.contrast(sheet, white - span, white)


def too_dark(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """Under-exposed, down to a 40th of the light, with the grain that weak light leaves."""
    light = 40.0**-strength
    return wearing.noise(wearing.contrast(sheet, 0, 255 * light), random.uniform(0.5, 1.5), random)


def glare(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """One or two spots of light that wash out what is under them; at full strength nearly the whole page."""
    rows, columns = sheet.image.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    light = np.zeros((rows, columns), dtype=np.float32)
    for _ in range(int(random.integers(1, 3))):
        reach = (0.12 + 0.5 * strength) * random.uniform(0.85, 1.15, 2) * (rows, columns)
        centre = random.uniform(0.25, 0.75, 2) * (rows, columns)
        away = ((y - centre[0]) / reach[0]) ** 2 + ((x - centre[1]) / reach[1]) ** 2
        # Flat in the middle and soft at the rim, as a lamp's picture on glossy paper.
        light = np.maximum(light, 320 / (1 + away**3))
    spread = light if sheet.image.ndim == 2 else light[:, :, None]
    return sheet.after(f"glare on {float((light > 200).mean()):.0%}", levels(sheet.image + spread))


def cut_off(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """One side of the page is missing: up to two thirds of it."""
    rows, columns = sheet.image.shape[:2]
    side = int(random.integers(4))
    along = columns if side % 2 else rows
    lost = min(along - 1, round((0.05 + 0.6 * strength) * along))
    top, left = (lost, 0) if side == 0 else (0, lost if side == 3 else 0)
    bottom, right = (rows - lost if side == 2 else rows), (columns - lost if side == 1 else columns)
    image = np.ascontiguousarray(sheet.image[top:bottom, left:right])
    name = ("top", "right", "bottom", "left")[side]
    return sheet.after(f"{lost / along:.0%} cut off at the {name}", image, translation(-left, -top))


def noise(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """Grain of up to 110 levels, or (every other page) up to 35 % of the pixels black or white."""
    if random.uniform() < 0.5:
        return wearing.noise(sheet, 110 * strength, random)
    image = sheet.image.copy()
    drawn = random.uniform(size=image.shape[:2])
    share = 0.35 * strength
    image[drawn < share / 2] = 0
    image[drawn > 1 - share / 2] = 255
    return sheet.after(f"black and white specks on {share:.1%}", image)


def low_resolution(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """Fewer pixels: down to an eighth of them a side."""
    return moving.resample(sheet, sheet.dpi * 8.0 ** -(strength * random.uniform(0.9, 1.0)))


def blank(sheet: Sheet, strength: float, random: Random) -> Sheet:
    """The empty back of the page: its paper, and of the ink at most a shimmer that weakens with `strength`."""
    paper = float(np.percentile(wearing.grey(sheet).image, 90))
    faded = wearing.contrast(sheet, paper - 5 * (1 - strength), paper)
    return wearing.noise(faded, random.uniform(0.5, 2.0), random)


DEFECTS: Mapping[Defect, MakeDefect] = {
    Defect.BLUR: blur,
    Defect.LOW_CONTRAST: low_contrast,
    Defect.TOO_DARK: too_dark,
    Defect.GLARE: glare,
    Defect.CUT_OFF: cut_off,
    Defect.NOISE: noise,
    Defect.LOW_RESOLUTION: low_resolution,
    Defect.BLANK: blank,
}
"""How to put each defect on a page."""


def _streak(length: float, angle: float) -> NDArray[np.float32]:
    """A kernel that smears along a line of that length in pixels."""
    reach = math.ceil(length / 2) + 1
    size = 2 * reach + 1
    kernel = np.zeros((size * 8, size * 8), dtype=np.uint8)
    step = np.array([math.cos(angle), math.sin(angle)]) * length / 2 * 8
    middle = np.array([size * 4, size * 4])
    start, end = np.rint(middle - step).astype(int), np.rint(middle + step).astype(int)
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 255, 8)
    small = cv2.resize(kernel.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(small / small.sum(), dtype=np.float32)
