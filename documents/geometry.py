"""Where things are on a page: the invertible chain between the source page and the page models see.

Convention: coordinates are continuous, x to the right, y down, (0, 0) the outer corner of the top left pixel. The
pixel in column i and row j covers [i, i + 1) x [j, j + 1); its centre is (i + 0.5, j + 0.5). A page of w x h pixels
therefore spans exactly [0, w] x [0, h], and fractions of a page are coordinates over width and height.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from schemas.form_reading import FormFieldReading
from schemas.pdf_content import PdfContent
from schemas.prediction import DefectMeasure, Label, Prediction, Quad, Skew, TextLine, corner_quad
from schemas.result import TransformStep

Matrix = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

_WHITE = (255.0, 255.0, 255.0, 255.0)


def quarter_turn_step(width: int, height: int, turns: int) -> TransformStep:
    """Undo `turns` clockwise quarter turns of a page of `width` x `height` pixels, without resampling.

    `turns` says how often the page, as it is, is turned by 90 degrees clockwise from upright (any integer).
    """
    turns %= 4
    if turns == 0:
        rows, size = ((1, 0, 0), (0, 1, 0)), (width, height)
    elif turns == 1:
        rows, size = ((0, 1, 0), (-1, 0, width)), (height, width)
    elif turns == 2:
        rows, size = ((-1, 0, width), (0, -1, height)), (width, height)
    else:
        rows, size = ((0, -1, height), (1, 0, 0)), (height, width)
    matrix = tuple(float(value) for row in (*rows, (0, 0, 1)) for value in row)
    return TransformStep("quarter turn", matrix, *size)


def straighten_step(width: int, height: int, angle_degrees: float) -> TransformStep:
    """Undo a fine turn of a page of `width` x `height` pixels; the canvas grows so that nothing is cut off.

    `angle_degrees` is positive when the content is turned counter-clockwise from upright; the step turns the page
    clockwise by as much about its centre.
    """
    angle = math.radians(angle_degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    # The small allowance keeps rounding noise from adding a column to a page that is not turned at all.
    new_width = math.ceil(width * abs(cosine) + height * abs(sine) - 1e-6)
    new_height = math.ceil(width * abs(sine) + height * abs(cosine) - 1e-6)
    shift_x = new_width / 2 - (cosine * width / 2 - sine * height / 2)
    shift_y = new_height / 2 - (sine * width / 2 + cosine * height / 2)
    matrix = (cosine, -sine, shift_x, sine, cosine, shift_y, 0.0, 0.0, 1.0)
    return TransformStep("straighten", matrix, new_width, new_height)


def straightening_steps(skew: Skew | None, width: int, height: int) -> tuple[TransformStep, ...]:
    """What undoes `skew` on a page of `width` x `height` pixels, as far as whoever told it was sure; empty for None."""
    steps: list[TransformStep] = []
    if skew is not None and skew.turned and skew.quarter_turns % 4:
        steps.append(quarter_turn_step(width, height, skew.quarter_turns % 4))
        width, height = steps[-1].width, steps[-1].height
    if skew is not None and skew.straightened:
        steps.append(straighten_step(width, height, skew.angle_degrees))
    return tuple(steps)


def compose(steps: Sequence[TransformStep]) -> Matrix:
    """The 3x3 matrix from source pixels to straightened pixels; the identity for no steps."""
    total: Matrix = np.eye(3, dtype=np.float64)
    for step in steps:
        total = np.array(step.matrix, dtype=np.float64).reshape(3, 3) @ total
    return total


def apply_steps(pixels: Pixels, steps: Sequence[TransformStep]) -> Pixels:
    """The page image after `steps`: (h, w) or (h, w, 3) uint8 in, the same number of channels out, contiguous.

    Leading quarter turns only move pixels; everything after them is one bicubic resampling onto white.
    """
    remaining = list(steps)
    while remaining and (turns := _exact_turns(pixels, remaining[0])) is not None:
        pixels = np.rot90(pixels, turns)
        remaining.pop(0)
    pixels = np.ascontiguousarray(pixels)
    if not remaining:
        return pixels
    # OpenCV counts from pixel centres, the steps from pixel corners.
    to_corner, to_centre = _shift(0.5), _shift(-0.5)
    matrix = to_centre @ compose(remaining) @ to_corner
    size = (remaining[-1].width, remaining[-1].height)
    warp, given = (cv2.warpPerspective, matrix)
    if np.array_equal(matrix[2], (0.0, 0.0, 1.0)):
        warp, given = cv2.warpAffine, matrix[:2]
    warped = warp(pixels, given, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=_WHITE)
    return np.asarray(warped, dtype=np.uint8)


def to_source_quad(quad: Quad, steps: Sequence[TransformStep], width: int, height: int) -> Quad:
    """`quad` in pixels of the straightened page, as fractions 0..1 of the source page of `width` x `height` pixels.

    Corners keep their order, so the first stays the thing's own top left. Corners on the canvas that straightening
    added, outside the source page, are moved to its edge.
    """
    return to_source(steps, width, height)(quad)


def from_source_quad(quad: Quad, steps: Sequence[TransformStep], width: int, height: int) -> Quad:
    """`quad` in fractions of the source page of `width` x `height` pixels, as pixels of the straightened page."""
    return from_source(steps, width, height)(quad)


def to_source(steps: Sequence[TransformStep], width: int, height: int) -> Callable[[Quad], Quad]:
    """As `to_source_quad`, for many quads of one page: the chain is composed once."""
    matrix = _inverse(compose(steps)).ravel().tolist()

    def map_quad(quad: Quad) -> Quad:
        # A plug-in's quad may hold anything; this refuses what are no eight numbers.
        numbers = np.array(quad, dtype=np.float64).reshape(8).tolist()
        corners = (_moved(matrix, x, y) for x, y in zip(numbers[0::2], numbers[1::2], strict=True))
        return corner_quad((min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)) for x, y in corners)

    return map_quad


def from_source(steps: Sequence[TransformStep], width: int, height: int) -> Callable[[Quad], Quad]:
    """As `from_source_quad`, for many quads of one page: the chain is composed once."""
    matrix = compose(steps).ravel().tolist()

    def map_quad(quad: Quad) -> Quad:
        corners = zip(quad[0::2], quad[1::2], strict=True)
        return corner_quad(_moved(matrix, x * width, y * height) for x, y in corners)

    return map_quad


def content_on_page(content: PdfContent, steps: Sequence[TransformStep], width: int, height: int) -> PdfContent:
    """What a PDF says of its page of `width` x `height` pixels, in pixels of the straightened page."""
    on_page = from_source(steps, width, height)
    left, top, right, bottom = (content.boxes * (width, height, width, height)).T
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]).transpose(2, 0, 1)
    homogeneous = np.concatenate([corners, np.ones((*corners.shape[:2], 1))], axis=2) @ compose(steps).T
    moved = homogeneous[..., :2] / homogeneous[..., 2:]
    return replace(
        content,
        fields=tuple(replace(field, quad=on_page(field.quad)) for field in content.fields),
        boxes=np.concatenate([moved.min(axis=1), moved.max(axis=1)], axis=1),
    )


def map_prediction(prediction: Prediction, quad_map: Callable[[Quad], Quad]) -> Prediction:
    """`prediction` with `quad_map` applied to every quad of every kind of finding."""

    def line(found: TextLine) -> TextLine:
        words = tuple(replace(word, quad=quad_map(word.quad)) for word in found.words)
        return replace(found, quad=quad_map(found.quad), words=words)

    def label(found: Label) -> Label:
        return found if found.quad is None else replace(found, quad=quad_map(found.quad))

    def measure(found: DefectMeasure) -> DefectMeasure:
        return found if found.quad is None else replace(found, quad=quad_map(found.quad))

    def form_field(found: FormFieldReading) -> FormFieldReading:
        return found if found.quad is None else replace(found, quad=quad_map(found.quad))

    quality, form = prediction.quality, prediction.form
    return replace(
        prediction,
        lines=tuple(line(found) for found in prediction.lines),
        checkboxes=tuple(replace(found, quad=quad_map(found.quad)) for found in prediction.checkboxes),
        signatures=tuple(replace(found, quad=quad_map(found.quad)) for found in prediction.signatures),
        labels=tuple(label(found) for found in prediction.labels),
        barcodes=tuple(replace(found, quad=quad_map(found.quad)) for found in prediction.barcodes),
        quality=quality and replace(quality, defects=tuple(measure(found) for found in quality.defects)),
        form=form and replace(form, fields=tuple(form_field(found) for found in form.fields)),
    )


def _exact_turns(pixels: Pixels, step: TransformStep) -> int | None:
    height, width = pixels.shape[:2]
    for turns in range(4):
        if step.matrix == quarter_turn_step(width, height, turns).matrix:
            return turns
    return None


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _shift(offset: float) -> Matrix:
    return np.array(((1.0, 0.0, offset), (0.0, 1.0, offset), (0.0, 0.0, 1.0)), dtype=np.float64)


def _moved(matrix: Sequence[float], x: float, y: float) -> tuple[float, float]:
    """A point after a 3x3 matrix given row by row. Plain numbers: for four points an array costs ten times as much."""
    a, b, c, d, e, f, g, h, i = matrix
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth
