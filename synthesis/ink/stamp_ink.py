"""Rubber stamps: rings and boxes with text, tilted, unevenly inked."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.ink.crop_ink import Cover
from synthesis.ink.signature_print import LineBank, stamp_on
from synthesis.sheet import Pixels


def stamp_cover(random: np.random.Generator, bank: LineBank, height: float) -> Cover:
    """A stamp about `height` pixels high as ink, 0 to 1."""
    side = 160
    wide = side if random.random() < 0.55 else round(side * random.uniform(1.3, 2.6))
    sheet = np.full((side, wide), 255, np.uint8)
    if wide == side:
        _ring(sheet, random, bank)
    else:
        _box(sheet, random, bank)
    middle = (wide / 2, side / 2)
    turn = cv2.getRotationMatrix2D(middle, random.normal(0, 12), 0.82)
    sheet = np.asarray(cv2.warpAffine(sheet, turn, (wide, side), borderValue=255), dtype=np.uint8)
    patches = cv2.resize(random.uniform(0.25, 1.3, (6, 8)).astype(np.float32), (wide, side))
    cover = np.clip((255 - sheet).astype(np.float32) / 255 * patches, 0, 1)
    scale = max(20.0, height) / side
    size = max(16, round(wide * scale)), max(16, round(side * scale))
    return np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _ring(sheet: Pixels, random: np.random.Generator, bank: LineBank) -> None:
    side, thick = sheet.shape[0], int(random.integers(2, 6))
    outer, inner = side // 2 - 4, int(side * random.uniform(0.26, 0.36))
    axes = (outer, int(outer * (random.uniform(0.65, 0.95) if random.random() < 0.25 else 1)))
    cv2.ellipse(sheet, (side // 2, side // 2), axes, 0, 0, 360, 0, thick, cv2.LINE_AA)
    if random.random() < 0.75:
        cv2.ellipse(sheet, (side // 2, side // 2), (inner, inner * axes[1] // outer), 0, 0, 360, 0, 2, cv2.LINE_AA)
    x = 0
    turned = np.full((side, 512), 255, np.uint8)
    while x < 470:
        ink = bank.draw(random, (outer - inner) * 1.0)
        stamp_on(turned, ink, x, side - outer + 2, 0)
        x += ink.shape[1] + 12
    band = np.ascontiguousarray(np.rot90(turned, -1))
    flags = cv2.WARP_POLAR_LINEAR | cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    text = cv2.warpPolar(255 - band, (side, side), (side / 2, side / 2), side, flags)
    np.minimum(sheet, 255 - text, out=sheet)
    for row in range(int(random.integers(0, 3))):
        ink = bank.draw(random, inner * 0.55)[:, : 2 * inner - 8]
        stamp_on(sheet, ink, (side - ink.shape[1]) // 2, side // 2 + 20 * (row - 1), 0)


def _box(sheet: Pixels, random: np.random.Generator, bank: LineBank) -> None:
    high, wide = sheet.shape
    if random.random() < 0.8:
        cv2.rectangle(sheet, (5, 5), (wide - 6, high - 6), 0, int(random.integers(2, 7)))
    rows = int(random.integers(1, 4))
    for row in range(rows):
        ink = bank.draw(random, 0.8 * high / rows)
        stamp_on(sheet, ink[:, : wide - 30], 15, round(0.1 * high + row * 0.8 * high / rows), 0)
