"""One picture that shows what each defect makes of the same page, from weak to strong.

`python -m synthesis.defect_sheet PAGE.png SHEET.png`
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthesis.sheet import Pixels, Sheet, new_sheet
from synthesis.wear.defects import DEFECTS

_STRENGTHS = (0.25, 0.5, 0.75, 1.0)
_CAPTION = 26
_GAP = 12


def defect_sheet(page: Sheet, seed: int = 5, side: int = 300) -> Image.Image:
    """A row for each defect, a column for each strength: the page in small, and below it a part as it is."""
    rows = []
    for defect, make in DEFECTS.items():
        for strength in _STRENGTHS:
            random = np.random.default_rng([seed, zlib.crc32(defect.encode())])
            sheet = make(page, strength, random)
            rows.append(_tile(f"{defect.value} {strength:g}: {sheet.done[-1]}", sheet.image, side))
    columns = len(_STRENGTHS)
    width, height = rows[0].size
    size = columns * (width + _GAP) + _GAP, len(DEFECTS) * (height + _GAP) + _GAP
    canvas = Image.new("RGB", size, (120, 120, 120))
    for index, tile in enumerate(rows):
        across, down = index % columns, index // columns
        canvas.paste(tile, (_GAP + across * (width + _GAP), _GAP + down * (height + _GAP)))
    return canvas


def _tile(title: str, image: Pixels, side: int) -> Image.Image:
    colour = image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    rows, columns = colour.shape[:2]
    scale = min(side / columns, side / rows)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    small = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
    top, left = max(0, rows // 3), max(0, columns // 3)
    part = colour[top : top + side // 2, left : left + side]
    tile = Image.new("RGB", (side, _CAPTION + side + side // 2), "white")
    ImageDraw.Draw(tile).text((4, 6), title, "black", ImageFont.load_default(12))
    tile.paste(_picture(small), ((side - size[0]) // 2, _CAPTION))
    tile.paste(_picture(part), (0, _CAPTION + side))
    return tile


def _picture(image: Pixels | np.ndarray) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(image[:, :, ::-1]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws the sheet of the page in a picture file; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synthesis.defect_sheet", description=__doc__)
    parser.add_argument("page", type=Path, help="picture of a page")
    parser.add_argument("sheet", type=Path, help="PNG to write")
    options = parser.parse_args(arguments)
    image = cv2.imread(str(options.page), cv2.IMREAD_COLOR)
    if image is None:
        sys.stderr.write(f"{options.page} is no picture that can be read\n")
        return 2
    defect_sheet(new_sheet(np.asarray(image, dtype=np.uint8), 100)).save(options.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
