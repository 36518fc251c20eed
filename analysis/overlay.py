"""Pictures in which a person sees at once what was found on a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from schemas.prediction import CheckboxState, Prediction, Quad
from schemas.result import OutcomeState, PageResult

if TYPE_CHECKING:
    import numpy.typing as npt

Colour = tuple[int, int, int]
TEXT, MARKED, UNMARKED, UNREADABLE, SIGNATURE, LABEL = (
    (38, 110, 220),
    (20, 150, 60),
    (120, 120, 120),
    (220, 40, 40),
    (160, 40, 180),
    (200, 120, 0),
)
_LONG_SIDE = 1600
_LEGEND_ROWS = (
    ("text", TEXT),
    ("box, marked", MARKED),
    ("box, empty", UNMARKED),
    ("unreadable", UNREADABLE),
    ("signature", SIGNATURE),
)


def draw(pixels: npt.NDArray[np.uint8], page: PageResult, target: Path) -> None:
    """Write the source page with its findings and a legend to `target`, as PNG or JPEG by its suffix."""
    scale = min(1.0, _LONG_SIDE / max(pixels.shape[:2]))
    shown = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    shown = cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB if shown.ndim == 2 else cv2.COLOR_BGR2RGB)
    # Paler, so that the findings stand out from the print.
    picture = Image.fromarray((255 - (255 - shown.astype(np.float32)) * 0.6).astype(np.uint8))
    pen = _Pen(picture)
    for outcome in page.outcomes:
        if outcome.state is OutcomeState.FOUND:
            _draw_prediction(pen, outcome.prediction)
    _with_caption(picture, page).save(target)


class _Pen:
    """Draws quads given as fractions of the picture."""

    def __init__(self, picture: Image.Image) -> None:
        self._width, self._height = picture.size
        self._draw = ImageDraw.Draw(picture, "RGBA")
        self.font = ImageFont.load_default(max(10, round(max(picture.size) / 110)))

    def quad(self, quad: Quad, colour: Colour, width: int = 2, fill: int = 0) -> list[tuple[float, float]]:
        points = [(quad[i] * self._width, quad[i + 1] * self._height) for i in range(0, 8, 2)]
        self._draw.polygon(points, fill=(*colour, fill) if fill else None)
        self._draw.line([*points, points[0]], fill=(*colour, 255), width=width, joint="curve")
        return points

    def text(self, at: tuple[float, float], text: str, colour: Colour) -> None:
        left, top, right, bottom = self._draw.textbbox(at, text, font=self.font)
        self._draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=(255, 255, 255, 200))
        self._draw.text(at, text, fill=(*colour, 255), font=self.font)


def _draw_prediction(pen: _Pen, prediction: Prediction) -> None:
    for line in prediction.lines:
        points = pen.quad(line.quad, TEXT, width=1, fill=18)
        if line.text:
            pen.text((points[0][0], points[0][1] - pen.font.size), line.text, TEXT)
    for box in prediction.checkboxes:
        marked = box.state is not CheckboxState.EMPTY
        colour = UNREADABLE if box.state is CheckboxState.UNREADABLE else MARKED if marked else UNMARKED
        points = pen.quad(box.quad, colour, width=3, fill=70 if marked else 0)
        if marked:
            pen.text((points[1][0] + 3, points[1][1] - 2), f"{box.state.value} {box.confidence:.2f}", colour)
    for signature in prediction.signatures:
        points = pen.quad(signature.quad, SIGNATURE, width=4, fill=30)
        pen.text(points[3], f"{signature.kind.value} {signature.confidence:.2f}", SIGNATURE)
    for label in prediction.labels:
        if label.quad is not None:
            points = pen.quad(label.quad, LABEL, width=2)
            pen.text(points[3], f"{label.name}: {label.value} {label.confidence:.2f}", LABEL)


def _with_caption(picture: Image.Image, page: PageResult) -> Image.Image:
    font = ImageFont.load_default(max(12, round(max(picture.size) / 90)))
    lines = [f"page {page.number}   {page.width} x {page.height} px"]
    for outcome in page.outcomes:
        text = f"{outcome.model}: {outcome.state.value.replace('_', ' ')}"
        skew = outcome.prediction.skew
        if skew is not None:
            text += f", turned {skew.quarter_turns * 90} degrees, skewed {skew.angle_degrees:+.2f}"
        for score in outcome.prediction.types[:2]:
            mark = "yes" if score.accepted else "no"
            text += f", {score.document_type} {score.score:.2f} (needs {score.threshold:.2f}: {mark})"
        if outcome.error is not None:
            text += f", {outcome.error.code.value}"
        lines.append(text)
    row = int(font.size * 1.5)
    caption = Image.new("RGB", (picture.width, row * (len(lines) + 1) + 8), "white")
    pen = ImageDraw.Draw(caption)
    for index, text in enumerate(lines):
        pen.text((8, 4 + index * row), text, fill="black", font=font)
    left = 8
    for name, colour in _LEGEND_ROWS:
        top = 4 + len(lines) * row
        pen.rectangle((left, top + 2, left + font.size, top + 2 + font.size), outline=colour, width=3)
        pen.text((left + font.size * 1.4, top), name, fill=colour, font=font)
        left += int(font.size * 2.4 + pen.textlength(name, font=font))
    whole = Image.new("RGB", (picture.width, picture.height + caption.height), "white")
    whole.paste(caption, (0, 0))
    whole.paste(picture, (0, caption.height))
    return whole
