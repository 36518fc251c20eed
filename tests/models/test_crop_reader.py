"""Fields read through the OCR model, by kind: lines in print, cells of a comb, blank and impossible crops."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.registry import load_model
from schemas.errors import DocbeamError, ErrorCode
from synthesis.crops.comb_cells import draw_comb
from synthesis.crops.fields import FieldPainter
from synthesis.fonts import TEST_HANDS, FontFolder
from synthesis.ink.glyph_ink import font_glyph


@pytest.fixture(scope="module")
def ocr():
    return load_model("ocr")


@pytest.fixture(scope="module")
def fonts():
    folder = os.environ.get("DOCBEAM_FONTS")
    if not folder:
        pytest.skip("drawing handwriting needs the open fonts; name their folder in DOCBEAM_FONTS (docs/samples.md)")
    return FontFolder(Path(folder))


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
    reading = ocr.read(printed(text), kind)
    assert reading.text == text
    assert not reading.rejected
    assert len(reading.characters) == len(text)


@pytest.mark.parametrize("tick", [None, 18])
def test_reads_the_cells_of_a_comb_but_for_one_in_ten(ocr, tick):
    right = asked = 0
    for kind, text in (("digits", "5820746"), ("digits", "1394"), ("capitals", "WERNHAM"), ("capitals", "KESTLING")):
        reading = ocr.read(comb(text, tick=tick), kind, cells=len(text))
        assert reading.reader == "characters"
        assert len(reading.text) == len(reading.characters) == len(text)
        # What is known of words can make it surer than its weakest cell; of figures nothing is known.
        assert 0 < reading.confidence <= (1 if kind == "capitals" else min(reading.characters))
        right += sum(read == true for read, true in zip(reading.text, text, strict=True))
        asked += len(text)
    assert right / asked >= 0.9


def test_cells_left_empty_are_spaces_between_characters_and_nothing_at_the_ends(ocr):
    assert ocr.read(comb(" 24 7 "), "digits", cells=6).text == "24 7"


def test_the_kind_says_which_of_two_alike_characters_it_is(ocr):
    round_one = comb("0")
    assert ocr.read(round_one, "digit").text == "0"
    assert ocr.read(round_one, "capital").text == "O"


def test_digits_are_all_a_field_of_digits_can_hold(ocr):
    reading = ocr.read(printed("8O4S1"), "digits")
    assert set(reading.text) <= set("0123456789 ")


def test_alternatives_are_other_texts_with_less_confidence(ocr):
    reading = ocr.read(comb("7"), "digit")
    assert reading.alternatives
    assert all(text != reading.text and sure <= reading.confidence for text, sure in reading.alternatives)


@pytest.mark.parametrize("kind", ["text", "digits", "amount"])
def test_a_blank_field_says_nothing_and_is_not_rejected(ocr, kind):
    field = np.full((64, 500), 255, np.uint8)
    field[52:54] = 40
    cv2.rectangle(field, (0, 0), (499, 63), 0, 3)
    reading = ocr.read(field, kind)
    assert (reading.text, reading.rejected, reading.reader) == ("", False, "nobody")
    assert reading.confidence > 0.8


@pytest.mark.parametrize("kind", ["digit", "capital", "character"])
@pytest.mark.parametrize("weight", [1, 3])
def test_the_frame_of_an_empty_box_is_no_character(ocr, kind, weight):
    box = np.full((56, 50), 255, np.uint8)
    cv2.rectangle(box, (2, 2), (47, 53), 30, weight)
    assert ocr.read(box, kind).text == ""


def test_a_scribble_is_rejected_but_a_clear_digit_is_not(ocr):
    random = np.random.default_rng(4)
    scribble = np.full((60, 60), 255, np.uint8)
    points = random.integers(8, 52, (30, 1, 2)).astype(np.int32)
    cv2.polylines(scribble, [points], False, 0, 3, cv2.LINE_AA)
    assert ocr.read(scribble, "digit").rejected
    assert not ocr.read(comb("4"), "digit").rejected


def test_colour_and_grey_say_the_same(ocr):
    grey = comb("58")
    assert ocr.read(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), "digits", cells=2) == ocr.read(grey, "digits", cells=2)


@pytest.mark.parametrize("kind", ["text", "digit", "capitals"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (300, 1), (3, 3), (5, 5, 3), (4000, 30), (12, 9000)])
def test_any_shape_is_answered(ocr, kind, shape):
    for value in (0, 255):
        reading = ocr.read(np.full(shape, value, np.uint8), kind)
        assert reading.text == ""


def test_noise_of_any_size_is_answered(ocr):
    random = np.random.default_rng(1)
    for shape in ((37, 2), (2, 37), (90, 90), (700, 1500, 3)):
        reading = ocr.read(random.integers(0, 256, shape).astype(np.uint8), "digits", cells=3)
        assert 0 <= reading.confidence <= 1


@pytest.mark.parametrize(
    ("crop", "kind", "cells"),
    [
        (np.zeros((10, 10), np.uint8), "signature", None),
        (np.zeros((10, 10), np.uint8), "digits", 0),
        (np.zeros((10, 10), np.uint8), "digits", 1000),
        (np.zeros((0, 10), np.uint8), "digits", None),
        (np.zeros((10, 10), np.float32), "digits", None),
        (np.zeros((10, 10, 4), np.uint8), "digits", None),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_cure(ocr, crop, kind, cells):
    with pytest.raises(DocbeamError) as refused:
        ocr.read(crop, kind, cells=cells)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


def test_reads_characters_in_hands_no_model_was_trained_on(ocr, fonts):
    right = asked = 0
    for number in range(36):
        random = np.random.default_rng([9, number])
        hand = TEST_HANDS[number % len(TEST_HANDS)]
        text = "".join(str(digit) for digit in random.integers(0, 10, 6))
        drawn = draw_comb([font_glyph(sign, lambda size, hand=hand: fonts.face(hand, size)) for sign in text], random)
        read = ocr.read(drawn.pixels, "digits", cells=6).text
        asked += 6
        right += sum(a == b for a, b in zip(read, text, strict=False)) if len(read) == 6 else 0
    assert right / asked > 0.9


def test_a_field_nobody_filled_in_is_blank_after_scanning(ocr, fonts):
    painter = FieldPainter(fonts)
    read = [ocr.read(painter.blank(np.random.default_rng([8, number])), "text").text for number in range(24)]
    assert read.count("") >= 20
