"""Fields of which the OCR model says that nobody wrote in them: thin strokes are writing, what forms print is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.contract import PageImage
from models.registry import load_model
from schemas.fields import FieldState
from schemas.prediction import box_quad
from schemas.reading import Region

STROKES = {
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.2, 0.6), (0.8, 0.6)]],
    "K": [[(0, 0), (0, 1)], [(0.9, 0), (0, 0.5), (1, 1)]],
    "S": [[(1, 0.1), (0.5, 0), (0.1, 0.25), (0.9, 0.7), (0.5, 1), (0, 0.9)]],
    "v": [[(0, 0.4), (0.4, 1), (0.8, 0.4)]],
    "e": [[(0, 0.7), (0.9, 0.65), (0.5, 0.4), (0.05, 0.7), (0.5, 1), (0.9, 0.9)]],
}
"""Letters as a pen draws them, in a square from 0 to 1."""
NAMES = ("MAeSK", "vev", "KAM", "AS", "SevK")


@pytest.fixture(scope="module")
def ocr():
    return load_model("ocr")


def state(ocr, field):
    rows, columns = field.shape
    (reading,) = ocr.read(PageImage(1, field, 200.0), [Region(box_quad(0, 0, columns, rows), "text")])
    return reading.state


def empty(rows, furniture):
    columns = 6 * rows
    field = np.full((rows, columns), 255, np.uint8)
    foot = rows - 1 - rows // 10
    if furniture == "rule":
        field[foot : foot + 2] = 40
    elif furniture == "dots":
        field[foot : foot + 2, :: max(4, rows // 12)] = 40
    elif furniture == "frame":
        cv2.rectangle(field, (1, 1), (columns - 2, rows - 2), 0, 2)
    elif furniture == "bevel":
        cv2.rectangle(field, (1, 1), (columns - 2, rows - 2), 0, 2)
        cv2.rectangle(field, (4, 4), (columns - 5, rows - 5), 150, 2)
    elif furniture == "comb":
        field[foot : foot + 2] = 40
        for x in range(0, columns, rows):
            field[foot - rows // 3 : foot, x : x + 2] = 40
    elif furniture == "high comb":
        foot = rows - 1 - rows // 5
        field[foot : foot + 2] = 40
        for x in range(rows // 3, columns, rows):
            field[foot - rows // 4 : foot, x : x + 2] = 40
    elif furniture == "round ends":
        end = rows // 2
        field[[1, 2, -3, -2], end:-end] = 0
        cv2.ellipse(field, (end, end), (end - 2, end - 2), 0, 90, 270, 0, 2)
        cv2.ellipse(field, (columns - end, end), (end - 2, end - 2), 0, -90, 90, 0, 2)
    elif furniture == "pale cells":
        for x in range(2, columns - rows, rows):
            cv2.rectangle(field, (x, 2), (x + rows - 6, rows - 3), 220, 2)
    return field


FURNITURE = ("nothing", "rule", "dots", "frame", "bevel", "comb", "high comb", "round ends", "pale cells")


def written(field, name, pen, shade, soft):
    size, out = 0.45 * field.shape[0], field.copy()
    for number, letter in enumerate(name):
        for stroke in STROKES[letter]:
            points = np.add(stroke, (0.6 + 1.2 * number, 0.45)) * size
            kind = cv2.LINE_AA if soft else cv2.LINE_8
            cv2.polylines(out, [np.round(points * 16).astype(np.int32)], False, shade, pen, kind, 4)
    return np.minimum(out, field)


def scanned(field, noise, seed):
    grain = np.random.default_rng(seed).normal(0, noise, field.shape)
    return np.clip(field + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("furniture", FURNITURE)
@pytest.mark.parametrize("rows", [32, 48, 80, 140])
def test_strokes_one_or_two_pixels_wide_are_writing(ocr, rows, furniture):
    cases = [(name, pen, shade) for name in NAMES for pen, shade in ((1, 0), (1, 120), (2, 60))]
    for number, (name, pen, shade) in enumerate(cases):
        field = written(empty(rows, furniture), name, pen, shade, soft=number % 2 == 0)
        assert state(ocr, scanned(field, number % 5, number)) is not FieldState.BLANK, (name, pen, shade)


@pytest.mark.parametrize("furniture", FURNITURE)
@pytest.mark.parametrize("rows", [32, 48, 80, 140])
def test_what_a_form_prints_is_no_writing(ocr, rows, furniture):
    for number in range(8):
        assert state(ocr, scanned(empty(rows, furniture), number, number)) is FieldState.BLANK, number


def test_dust_of_a_bilevel_scan_and_shadows_are_no_writing(ocr):
    random = np.random.default_rng(4)
    for rows in (32, 60, 120):
        dusty = empty(rows, "rule")
        dusty[random.random(dusty.shape) < 0.003] = 0
        shade = np.minimum(empty(rows, "rule"), np.linspace(255, 150, rows)[:, None]).astype(np.uint8)
        assert [state(ocr, field) for field in (dusty, shade)] == [FieldState.BLANK] * 2, rows


@pytest.mark.parametrize("rows", [56, 110, 200])
def test_strokes_that_the_pen_left_out_in_places_are_writing(ocr, rows):
    for number, name in enumerate(NAMES):
        field = written(empty(rows, "rule"), name, max(1, rows // 60), 60, soft=True)
        gaps = cv2.resize(np.random.default_rng(number).random((rows // 6, rows)), field.shape[::-1]) < 0.45
        field[gaps & (field > 40)] = 255
        assert state(ocr, scanned(field, 2, number)) is not FieldState.BLANK, name


@pytest.mark.parametrize("rows", [24, 48, 110])
def test_writing_on_a_grainy_tint_is_writing(ocr, rows):
    for number, name in enumerate(NAMES):
        field = (written(empty(rows, "rule"), name, 1 + rows // 30, 40, soft=True) * 0.6).astype(np.uint8)
        assert state(ocr, scanned(field, 8, number)) is not FieldState.BLANK, name
        tint = (empty(rows, "rule") * 0.6).astype(np.uint8)
        assert state(ocr, scanned(tint, 8, number)) is FieldState.BLANK, number


def strange(rows, kind, seed):
    """A field in which nobody wrote, with ink or shade that is no writing."""
    random, field = np.random.default_rng(seed), empty(rows, ("rule", "frame", "nothing")[seed % 3])
    columns = field.shape[1]
    if kind == "ends of the row above and below":
        for row in (0, rows):
            for x in random.integers(rows, columns - rows, 2).tolist():
                reach = int(rows * random.uniform(0.08, 0.18))
                cv2.ellipse(field, (x, row), (rows // 8, reach), 0, 0, 360, 40, max(1, rows // 30), cv2.LINE_AA)
    elif kind == "show-through":
        soft = cv2.GaussianBlur(written(empty(rows, "nothing"), "MAeSK", 1 + rows // 16, 0, soft=True), (0, 0), 1.8)
        field = np.minimum(field, 255 - (255 - soft[:, ::-1].astype(float)) * 0.05).astype(np.uint8)
    elif kind == "fold":
        line = np.full(field.shape, 255, np.uint8)
        x = int(random.integers(rows, columns - rows))
        cv2.line(line, (x, 0), (x + rows // 10, rows), 0, 2, cv2.LINE_AA)
        field = np.minimum(field, 255 - (255 - cv2.GaussianBlur(line, (0, 0), 1.2).astype(float)) * 0.3).astype(
            np.uint8
        )
    else:
        for x, y in zip(random.integers(4, columns - 4, 5), random.integers(4, rows - 4, 5), strict=True):
            cv2.circle(field, (int(x), int(y)), max(1, rows // 40), 60, -1, cv2.LINE_AA)
    return field


@pytest.mark.parametrize("kind", ["ends of the row above and below", "show-through", "fold", "specks"])
@pytest.mark.parametrize("rows", [40, 64])
def test_what_is_no_writing_of_this_field_leaves_it_blank(ocr, rows, kind):
    for seed in range(6):
        assert state(ocr, scanned(strange(rows, kind, seed), seed % 4, seed)) is FieldState.BLANK, seed


@pytest.mark.parametrize("rows", [64, 110])
def test_a_hard_pencil_is_seen_and_at_least_doubted(ocr, rows):
    for number, name in enumerate(NAMES):
        field = written(empty(rows, ("rule", "comb")[number % 2]), name, 1 + rows // 60, 205, soft=True)
        assert state(ocr, scanned(field, 2, number)) is not FieldState.BLANK, name
