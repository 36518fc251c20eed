"""Signatures that no window shows well, and what only looks like one: beside a label, cut out, plotted, set in type."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.catalog.signature.adapter import SignatureFinder
from models.contract import PageImage
from models.registry import load_model
from schemas.prediction import Prediction, Quad, Signature, TextLine, box_quad
from synthesis.ink.marks import curved
from tests.models.test_signature import Page, sign
from tests.models.test_signing_places import line


@pytest.fixture(scope="module")
def model() -> SignatureFinder:
    loaded = load_model("signature")
    assert isinstance(loaded, SignatureFinder)
    return loaded


def found(model: SignatureFinder, page: Page, *lines: TextLine) -> tuple[Signature, ...]:
    (prediction,) = model.predict([PageImage(1, page, dpi=150, earlier={"ocr": Prediction(lines=lines)})])
    return prediction.signatures


def printed() -> Page:
    page = np.full((1650, 1275), 250, np.uint8)
    for y in range(200, 1000, 42):
        text = "The undersigned applies for the account named above today"
        cv2.putText(page, text, (150, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 30, 1, cv2.LINE_AA)
    return page


def draw(page: Page, points: np.ndarray, pen: int) -> None:
    cv2.polylines(page, [np.rint(points * 8).astype(np.int32)], False, 25, pen, cv2.LINE_AA, shift=3)


def boxed(seed: int | None) -> tuple[Page, TextLine]:
    """A box with the word in its corner, and two short waves of a pen in it."""
    page = printed()
    cv2.rectangle(page, (130, 1300), (620, 1430), 40, 2)
    cv2.putText(page, "Signature", (140, 1326), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1, cv2.LINE_AA)
    random = np.random.default_rng(seed)
    for part in range(2 if seed is not None else 0):
        count = int(random.integers(5, 9))
        x = 175 + 120 * part + np.cumsum(random.uniform(4, 20, count))
        y = 1385 + np.where(np.arange(count) % 2, 22, -22) * random.uniform(0.3, 1.4, count)
        draw(page, curved(np.column_stack([x, y]), 8), 4)
    return page, line("Signature", 140, 1308, 100)


@pytest.mark.parametrize("seed", [4, 9, 10, 13, 14])
def test_what_stands_in_a_box_to_sign_is_found_though_no_window_shows_it_well(
    model: SignatureFinder, seed: int
) -> None:
    page, label = boxed(seed)
    signatures = found(model, page, label)
    assert [one.confidence >= 0.5 for one in signatures] == [True]
    assert signatures[0].quad[1] > 1330
    assert found(model, page) == ()


def test_an_empty_box_to_sign_holds_none(model: SignatureFinder) -> None:
    page, label = boxed(None)
    assert found(model, page, label) == ()


def test_strokes_at_a_label_may_be_read_as_a_word_but_not_surely(model: SignatureFinder) -> None:
    page, label = boxed(13)
    (signature,) = found(model, page, label)
    assert len(found(model, page, label, TextLine("ther", signature.quad, 0.89))) == 1
    assert found(model, page, label, TextLine("ther", signature.quad, 0.97)) == ()


@pytest.mark.parametrize("seed", [0, 3, 5, 8])
@pytest.mark.parametrize(("wide", "high", "pen"), [(300, 90, 4), (420, 150, 5)])
def test_a_picture_cut_to_a_signature_has_one(
    model: SignatureFinder, seed: int, wide: int, high: int, pen: int
) -> None:
    picture = np.full((high + 70, wide + 80), 250, np.uint8)
    random = np.random.default_rng(seed)
    points, x = [(0.0, 0.0), (0.08, 1.0), (0.14, 0.9), (0.06, 0.1), (0.2, 0.5)], 0.22
    while x < 0.9:
        step = random.uniform(0.035, 0.08)
        up = random.uniform(0.15, 0.45) if random.random() < 0.75 else random.uniform(0.6, 1.0)
        points += [(x, up), (x + 0.6 * step, random.uniform(-0.08, 0.05))]
        x += step
    draw(picture, curved(np.array([*points, (1.0, 0.2)]) * (wide, -high) + (40, high + 30), 10), pen)
    turns = np.linspace(0, 5 * np.pi, 200)
    reach = 0.35 * high * np.random.default_rng(seed).uniform(0.6, 1.2)
    loops = (60 + wide * turns / 31.4 + 18 * np.sin(turns), 0.6 * high + 30 - reach * np.cos(turns))
    draw(picture, np.column_stack(loops), pen)
    (signature,) = found(model, picture)
    left, top, right, bottom = signature.quad[0], signature.quad[1], signature.quad[4], signature.quad[5]
    assert 0 <= left < wide / 2 < right <= wide + 80
    assert 0 <= top < high / 2 + 30 < bottom <= high + 70


def test_a_picture_cut_to_print_has_none(model: SignatureFinder) -> None:
    picture = np.full((170, 420), 250, np.uint8)
    cv2.putText(picture, "Agreement", (30, 110), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 30, 4, cv2.LINE_AA)
    assert found(model, picture) == ()


@pytest.mark.parametrize("pace", [26, 30, 34, 38, 42])
def test_a_curve_over_an_axis_is_a_graph(model: SignatureFinder, pace: int) -> None:
    page, along = printed(), np.linspace(0, 1, 300)
    draw(page, np.column_stack([300 + 420 * along, 1300 - 80 * np.sin(along * pace) * np.exp(-2 * along)]), 3)
    cv2.line(page, (288, 1300), (740, 1303), 60, 1, cv2.LINE_AA)
    assert found(model, page) == ()


def read_as(text: str, confidence: float, quad: Quad) -> TextLine:
    return TextLine(text, quad, confidence)


def test_a_name_read_as_surely_as_print_is_type_unless_words_ask_for_a_signature(model: SignatureFinder) -> None:
    page = printed()
    place = sign(page, left=700, base=1300)
    asked = line("Signature", place[0], place[5] + 12, 100)
    assert found(model, page, read_as("Anna Bell", 0.97, place)) == ()
    assert len(found(model, page, read_as("Anna Bell", 0.9, place))) == 1
    assert len(found(model, page, read_as("Anna Bell", 0.97, place), asked)) == 1


def test_where_strokes_may_be_a_signature_a_low_confidence_says_so(model: SignatureFinder) -> None:
    unsure, sure = printed(), printed()
    sign(unsure, left=421, base=1300, size=0.8)
    sign(sure, left=435, base=1300, size=1.0)
    (doubtful,), (certain,) = found(model, unsure), found(model, sure)
    assert doubtful.confidence < 0.5 < certain.confidence


def test_a_place_of_a_low_confidence_is_where_the_strokes_are(model: SignatureFinder) -> None:
    page = printed()
    place: Quad = sign(page, left=421, base=1300, size=0.8)
    (doubtful,) = found(model, page)
    assert box_quad(*doubtful.quad[:2], *doubtful.quad[4:6])[0] < (place[0] + place[4]) / 2 < doubtful.quad[4]
