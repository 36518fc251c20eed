"""One picture that shows what each recipe makes of the same form."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from synthesis.fonts import PRINT_FACE, FontFolder
from synthesis.sheet import Pixels, Sheet
from synthesis.wear.degrade import RECIPES

_CAPTION = 34
_GAP = 14


def picture_sheet(filled: Sheet, fonts: FontFolder, seed: int = 3, height: int = 620) -> Image.Image:
    """The filled form and, beside it, the form after each recipe; below each a part at full size."""
    sheets = {"filled by hand": filled} | {name: recipe(filled, seed) for name, recipe in RECIPES.items()}
    tiles = [_tile(name, sheet, fonts, height) for name, sheet in sheets.items()]
    width = sum(tile.width for tile in tiles) + _GAP * (len(tiles) + 1)
    canvas = Image.new("RGB", (width, tiles[0].height + 2 * _GAP), "white")
    left = _GAP
    for tile in tiles:
        canvas.paste(tile, (left, _GAP))
        left += tile.width + _GAP
    return canvas


def _tile(name: str, sheet: Sheet, fonts: FontFolder, height: int) -> Image.Image:
    image = sheet.image if sheet.image.ndim == 3 else cv2.cvtColor(sheet.image, cv2.COLOR_GRAY2BGR)
    rows, columns = image.shape[:2]
    width = round(height / 1.38)
    small = _fitted(np.asarray(image, dtype=np.uint8), width, height)
    # The part around the second section, whatever the effect did to the page.
    x, y = (sheet.matrix @ np.array([40.0, 262.0, 1.0]))[:2] / (sheet.matrix @ np.array([40.0, 262.0, 1.0]))[2]
    left, top = int(np.clip(x, 0, columns - width)), int(np.clip(y, 0, rows - width // 2))
    part = image[top : top + width // 2, left : left + width]
    tile = Image.new("RGB", (width, _CAPTION + height + _GAP // 2 + width // 2), "white")
    ImageDraw.Draw(tile).text((0, 24), name, "black", fonts.face(PRINT_FACE, 22, 600), "ls")
    tile.paste(Image.fromarray(small[:, :, ::-1]), (0, _CAPTION))
    tile.paste(Image.fromarray(np.ascontiguousarray(part[:, :, ::-1])), (0, _CAPTION + height + _GAP // 2))
    ImageDraw.Draw(tile).rectangle((0, _CAPTION, width - 1, _CAPTION + height - 1), outline=(150, 156, 164))
    return tile


def _fitted(image: Pixels, width: int, height: int) -> Pixels:
    scale = min(width / image.shape[1], height / image.shape[0])
    size = round(image.shape[1] * scale), round(image.shape[0] * scale)
    canvas = np.full((height, width, 3), 255, dtype=np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return canvas
