"""Pictures in which a person sees at once what was found on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from analysis.lettering import line_mask
from schemas.fields import FieldState
from schemas.form_reading import FormFieldReading
from schemas.prediction import (
    Checkbox,
    CheckboxState,
    DefectMeasure,
    Label,
    Prediction,
    Quad,
    Signature,
    TextLine,
    TextState,
)
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
_MARKS = ("checkbox", "radio")
"""Kinds of form fields that are too small to be written into."""
_LEGEND_ROWS = (
    ("text", TEXT),
    ("box, marked", MARKED),
    ("box, empty", UNMARKED),
    ("unreadable, or for review", UNREADABLE),
    ("signature", SIGNATURE),
)


def draw(pixels: npt.NDArray[np.uint8], page: PageResult, target: BinaryIO) -> None:
    """Write two pictures side by side to `target`, as PNG: the source page with the places, and what was read there."""
    scale = min(1.0, _LONG_SIDE / max(pixels.shape[:2]))
    shown = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    shown = cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB if shown.ndim == 2 else cv2.COLOR_BGR2RGB)
    # Paler, so that the places stand out from the print.
    source = Image.fromarray((255 - (255 - shown.astype(np.float32)) * 0.75).astype(np.uint8))
    reading = Image.new("RGB", source.size, "white")
    for outcome in page.outcomes:
        if outcome.state is OutcomeState.FOUND:
            _draw_places(_Pen(source), outcome.prediction)
            _draw_reading(_Pen(reading), outcome.prediction)
    both = Image.new("RGB", (source.width * 2 + 12, source.height), (190, 190, 190))
    both.paste(source, (0, 0))
    both.paste(reading, (source.width + 12, 0))
    _with_caption(both, page).save(target, "PNG")


class _Pen:
    """Draws quads given as fractions of the picture."""

    def __init__(self, picture: Image.Image) -> None:
        self._width, self._height = picture.size
        self._draw = ImageDraw.Draw(picture, "RGBA")
        self.note_size = max(10, round(max(picture.size) / 110))

    def quad(self, quad: Quad, colour: Colour, width: int = 2, fill: int = 0) -> list[tuple[float, float]]:
        points = [(quad[i] * self._width, quad[i + 1] * self._height) for i in range(0, 8, 2)]
        self._draw.polygon(points, fill=(*colour, fill) if fill else None)
        self._draw.line([*points, points[0]], fill=(*colour, 255), width=width, joint="curve")
        return points

    def fitted(self, quad: Quad, text: str, colour: Colour) -> None:
        """Text as high as its line and no wider, level, its middle where the line's is."""
        xs, ys = [quad[i] * self._width for i in (0, 2, 4, 6)], [quad[i] * self._height for i in (1, 3, 5, 7)]
        length = max(np.hypot(xs[1] - xs[0], ys[1] - ys[0]), np.hypot(xs[2] - xs[1], ys[2] - ys[1]))
        height = min(np.hypot(xs[3] - xs[0], ys[3] - ys[0]), np.hypot(xs[1] - xs[0], ys[1] - ys[0]))
        mask = line_mask(text, max(7, round(height * 0.8)))
        if mask.width > length > 0:
            mask = line_mask(text, max(7, round(height * 0.8 * length / mask.width)))
        self._put(mask, (sum(xs) / 4 - mask.width / 2, sum(ys) / 4 - mask.height / 2), colour)

    def note(self, at: tuple[float, float], text: str, colour: Colour) -> None:
        self._put(line_mask(text, self.note_size), at, colour)

    def _put(self, mask: Image.Image, at: tuple[float, float], colour: Colour) -> None:
        self._draw.bitmap((round(at[0]), round(at[1])), mask, fill=(*colour, 255))


def _draw_places(pen: _Pen, prediction: Prediction) -> None:
    for line in prediction.lines:
        pen.quad(line.quad, _line_colour(line), width=1, fill=14)
    for box in prediction.checkboxes:
        pen.quad(box.quad, _box_colour(box), width=3, fill=60 if box.state is not CheckboxState.EMPTY else 0)
    for signature in prediction.signatures:
        pen.quad(signature.quad, SIGNATURE, width=_signature_width(signature), fill=24)
    for label in prediction.labels:
        if label.quad is not None:
            pen.quad(label.quad, LABEL)
    for field in _form_fields(prediction):
        if field.quad is not None:
            pen.quad(field.quad, _field_colour(field), width=2, fill=30 if field.state is FieldState.FILLED else 0)
    for found in _defects(prediction):
        if found.quad is not None:
            pen.note(pen.quad(found.quad, UNREADABLE, width=3)[0], _in_words(found), UNREADABLE)


