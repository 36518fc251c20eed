"""What people do where a form asks for their name: felt pens, strokes into print or across a seal, pale scans, and what
they write beside it: places, dates, names in capitals."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.catalog.signature.adapter import SignatureFinder
from models.contract import PageImage
from models.registry import load_model
from schemas.prediction import Prediction, Quad, Signature, TextLine, Word, box_quad
from synthesis.ink.marks import curved
from tests.models.test_signature import Page, shared, sign


@pytest.fixture(scope="module")
def model() -> SignatureFinder:
    loaded = load_model("signature")
    assert isinstance(loaded, SignatureFinder)
    return loaded


def line(text: str, left: float, top: float, width: float, height: float = 22) -> TextLine:
    """As ocr answers, words of even width."""
    words = text.split()
    each = width / len(words)
    return TextLine(
        text,
        box_quad(left, top, left + width, top + height),
        0.98,
        tuple(
            Word(word, box_quad(left + each * n, top, left + each * (n + 0.9), top + height), 0.98)
            for n, word in enumerate(words)
        ),
    )


def form(print_down_to: int = 1000) -> tuple[Page, list[TextLine]]:
    """A page of print with a line to sign on, and what is read on it."""
    page = np.full((1650, 1275), 250, np.uint8)
    lines = []
    for y in range(200, print_down_to, 42):
        text = "The undersigned applies for the account named above today"
        cv2.putText(page, text, (150, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 30, 1, cv2.LINE_AA)
        lines.append(line(text, 150, y - 22, 900))
    cv2.line(page, (700, 1400), (1150, 1400), 40, 2)
    cv2.putText(page, "Signature", (700, 1432), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1, cv2.LINE_AA)
    return page, [*lines, line("Signature", 700, 1412, 100)]


def found(model: SignatureFinder, page: Page, lines: list[TextLine]) -> tuple[Signature, ...]:
    (prediction,) = model.predict([PageImage(1, page, dpi=150, earlier={"ocr": Prediction(lines=tuple(lines))})])
    return prediction.signatures


def angular(page: Page, pen: int, seed: int) -> Quad:
    """A capital and waves with points, `pen` pixels wide; returns where it is."""
    random = np.random.default_rng(seed)
    wide, high, left, base = 310, 85, 740, 1395
    points = [(0.0, 0.0), (0.08, 1.0), (0.14, 0.9), (0.06, 0.1), (0.2, 0.5)]
    x = 0.22
    while x < 0.9:
        step = random.uniform(0.035, 0.08)
        up = random.uniform(0.15, 0.45) if random.random() < 0.75 else random.uniform(0.6, 1.0)
        points += [(x, up), (x + 0.6 * step, random.uniform(-0.08, 0.05))]
        x += step
    line = curved(np.array([*points, (1.0, 0.2)]) * (wide, -high) + (left, base), 10)
    cv2.polylines(page, [np.rint(line * 8).astype(np.int32)], False, 20, pen, cv2.LINE_AA, shift=3)
    (x0, y0), (x1, y1) = line.min(axis=0).tolist(), line.max(axis=0).tolist()
    return box_quad(x0, y0, x1, y1)


@pytest.mark.parametrize("pen", [5, 7, 8])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_felt_pen_is_a_pen_where_a_signature_is_asked_for(model: SignatureFinder, pen: int, seed: int) -> None:
    page, lines = form()
    place = angular(page, pen, seed)
    (signature,) = found(model, page, lines)
    assert shared(signature.quad, place) > 0.5


@pytest.mark.parametrize("contrast", [0.2, 0.25, 0.4])
def test_a_pale_page_has_pale_signatures(model: SignatureFinder, contrast: float) -> None:
    page, lines = form()
    place = sign(page)
    pale = np.clip(250 - contrast * (250 - page.astype(np.float64)), 0, 255).astype(np.uint8)
    (signature,) = found(model, pale, lines)
    assert shared(signature.quad, place) > 0.5


def test_strokes_may_reach_into_the_print_above(model: SignatureFinder) -> None:
    page, lines = form(print_down_to=1340)
    place = sign(page, base=1398, size=2.0)
    (signature,) = found(model, page, lines)
    assert shared(signature.quad, place) > 0.4


@pytest.mark.parametrize("across", [960, 1000, 1040])
def test_a_name_may_go_across_a_seal(model: SignatureFinder, across: int) -> None:
    page, lines = form()
    for radius, width in ((85, 5), (60, 2)):
        cv2.circle(page, (across, 1330), radius, 110, width, cv2.LINE_AA)
    assert found(model, page, lines) == ()
    place = sign(page, left=720, size=1.5)
    (signature,) = found(model, page, lines)
    assert shared(signature.quad, place) > 0.3


@pytest.mark.parametrize(
    "label", ["Place, date", "Ort, Datum", "Lieu, date", "Name in block letters", "Nombre y apellidos"]
)
def test_what_stands_over_another_label_is_no_signature(model: SignatureFinder, label: str) -> None:
    page, lines = form()
    cv2.line(page, (150, 1400), (600, 1400), 40, 2)
    cv2.putText(page, label, (150, 1432), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1, cv2.LINE_AA)
    sign(page, left=170, base=1395)
    assert found(model, page, [*lines, line(label, 150, 1412, 170)]) == ()
    assert len(found(model, page, lines)) == 1


@pytest.mark.parametrize(
    "label", ["Assinatura", "Handtekening", "Podpis wnioskodawcy", "Underskrift", "İmza", "Date and signature"]
)
def test_a_label_for_signatures_in_another_language_denies_none(model: SignatureFinder, label: str) -> None:
    page, lines = form()
    place = sign(page)
    (signature,) = found(model, page, [*lines[:-1], line(label, 700, 1412, 140)])
    assert shared(signature.quad, place) > 0.5


def test_the_label_of_the_next_place_says_nothing_of_the_name_above_it(model: SignatureFinder) -> None:
    page, lines = form()
    place = sign(page)
    (signature,) = found(model, page, [*lines[:-1], line("Signature", 700, 1300, 100), line("Date", 700, 1412, 60)])
    assert shared(signature.quad, place) > 0.5
