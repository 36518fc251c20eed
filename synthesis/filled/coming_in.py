"""How filled paper comes in: scanners, fax, copies of copies, cameras; every recipe keeps the sheet's matrix true."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from synthesis.fonts import RECEIPT_FACE, FontFolder
from synthesis.geometry import Matrix, for_opencv, scaling, transform, translation
from synthesis.ink.signature_print import LineBank
from synthesis.sheet import Pixels, Sheet, levels
from synthesis.wear import moving, wearing
from synthesis.wear.curl import Curl, bend, draw_curl
from synthesis.wear.degrade import desk
from synthesis.wear.spills import SPILLS

Random = np.random.Generator

DRAWN_DPI = 300.0
FAX_DPI = (204.0, 196.0)
PHOTO_DPI = 180.0
_INK = 20.0
"""Grey of ink on paper that was not yet scanned."""
CURLED = 0.4
"""Share of photographs of paper that is not flat."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it came in."""

    sheet: Sheet
    dpi: tuple[float, float]
    bilevel: bool = False
    curl: Curl | None = None
    """What the paper was bent by before; the sheet's matrix does not know."""
    hidden: Pixels | None = None
    """255 where something lies on the paper, of the shape of the blank page."""

    def places(self, points: NDArray[np.float64], size: tuple[float, float]) -> NDArray[np.float64]:
        """N x 2 fractions of the blank page, `size` points large, to fractions of the page that came in."""
        bent = points if self.curl is None else self.curl.forward(points)
        return transform(self.matrix(size), bent)

    def matrix(self, size: tuple[float, float]) -> Matrix:
        """The same where nothing is bent, as 3x3."""
        rows, columns = self.sheet.image.shape[:2]
        return scaling(1 / columns, 1 / rows) @ self.sheet.matrix @ scaling(*size)


def scan300(sheet: Sheet, random: Random, look: float) -> Seen:
    """300 dpi in black and white, grey or colour, skewed by 0.3 to 3 degrees; `look`, 0 to 1, says which of them."""
    source = sheet if look > 0.8 else wearing.grey(sheet)
    out = wearing.blur(_on_glass(source, random, 3.0), random.uniform(0.5, 0.9))
    if look < 0.45:
        out = wearing.noise(out, random.uniform(3, 10), random)
        out = _bilevel(out, random.uniform(0.55, 0.78), random.uniform(3, 9), random)
        return Seen(_specked(out, random.uniform(0, 0.00015), random), (300.0, 300.0), bilevel=True)
    out = wearing.contrast(out, random.uniform(5, 30), random.uniform(240, 254))
    return Seen(_noisy(out, random.uniform(0.8, 2.5), random), (300.0, 300.0))


def scan200(sheet: Sheet, random: Random) -> Seen:
    """200 dpi in grey, with grain, uneven light, streaks of the feeder and JPEG."""
    out = moving.resample(_on_glass(wearing.grey(sheet), random, 3.0), 200)
    out = wearing.blur(out, random.uniform(0.4, 0.8))
    out = wearing.contrast(out, random.uniform(10, 45), random.uniform(225, 250))
    out = _uneven(out, random.uniform(0.02, 0.16), random)
    if random.random() < 0.5:
        out = wearing.streaks(out, int(random.integers(1, 4)), random)
    out = _noisy(out, random.uniform(2, 7), random)
    return Seen(wearing.jpeg(out, int(random.integers(45, 80))), (200.0, 200.0))