def _draw_reading(pen: _Pen, prediction: Prediction) -> None:
    for line in prediction.lines:
        if line.state is TextState.UNREAD:
            pen.quad(line.quad, UNREADABLE, width=1)
        pen.fitted(line.quad, line.text or line.state.value, _line_colour(line))
    for box in prediction.checkboxes:
        points = pen.quad(box.quad, _box_colour(box), width=3, fill=70 if box.state is not CheckboxState.EMPTY else 0)
        if box.state is not CheckboxState.EMPTY:
            pen.note((points[1][0] + 3, points[0][1] - pen.note_size), _noted(box.state.value, box), _box_colour(box))
    for signature in prediction.signatures:
        points = pen.quad(signature.quad, SIGNATURE, width=_signature_width(signature), fill=24)
        pen.note(points[3], _noted(signature.kind.value, signature), SIGNATURE)
    for field in _form_fields(prediction):
        if field.quad is not None:
            _draw_field(pen, field, field.quad)
    for place, label in enumerate(prediction.labels):
        at = (8.0, 8.0 + place * pen.note_size * 1.4)
        if label.quad is not None:
            at = pen.quad(label.quad, LABEL)[3]
        pen.note(at, _noted(f"{label.name}: {label.value}", label), LABEL)


def _draw_field(pen: _Pen, field: FormFieldReading, quad: Quad) -> None:
    colour = _field_colour(field)
    if field.state is not FieldState.BLANK:
        if field.kind in _MARKS:
            points = pen.quad(quad, colour, width=2, fill=70)
            pen.note((points[1][0] + 4, points[1][1]), field.value, colour)
        else:
            pen.fitted(quad, field.value.replace("\n", " / "), colour)
    if field.rule:
        points = pen.quad(quad, colour, width=1)
        pen.note(points[3], field.rule, colour)


def _form_fields(prediction: Prediction) -> Sequence[FormFieldReading]:
    return () if prediction.form is None else prediction.form.fields


def _field_colour(field: FormFieldReading) -> Colour:
    if field.review or field.state is FieldState.UNREADABLE:
        return UNREADABLE
    return UNMARKED if field.state is FieldState.BLANK else MARKED


def _defects(prediction: Prediction) -> list[DefectMeasure]:
    return [] if prediction.quality is None else [found for found in prediction.quality.defects if found.exceeded]


def _in_words(found: DefectMeasure) -> str:
    return found.defect.value.replace("_", " ")


_SURE = 0.6
"""Text read with less confidence is shown in the colour of the unreadable."""


def _noted(text: str, found: Checkbox | Signature | Label) -> str:
    return f"{text} {found.confidence:.2f}"


def _line_colour(line: TextLine) -> Colour:
    return TEXT if line.state is TextState.READ and line.confidence >= _SURE else UNREADABLE


def _signature_width(signature: Signature) -> int:
    """Thin where it may be none."""
    return 4 if signature.sure else 1


def _box_colour(box: Checkbox) -> Colour:
    if box.state is CheckboxState.UNREADABLE:
        return UNREADABLE
    return UNMARKED if box.state is CheckboxState.EMPTY else MARKED


def _with_caption(picture: Image.Image, page: PageResult) -> Image.Image:
    size = max(12, round(max(picture.size) / 90))
    font = ImageFont.load_default(size)
    lines = [f"page {page.number}   {page.width} x {page.height} px"]
    for outcome in page.outcomes:
        text = f"{outcome.model}: {outcome.state.value.replace('_', ' ')}"
        skew = outcome.prediction.skew
        if skew is not None:
            text += f", turned {skew.quarter_turns * 90} degrees, skewed {skew.angle_degrees:+.2f}"
        form = outcome.prediction.form
        if form is not None and form.registered:
            review = sum(field.review for field in form.fields)
            text += f", {form.form} {form.version} page {form.page}, {len(form.fields)} fields, {review} for review"
        elif form is not None:
            text += f", {form.verdict.replace('_', ' ')}"
        for score in outcome.prediction.types[:2]:
            mark = "yes" if score.accepted else "no"
            text += f", {score.document_type} {score.score:.2f} (needs {score.threshold:.2f}: {mark})"
        if outcome.error is not None:
            text += f", {outcome.error.code.value}"
        lines.append(text)
        for found in _defects(outcome.prediction):
            lines.append(f"    {_in_words(found)}: {found.value:g} (limit {found.threshold:g}). {found.advice}")
    row = int(size * 1.5)
    caption = Image.new("RGB", (picture.width, row * (len(lines) + 1) + 8), "white")
    pen = ImageDraw.Draw(caption)
    for index, text in enumerate(lines):
        pen.text((8, 4 + index * row), text, fill="black", font=font)
    left = 8
    for name, colour in _LEGEND_ROWS:
        top = 4 + len(lines) * row
        pen.rectangle((left, top + 2, left + size, top + 2 + size), outline=colour, width=3)
        pen.text((left + size * 1.4, top), name, fill=colour, font=font)
        left += int(size * 2.4 + pen.textlength(name, font=font))
    whole = Image.new("RGB", (picture.width, picture.height + caption.height), "white")
    whole.paste(caption, (0, 0))
    whole.paste(picture, (0, caption.height))
    return whole
