"""The wrong answers of one kind on one sheet: each cut out of its page, with truth, answer and confidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from evaluation.folder import Case
from evaluation.pages import page_of
from evaluation.sample import Answer, Sample
from schemas.prediction import Quad, bounds

MOST = 60
_COLUMNS = 5
_TILE = (300, 190)
_PICTURE = (288, 118)
_HEAD = 34
_LARGEST_SCALE = 6.0
_MARGIN = 0.35
"""Of the item's shorter side, shown around it."""
_OUTLINE = (220, 40, 40)
_LETTERS = 44
"""Of a line of text that fit on a tile."""


def contact_sheet(samples: Sequence[Sample], question: str) -> Image.Image | None:
    """Up to 60 wrong answers to `question` that have a place, the surest first; None when there are none."""
    wrong = [
        (sample.case, answer, answer.quad)
        for sample in samples
        for answer in sample.answers
        if answer.question == question and not answer.right and answer.quad is not None
    ]
    if not wrong:
        return None
    wrong.sort(key=lambda item: -item[1].confidence)
    shown = wrong[:MOST]
    columns = min(_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    sheet = Image.new("RGB", (max(columns, 2) * _TILE[0], rows * _TILE[1] + _HEAD), "white")
    title = f"{question}: {len(wrong)} wrong answers, the {len(shown)} surest"
    ImageDraw.Draw(sheet).text((8, 8), title, fill="black", font=ImageFont.load_default(18))
    for place, tile in _tiles(shown):
        sheet.paste(tile, (place % columns * _TILE[0], place // columns * _TILE[1] + _HEAD))
    return sheet


def _tiles(shown: Sequence[tuple[Case, Answer, Quad]]) -> Iterator[tuple[int, Image.Image]]:
    """Each with its place on the sheet; page by page, so that each page is opened once."""
    by_page: dict[str, list[int]] = {}
    for place, (case, _, _) in enumerate(shown):
        by_page.setdefault(case.name, []).append(place)
    for places in by_page.values():
        pixels = page_of(shown[places[0]][0]).source.pixels
        for place in places:
            case, answer, quad = shown[place]
            yield place, _tile(pixels, case, answer, quad)


def _tile(pixels: npt.NDArray[np.uint8], case: Case, answer: Answer, quad: Quad) -> Image.Image:
    tile = Image.new("RGB", _TILE, "white")
    pen = ImageDraw.Draw(tile)
    pen.rectangle((0, 0, _TILE[0] - 1, _TILE[1] - 1), outline=(190, 190, 190))
    tile.paste(_cut(pixels, quad), (6, 6))
    font = ImageFont.load_default(13)
    lines = (f"true: {answer.true}", f"said: {answer.said}", f"{answer.confidence:.3f}  {case.path.stem}")
    for row, text in enumerate(lines):
        pen.text((6, _PICTURE[1] + 10 + 19 * row), text[:_LETTERS], fill="black", font=font)
    return tile


def _cut(pixels: npt.NDArray[np.uint8], quad: Quad) -> Image.Image:
    left, top, right, bottom = bounds(quad)
    margin = _MARGIN * max(1.0, min(right - left, bottom - top))
    x, y = max(0, int(left - margin)), max(0, int(top - margin))
    part = pixels[y : max(y + 1, int(bottom + margin)), x : max(x + 1, int(right + margin))]
    if part.size == 0:
        return Image.new("RGB", _PICTURE, (230, 230, 230))
    scale = min(_PICTURE[0] / part.shape[1], _PICTURE[1] / part.shape[0], _LARGEST_SCALE)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    shown = cv2.resize(part, size, interpolation=method)
    picture = Image.fromarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB if shown.ndim == 2 else cv2.COLOR_BGR2RGB))
    corners = [((quad[i] - x) * scale, (quad[i + 1] - y) * scale) for i in range(0, 8, 2)]
    ImageDraw.Draw(picture).polygon(corners, outline=_OUTLINE)
    return picture
