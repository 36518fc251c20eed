"""Pictures of an evaluation: the worst pages, the wrong items, and how far confidences can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from evaluation.contact_sheet import contact_sheet
from evaluation.pages import page_of
from evaluation.reliability_diagram import reliability_diagram
from evaluation.result import Evaluation
from evaluation.sample import Role, Sample

WORST = 12
LONG_SIDE = 1600
_THUMBNAIL = 480
_COLUMNS = 4
_TITLE_HEIGHT = 40
_COLOURS = {Role.RIGHT: (20, 150, 60), Role.MISSED: (40, 90, 220), Role.WRONG: (220, 40, 40)}


def plots(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write pictures of what went wrong to `folder` as PNG; the written paths.

    `error-sheet.png` with the worst pages small, and each of them large: green is right, blue is true but missed, red
    is found but wrong. `wrong-QUESTION.png`: the wrong answers that have a place, cut out, surest first.
    `reliability-QUESTION.png`: confidence against share right. Nothing is written of which there is nothing.
    Pages hold document text: the folder is as confidential as the data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = _worst_pages(evaluation, folder)
    for question, found in evaluation.reliability.items():
        sheet = contact_sheet(evaluation.samples, question)
        if sheet is not None:
            paths.append(_saved(sheet, folder / f"wrong-{question}.png"))
        paths.append(_saved(reliability_diagram(question, found), folder / f"reliability-{question}.png"))
    return paths


def _worst_pages(evaluation: Evaluation, folder: Path) -> list[Path]:
    worst = _worst(evaluation.samples)
    if not worst:
        return []
    paths, pictures = [], []
    for rank, sample in enumerate(worst, start=1):
        picture = _picture(sample)
        paths.append(_saved(picture, folder / f"worst-{rank:02d}-{sample.case.path.stem}.png"))
        pictures.append(picture)
    return [_saved(_sheet(pictures), folder / "error-sheet.png"), *paths]


def _saved(picture: Image.Image, path: Path) -> Path:
    picture.save(path)
    return path


def _worst(samples: Sequence[Sample]) -> list[Sample]:
    """The worst sample of each of the worst pages."""
    chosen: dict[str, Sample] = {}
    for sample in sorted(samples, key=lambda sample: sample.badness, reverse=True):
        if sample.badness > 0:
            chosen.setdefault(sample.case.name, sample)
    return list(chosen.values())[:WORST]


def _picture(sample: Sample) -> Image.Image:
    try:
        pixels = page_of(sample.case).source.pixels
    except Exception:
        # A page that cannot be opened is among the worst and still belongs on the sheet.
        pixels = np.full((400, 400), 220, np.uint8)
    scale = LONG_SIDE / max(pixels.shape[:2])
    page = _pale(pixels, scale)
    picture = Image.new("RGB", (page.width, page.height + _TITLE_HEIGHT), "white")
    picture.paste(page, (0, _TITLE_HEIGHT))
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(16)
    pen.text((8, 10), f"{sample.case.subset} {sample.case.path.name}: {sample.remark}", fill="black", font=font)
    small = ImageFont.load_default(12)
    for mark in sample.marks:
        points = [(mark.quad[i] * scale, mark.quad[i + 1] * scale + _TITLE_HEIGHT) for i in range(0, 8, 2)]
        pen.polygon(points, outline=_COLOURS[mark.role], width=2)
        if mark.text:
            pen.text((points[0][0], points[0][1] - 14), mark.text, fill=_COLOURS[mark.role], font=small)
    return picture


def _pale(pixels: npt.NDArray[np.uint8], scale: float) -> Image.Image:
    """The page at `scale`, paler, so that the marks stand out from the print."""
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=method)
    shown = cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB if shown.ndim == 2 else cv2.COLOR_BGR2RGB)
    return Image.fromarray((255 - (255 - shown.astype(np.float32)) * 0.6).astype(np.uint8))


def _sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    rows = -(-len(pictures) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _THUMBNAIL, rows * _THUMBNAIL), "white")
    for index, picture in enumerate(pictures):
        small = picture.copy()
        small.thumbnail((_THUMBNAIL - 8, _THUMBNAIL - 8))
        sheet.paste(small, (index % _COLUMNS * _THUMBNAIL, index // _COLUMNS * _THUMBNAIL))
    return sheet