def fax(sheet: Sheet, random: Random, fonts: FontFolder) -> Seen:
    """204 x 196 dots an inch, 1 bit, ragged, with broken lines and the sender's line on top."""
    grey = wearing.grey(sheet)
    rows, columns = grey.image.shape[:2]
    size = round(columns * FAX_DPI[0] / sheet.dpi), round(rows * FAX_DPI[1] / sheet.dpi)
    small = np.asarray(cv2.resize(grey.image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    out = grey.after("resampled to 204 x 196 dpi", small, scaling(size[0] / columns, size[1] / rows))
    out = wearing.blur(_on_glass(out, random, 2.0), random.uniform(0.35, 0.65))
    out = wearing.noise(out, random.uniform(5, 12), random)
    out = _bilevel(out, random.uniform(0.6, 0.82), random.uniform(5, 14), random)
    out = _broken_lines(_specked(out, random.uniform(0.00002, 0.0003), random), random)
    return Seen(_sent(out, fonts, random), FAX_DPI, bilevel=True)


def copy(sheet: Sheet, random: Random, look: float) -> Seen:
    """A copy of a copy, two or three generations; by `look`, 0 to 1, black and white at 300 dpi or grey at 200."""
    out = wearing.grey(sheet)
    count = int(random.integers(2, 4))
    for _ in range(count):
        out = _on_glass(out, random, 1.2)
        out = wearing.blur(out, random.uniform(0.7, 1.2))
        out = _gain(wearing.noise(out, random.uniform(3, 9), random), random)
        out = _specked(out, random.uniform(0.00005, 0.0003), random)
    if random.random() < 0.4:
        out = wearing.dark_edges(out, random.uniform(0.006, 0.02), random)
    if look < 0.5:
        out = _bilevel(out, random.uniform(0.5, 0.72), random.uniform(4, 14), random)
        return Seen(out, (300.0, 300.0), bilevel=True)
    out = _noisy(moving.resample(out, 200), random.uniform(1, 4), random)
    return Seen(wearing.jpeg(out, int(random.integers(50, 80))), (200.0, 200.0))


def photo(sheet: Sheet, random: Random) -> Seen:
    """A phone picture in colour on a desk: perspective, shadow, some of it of curled paper."""
    curl = draw_curl(random) if random.random() < CURLED else None
    small = moving.resample(sheet, 200)
    bent = small if curl is None else bend(small, curl)
    height, width = bent.image.shape[:2]
    ground = desk(round(height * random.uniform(1.0, 1.12)), round(width * random.uniform(1.02, 1.18)), random)
    lit = wearing.tint(bent, *random.uniform((0.88, 0.93, 0.95), (0.98, 0.99, 1.0)))
    out = moving.place_in_perspective(lit, ground, random.uniform(0.01, 0.055), random, float(random.normal(0, 2.5)))
    out = wearing.shadow(out, random.uniform(0.15, 0.5), random)
    out = wearing.blur(out, random.uniform(0.4, 0.9))
    out = moving.resample(out, PHOTO_DPI)
    out = wearing.jpeg(_noisy(out, random.uniform(1.5, 5), random), int(random.integers(60, 86)))
    return Seen(out, (PHOTO_DPI, PHOTO_DPI), curl=curl)


def turned(seen: Seen, quarters: int) -> Seen:
    """Turned clockwise by `quarters` times 90 degrees."""
    dpi = seen.dpi[::-1] if quarters % 2 else seen.dpi
    return replace(seen, sheet=moving.quarter_turn(seen.sheet, quarters), dpi=dpi)


def cropped(seen: Seen, random: Random) -> Seen:
    """Margins cut off, up to 8 % at a side."""
    rows, columns = seen.sheet.image.shape[:2]
    off = random.uniform(0, 0.08, 4) * (random.random(4) < 0.8) * (columns, rows, columns, rows)
    left, top, right, bottom = (round(value) for value in off)
    image = np.ascontiguousarray(seen.sheet.image[top : rows - bottom, left : columns - right])
    return replace(seen, sheet=seen.sheet.after("cropped", image, translation(-left, -top)))


def stained(sheet: Sheet, random: Random, bank: LineBank) -> Seen:
    """Something spilled, stamped, stapled or punched; then a colour scan at 200 dpi."""
    paper = replace(sheet, image=sheet.image.copy())
    hidden = np.zeros(paper.image.shape[:2], dtype=np.uint8)
    chosen = random.permutation(len(SPILLS))[: int(random.integers(1, 4))]
    done = [SPILLS[number](paper.image, hidden, sheet.dpi / 72, random, bank) for number in sorted(chosen)]
    out = moving.resample(_on_glass(paper, random, 2.0), 200)
    out = wearing.blur(out, random.uniform(0.4, 0.7))
    out = wearing.contrast(out, random.uniform(5, 25), random.uniform(235, 252))
    out = wearing.jpeg(_noisy(out, random.uniform(1, 4), random), int(random.integers(60, 85)))
    small = cv2.resize(hidden, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return Seen(out.after(", ".join(done), out.image), (200.0, 200.0), hidden=np.asarray(small, dtype=np.uint8))


def _on_glass(sheet: Sheet, random: Random, most: float) -> Sheet:
    """The paper askew on a scanner of its own size, a little larger or smaller, and moved."""
    rows, columns = sheet.image.shape[:2]
    degrees = float(random.choice([-1, 1]) * random.uniform(0.1 * most, most))
    spread = 0.02 if most > 1.5 else 0.008
    x, y = random.uniform(1 - spread, 1 + spread) * (1 + random.normal(0, 0.002, 2))
    turn = np.radians(degrees)
    spin = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    move = random.normal(0, 0.006, 2) * (columns, rows)
    centre = translation(columns / 2 + move[0], rows / 2 + move[1])
    matrix = centre @ spin @ scaling(x, y) @ translation(-columns / 2, -rows / 2)
    image = cv2.warpPerspective(
        sheet.image,
        for_opencv(matrix),
        (columns, rows),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255,) * 3,
    )
    return sheet.after(f"on the glass at {degrees:+.2f} degrees", np.asarray(image, dtype=np.uint8), matrix)


def _noisy(sheet: Sheet, sigma: float, random: Random) -> Sheet:
    """Grain without colour, made once and shifted for a second channel: quicker than a grain for each."""
    grain = random.standard_normal(sheet.image.shape[:2], dtype=np.float32) * np.float32(sigma)
    shown = grain if sheet.image.ndim == 2 else grain[:, :, None]
    return sheet.after(f"noise of {sigma:.1f} levels", levels(sheet.image + shown))


def _uneven(sheet: Sheet, strength: float, random: Random) -> Sheet:
    rows, columns = sheet.image.shape[:2]
    coarse = 1 - random.uniform(0, strength, (3, 4)).astype(np.float32)
    light = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return sheet.after("uneven light", levels(sheet.image * light))


def _specked(sheet: Sheet, share: float, random: Random) -> Sheet:
    image = sheet.image.copy()
    rows, columns = image.shape[:2]
    count = int(share * rows * columns)
    ys, xs = random.integers(0, rows - 1, count), random.integers(0, columns - 1, count)
    tones = np.where(random.random(count) < 0.75, 0, 255).astype(np.uint8)
    for shift_y, shift_x in ((0, 0), (0, 1), (1, 0)):
        image[ys + shift_y, xs + shift_x] = tones
    return sheet.after(f"specks on {share:.3%}", image)


def _gain(sheet: Sheet, random: Random) -> Sheet:
    """What a copier does to tones: greys go to black or white, but not all the way."""
    middle, steep = random.uniform(130, 172), random.uniform(18, 42)
    tones = 255 / (1 + np.exp(-(np.arange(256) - middle) / steep))
    ends = tones[0], tones[-1]
    table = np.clip((tones - ends[0]) / (ends[1] - ends[0]) * 255, 0, 255).astype(np.uint8)
    return sheet.after("copied", np.asarray(cv2.LUT(sheet.image, table), dtype=np.uint8))


def _bilevel(sheet: Sheet, level: float, softness: float, random: Random) -> Sheet:
    """Black and white at a level between black ink (0) and paper (1); `softness` in grey levels makes edges ragged.

    Unlike `wearing.threshold` it does not look for the ink: a page may hold a few words only.
    """
    paper = float(np.percentile(sheet.image[::4, ::4], 75))
    cut = _INK + level * (paper - _INK)
    ragged = sheet.image + random.standard_normal(sheet.image.shape, dtype=np.float32) * np.float32(softness)
    return sheet.after(f"black and white at {level:.2f}", np.where(ragged > cut, 255, 0).astype(np.uint8))


def _broken_lines(sheet: Sheet, random: Random) -> Sheet:
    """Rows that were lost on the way: white, or the row above once more."""
    image = sheet.image.copy()
    rows, columns = image.shape
    for _ in range(int(random.integers(4, 26))):
        row, high = int(random.integers(1, rows - 3)), int(random.integers(1, 3))
        ends = sorted(random.uniform(0, 1, 2) * columns) if random.random() < 0.5 else (0, columns)
        span = slice(int(ends[0]), int(ends[1]))
        image[row : row + high, span] = 255 if random.random() < 0.5 else image[row - 1, span]
    return sheet.after("broken lines", image)


def _sent(sheet: Sheet, fonts: FontFolder, random: Random) -> Sheet:
    """The line that the sender's machine prints on top of each page."""
    image = sheet.image.copy()
    day, hour = random.integers(1, 29), random.integers(7, 19)
    text = (
        f"{random.integers(1, 13):02}/{day:02}/20{random.integers(18, 27)}  {hour:02}:{random.integers(60):02}"
        f"   FAX 555{random.integers(1000, 9999)}      P.{random.integers(1, 9):02}"
    )
    face = fonts.face(RECEIPT_FACE, 24)
    band = Image.new("L", (image.shape[1], 34), 255)
    ImageDraw.Draw(band).text((int(random.integers(40, 400)), 26), text, 0, face, "ls")
    line = np.where(np.asarray(band) > 128, 255, 0).astype(np.uint8)
    image[: line.shape[0]] = np.minimum(image[: line.shape[0]], line)
    return sheet.after("sender's line", image)
