"""Fields read through the OCR model, by kind: lines in print, cells of a comb, blank and impossible crops."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.contract import PageImage
from models.registry import load_model
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldState
from schemas.prediction import box_quad
from schemas.reading import Region
from synthesis.crops.comb_cells import draw_comb
from synthesis.crops.fields import FieldPainter
from synthesis.fonts import TEST_HANDS
from synthesis.ink.glyph_ink import font_glyph


@pytest.fixture(scope="module")
def ocr():
    return load_model("ocr")


def read(ocr, crop, kind, cells=None):
    """The crop as a page of which a form says that it is one field."""
    height, width = crop.shape[:2]
    (reading,) = ocr.read(PageImage(1, crop), [Region(box_quad(0, 0, width, height), kind, cells)])
    return reading


def printed(text, size=(420, 64), height=34):
    picture = Image.new("L", size, 255)
    ImageDraw.Draw(picture).text((14, size[1] // 2), text, 0, ImageFont.load_default(height), "lm")
    return np.array(picture)


def comb(text, pitch=44, rows=56, tick=None, stroke=2):
    """Print in cells: boxes, or with `tick` a comb of so many pixels."""
    picture = Image.new("L", (pitch * len(text) + 8, rows + 8), 255)
    pen = ImageDraw.Draw(picture)
    pen.line((4, rows + 3, 4 + pitch * len(text), rows + 3), 60, stroke)
    for number in range(len(text) + 1):
        x = 4 + pitch * number
        pen.line((x, rows + 3 - (tick or rows), x, rows + 3), 60, stroke)
    if tick is None:
        pen.line((4, 4, 4 + pitch * len(text), 4), 60, stroke)
    for number, sign in enumerate(text):
        pen.text((4 + pitch * (number + 0.5), 4 + rows / 2), sign, 0, ImageFont.load_default(38), "mm")
    return np.array(picture)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("text", "Maria Schneider"), ("digits", "8049137"), ("capitals", "KESSLER"), ("date", "04/12/1987")],
)
def test_reads_a_printed_line_of_each_kind(ocr, kind, text):
    reading = read(ocr, printed(text), kind)
    assert reading.value == text
    assert not reading.rejected
    assert len(reading.characters) == len(text)


@pytest.mark.parametrize("tick", [None, 18])
def test_reads_the_cells_of_a_comb_but_for_one_in_ten(ocr, tick):
    right = asked = 0
    for kind, text in (("digits", "5820746"), ("digits", "1394"), ("capitals", "WERNHAM"), ("capitals", "KESTLING")):
        reading = read(ocr, comb(text, tick=tick), kind, cells=len(text))
        assert reading.reader == "characters"
        assert len(reading.value) == len(reading.characters) == len(text)
        # What is known of words can make it surer than its weakest cell; of figures nothing is known.
        assert 0 < reading.confidence <= (1 if kind == "capitals" else min(reading.characters))
        right += sum(read == true for read, true in zip(reading.value, text, strict=True))
        asked += len(text)
    assert right / asked >= 0.9


def test_cells_left_empty_are_spaces_between_characters_and_nothing_at_the_ends(ocr):
    assert read(ocr, comb(" 24 7 "), "digits", cells=6).value == "24 7"


def test_fields_of_one_page_are_read_where_they_are_and_in_order(ocr):
    page = np.full((400, 700), 250, np.uint8)
    line, cells = printed("Maria Schneider"), comb("5820")
    page[40 : 40 + line.shape[0], 200 : 200 + line.shape[1]] = line
    page[250 : 250 + cells.shape[0], 30 : 30 + cells.shape[1]] = cells
    name = box_quad(200, 40, 200 + line.shape[1], 40 + line.shape[0])
    number = box_quad(30, 250, 30 + cells.shape[1], 250 + cells.shape[0])
    each = tuple(box_quad(34 + 44 * k, 254, 34 + 44 * (k + 1), 310) for k in range(4))
    regions = [
        Region(number, "digits", 4),
        Region(name, "text"),
        Region(number, "digits", each),
        Region(box_quad(450, 200, 650, 240), "text"),
        Region(box_quad(710, 200, 900, 240), "text"),
    ]
    readings = ocr.read(PageImage(1, page), regions)
    assert [reading.value for reading in readings] == ["5820", "Maria Schneider", "5820", "", ""]
    assert [reading.raw_text for reading in readings] == [reading.value for reading in readings]
    states = [reading.state for reading in readings]
    assert states == [FieldState.FILLED] * 3 + [FieldState.BLANK, FieldState.UNREADABLE]


def test_the_kind_says_which_of_two_alike_characters_it_is(ocr):
    round_one = comb("0")
    assert read(ocr, round_one, "digit").value == "0"
    assert read(ocr, round_one, "capital").value == "O"


def test_digits_are_all_a_field_of_digits_can_hold(ocr):
    reading = read(ocr, printed("8O4S1"), "digits")
    assert set(reading.value) <= set("0123456789 ")


def test_alternatives_are_other_texts_with_less_confidence(ocr):
    reading = read(ocr, comb("7"), "digit")
    assert reading.alternatives
    assert all(
        other.value != reading.value and other.confidence <= reading.confidence for other in reading.alternatives
    )


@pytest.mark.parametrize("kind", ["text", "digits", "amount"])
def test_a_blank_field_says_nothing_and_is_not_rejected(ocr, kind):
    field = np.full((64, 500), 255, np.uint8)
    field[52:54] = 40
    cv2.rectangle(field, (0, 0), (499, 63), 0, 3)
    reading = read(ocr, field, kind)
    assert (reading.value, reading.rejected, reading.reader) == ("", False, "nobody")
    assert reading.confidence > 0.8


@pytest.mark.parametrize("kind", ["digit", "capital", "character"])
@pytest.mark.parametrize("weight", [1, 3])
def test_the_frame_of_an_empty_box_is_no_character(ocr, kind, weight):
    box = np.full((56, 50), 255, np.uint8)
    cv2.rectangle(box, (2, 2), (47, 53), 30, weight)
    assert read(ocr, box, kind).value == ""


def test_a_scribble_is_rejected_but_a_clear_digit_is_not(ocr):
    random = np.random.default_rng(4)
    scribble = np.full((60, 60), 255, np.uint8)
    points = random.integers(8, 52, (30, 1, 2)).astype(np.int32)
    cv2.polylines(scribble, [points], False, 0, 3, cv2.LINE_AA)
    assert read(ocr, scribble, "digit").rejected
    assert not read(ocr, comb("4"), "digit").rejected


def test_colour_and_grey_say_the_same(ocr):
    grey = comb("58")
    assert read(ocr, cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), "digits", cells=2) == read(ocr, grey, "digits", cells=2)


@pytest.mark.parametrize("kind", ["text", "digit", "capitals"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (300, 1), (3, 3), (5, 5, 3), (4000, 30), (12, 9000)])
def test_any_shape_is_answered(ocr, kind, shape):
    for value in (0, 255):
        reading = read(ocr, np.full(shape, value, np.uint8), kind)
        assert reading.value == ""


def test_noise_of_any_size_is_answered(ocr):
    random = np.random.default_rng(1)
    for shape in ((37, 2), (2, 37), (90, 90), (700, 1500, 3)):
        reading = read(ocr, random.integers(0, 256, shape).astype(np.uint8), "digits", cells=3)
        assert 0 <= reading.confidence <= 1


@pytest.mark.parametrize(
    ("crop", "kind", "cells"),
    [
        (np.zeros((10, 10), np.uint8), "signature", None),
        (np.zeros((10, 10), np.uint8), "digits", 0),
        (np.zeros((10, 10), np.uint8), "digits", 1000),
        (np.zeros((10, 10), np.uint8), "digits", ()),
        (np.zeros((10, 10), np.float32), "digits", None),
        (np.zeros((10, 10, 4), np.uint8), "digits", None),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_cure(ocr, crop, kind, cells):
    with pytest.raises(DocbeamError) as refused:
        read(ocr, crop, kind, cells=cells)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_reads_characters_in_hands_no_model_was_trained_on(ocr, fonts):
    right = asked = 0
    for number in range(36):
        random = np.random.default_rng([9, number])
        hand = TEST_HANDS[number % len(TEST_HANDS)]
        text = "".join(str(digit) for digit in random.integers(0, 10, 6))
        drawn = draw_comb([font_glyph(sign, lambda size, hand=hand: fonts.face(hand, size)) for sign in text], random)
        found = read(ocr, drawn.pixels, "digits", cells=6).value
        asked += 6
        right += sum(a == b for a, b in zip(found, text, strict=False)) if len(found) == 6 else 0
    assert right / asked > 0.9


def test_a_field_nobody_filled_in_is_blank_after_scanning(ocr, fonts):
    painter = FieldPainter(fonts)
    found = [read(ocr, painter.blank(np.random.default_rng([8, number])), "text").value for number in range(24)]
    assert found.count("") >= 20
