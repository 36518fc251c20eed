"""Signatures are found on drawn pages, and print is not, through the registry."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.catalog.signature.adapter import SignatureFinder, moved
from models.contract import PageImage
from models.registry import load_model
from schemas.fields import FieldState
from schemas.prediction import Prediction, Quad, Signature, SignatureKind, Skew, TextLine, box_quad
from schemas.reading import Reading, Region

Page = npt.NDArray[np.uint8]
SIGNED = (SignatureKind.SIGNATURE, SignatureKind.INITIALS)


@pytest.fixture(scope="module")
def model() -> SignatureFinder:
    loaded = load_model("signature")
    assert isinstance(loaded, SignatureFinder)
    return loaded


def read(model: SignatureFinder, page: Page, quads: Sequence[Quad]) -> Sequence[Reading]:
    return model.read(PageImage(1, page), [Region(quad, "signature") for quad in quads])


def signed_scores(model: SignatureFinder, page: Page, quads: Sequence[Quad]) -> list[float]:
    return [sum(answer.scores[kind] for kind in SIGNED) for answer in read(model, page, quads)]


def letter() -> Page:
    """A printed letter with a ruled line to sign on at (700, 1400)."""
    page = np.full((1650, 1275), 250, np.uint8)
    for row in range(24):
        text = "The undersigned applies for the account named above today"
        cv2.putText(page, text, (150, 200 + 42 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 1, cv2.LINE_AA)
    cv2.line(page, (700, 1400), (1150, 1400), 40, 2)
    cv2.putText(page, "Signature", (700, 1430), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1, cv2.LINE_AA)
    return page


def sign(page: Page, left: int = 730, base: int = 1395, size: float = 1.0) -> Quad:
    """A looping pen stroke on the line; returns where it is."""
    steps = np.linspace(0, 9 * np.pi, 400)
    height = 22 + 26 * np.abs(np.sin(steps / 7 + 0.6))
    x = left + size * (9 * steps + 16 * np.sin(steps * 1.0) + 0.25 * height)
    y = base - size * height * (0.55 + 0.5 * np.cos(steps * 1.0))
    points = np.rint(np.stack([x, y], axis=1)).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(page, [points], False, 20, 2, cv2.LINE_AA)
    return box_quad(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def found(model: SignatureFinder, page: Page) -> tuple[Signature, ...]:
    (prediction,) = model.predict([PageImage(1, page)])
    return prediction.signatures


def shared(one: Quad, other: Quad) -> float:
    """Intersection over union of two upright boxes."""
    wide, high = min(one[4], other[4]) - max(one[0], other[0]), min(one[5], other[5]) - max(one[1], other[1])
    both = max(0.0, wide) * max(0.0, high)
    areas = [(quad[4] - quad[0]) * (quad[5] - quad[1]) for quad in (one, other)]
    return both / (sum(areas) - both)


def test_a_pen_stroke_on_the_line_is_found_and_print_is_not(model: SignatureFinder) -> None:
    page = letter()
    assert found(model, page) == ()
    place = sign(page)
    signatures = found(model, page)
    assert len(signatures) == 1
    assert shared(signatures[0].quad, place) > 0.6
    assert 0 < signatures[0].confidence < 1


@pytest.mark.parametrize("around", [0, 500, 900])
def test_a_signature_is_found_on_the_large_canvas_of_a_far_turn_that_was_undone(
    model: SignatureFinder, around: int
) -> None:
    page = letter()
    place = moved(sign(page), around, around)
    canvas = np.pad(page, around, constant_values=255)
    lines = tuple(
        TextLine("The undersigned applies", box_quad(150 + around, y + around, 900 + around, y + 30 + around), 0.9)
        for y in (180, 1420)
    )
    earlier = {
        "deskew": Prediction(skew=Skew(0, 0.99, 33.0, 0.99, turned=False, straightened=True)),
        "ocr": Prediction(lines=lines),
    }
    (prediction,) = model.predict([PageImage(1, canvas, earlier=earlier)])
    assert [shared(one.quad, place) > 0.6 for one in prediction.signatures] == [True]


def test_a_signature_larger_than_a_window_is_reported_once(model: SignatureFinder) -> None:
    page = np.full((1650, 1275), 250, np.uint8)
    place = sign(page, left=400, base=1300, size=2.2)
    signatures = found(model, page)
    assert len(signatures) == 1
    assert shared(signatures[0].quad, place) > 0.6


def test_two_signatures_side_by_side_are_two(model: SignatureFinder) -> None:
    page = np.full((1650, 1275), 250, np.uint8)
    places = [sign(page, left=150), sign(page, left=730)]
    signatures = sorted(found(model, page), key=lambda one: one.quad[0])
    assert len(signatures) == 2
    assert all(shared(one.quad, place) > 0.6 for one, place in zip(signatures, places, strict=True))


def test_colour_pages_are_read_as_grey_ones(model: SignatureFinder) -> None:
    page = letter()
    sign(page)
    assert len(found(model, np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), dtype=np.uint8))) == 1


def test_given_regions_are_told_apart_in_order(model: SignatureFinder) -> None:
    page = letter()
    x1, y1, _, _, x2, y2, _, _ = sign(page)
    quads = [
        box_quad(x1 - 15, y1 - 15, x2 + 15, y2 + 15),
        box_quad(150, 1250, 500, 1350),
        box_quad(150, 180, 700, 300),
    ]
    answers = read(model, page, quads)
    assert answers[0].value in SIGNED
    assert (answers[1].value, answers[1].state) == (SignatureKind.EMPTY, FieldState.BLANK)
    assert answers[2].value not in SIGNED
    assert [answers[0].state, answers[2].state] == [FieldState.FILLED] * 2
    assert all(0 < answer.confidence < 1 for answer in answers)


def test_a_ruled_line_alone_is_no_signature(model: SignatureFinder) -> None:
    (answer,) = read(model, letter(), [box_quad(690, 1330, 1160, 1408)])
    assert answer.value in (SignatureKind.EMPTY, SignatureKind.STRAY_LINE)


@pytest.mark.parametrize(
    "pixels", [np.full((1650, 1275), 250, np.uint8), np.zeros((900, 700), np.uint8), np.full((5, 5, 3), 255, np.uint8)]
)
def test_a_page_without_ink_has_no_signature(model: SignatureFinder, pixels: Page) -> None:
    assert found(model, pixels) == ()
    (answer,) = read(model, pixels, [box_quad(0, 0, 4, 4)])
    assert answer.value == SignatureKind.EMPTY


def test_noise_and_scribble_end_and_stay_inside_the_page(model: SignatureFinder) -> None:
    random = np.random.default_rng(3)
    noise = random.integers(0, 256, (2200, 1700, 3), dtype=np.uint8)
    scribble = np.full((2200, 1700), 255, np.uint8)
    cv2.polylines(scribble, [random.integers(0, 1700, (900, 1, 2)).astype(np.int32)], False, 0, 2)
    for page in (noise, scribble):
        signatures = found(model, page)
        assert len(signatures) <= 8
        for one in signatures:
            assert min(one.quad) >= 0
            assert max(one.quad[0::2]) <= 1700
            assert max(one.quad[1::2]) <= 2200


def test_scores_follow_the_order_of_the_regions_and_sort_signed_from_unsigned(model: SignatureFinder) -> None:
    page = letter()
    x1, y1, _, _, x2, y2, _, _ = sign(page)
    quads = [box_quad(150, 1250, 500, 1350), box_quad(x1 - 15, y1 - 15, x2 + 15, y2 + 15), box_quad(150, 180, 700, 300)]
    scores = signed_scores(model, page, quads)
    assert all(0 <= score <= 1 for score in scores)
    assert scores[1] > max(scores[0], scores[2])
    assert signed_scores(model, page, quads[::-1]) == pytest.approx(scores[::-1], abs=1e-4)


def test_a_region_outside_the_page_cannot_be_read_and_one_of_no_size_is_empty(model: SignatureFinder) -> None:
    outside = [box_quad(2000, 100, 2300, 200), box_quad(-300, -200, -10, -10), box_quad(50, 50, 50, 50)]
    answers = read(model, letter(), outside)
    assert [answer.state for answer in answers] == [FieldState.UNREADABLE, FieldState.UNREADABLE, FieldState.BLANK]
    assert answers[2].value == SignatureKind.EMPTY


def test_no_regions_give_no_answers(model: SignatureFinder) -> None:
    assert list(read(model, letter(), [])) == []


def test_regions_of_real_pages(model: SignatureFinder, evaluation_data: Path) -> None:
    folder = evaluation_data / "signature"
    if not folder.is_dir():
        pytest.skip("no signature pages")
    answers: list[bool] = []
    for row in list(csv.DictReader((folder / "index.csv").open(encoding="utf-8")))[::4]:
        truth = json.loads((folder / row["truth"]).read_text(encoding="utf-8"))["boxes"]
        quads = [box_quad(*(float(v) for v in one["box"])) for one in truth if one.get("kind") != "paraphe"]
        if quads:
            pixels = np.asarray(cv2.imread(str(folder / row["path"])), dtype=np.uint8)
            answers += [answer.value in SIGNED for answer in read(model, pixels, quads)]
    assert len(answers) > 20
    assert sum(answers) / len(answers) > 0.75
