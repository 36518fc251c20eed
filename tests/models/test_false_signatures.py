"""Drawings, boxes, print and what shines through are no signatures on a whole page; a pen's strokes beside them are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.catalog.signature.adapter import SignatureFinder
from models.contract import PageImage
from models.registry import load_model
from schemas.prediction import Checkbox, CheckboxState, Prediction, Signature, SignatureKind, TextLine, Word, box_quad
from tests.models.test_signature import Page, letter, sign

Draw = Callable[[Page], dict[str, Prediction] | None]


@pytest.fixture(scope="module")
def model() -> SignatureFinder:
    loaded = load_model("signature")
    assert isinstance(loaded, SignatureFinder)
    return loaded


def found(model: SignatureFinder, page: Page, earlier: dict[str, Prediction] | None) -> tuple[Signature, ...]:
    (prediction,) = model.predict([PageImage(1, page, earlier=earlier or {})])
    return prediction.signatures


def rings(page: Page) -> None:
    for number, radius in enumerate((25, 60, 110)):
        cv2.circle(page, (250 + 280 * number, 1320), radius, 40, 6)
    cv2.circle(page, (810, 1320), 70, 40, 4)


def pie_chart(page: Page) -> None:
    cv2.circle(page, (500, 1370), 150, 30, 4)
    for angle in (0.2, 1.3, 2.9, 4.4, 5.5):
        cv2.line(page, (500, 1370), (500 + round(150 * np.cos(angle)), 1370 + round(150 * np.sin(angle))), 30, 4)


def line_chart(page: Page) -> None:
    heights = np.random.default_rng(4).normal(0, 60, 16)
    points = [(150 + 60 * number, round(1520 + 0.7 * height)) for number, height in enumerate(heights)]
    cv2.polylines(page, [np.array(points)], False, 30, 4)


def logo(page: Page) -> None:
    cv2.fillPoly(page, [np.array([(300, 1400), (360, 1280), (400, 1350), (440, 1300), (510, 1400)])], 60)
    cv2.putText(page, "Alpine Trust", (540, 1390), cv2.FONT_HERSHEY_DUPLEX, 2.0, 60, 4)


def through_the_paper(page: Page) -> None:
    back = np.full_like(page, 250)
    sign(back, left=300, base=1330, size=1.4)
    shade = cv2.GaussianBlur(np.ascontiguousarray(back[:, ::-1]), (0, 0), 2.0)
    page[:] = np.minimum(page, 250 - (250 - shade) // 4)


def street_map(page: Page) -> None:
    cv2.rectangle(page, (120, 1200), (620, 1540), 40, 2)
    along = np.linspace(0, 1, 60)
    for number, width in enumerate((7, 5, 2, 2, 2, 2)):
        rise = 0.5 + 0.4 * np.sin(along * (3 + 1.3 * number) + number)
        points = np.column_stack([120 + 500 * along, 1200 + 340 * rise])
        cv2.polylines(page, [np.rint(points).astype(np.int32).reshape(-1, 1, 2)], False, 50, width, cv2.LINE_AA)


def closed_logo(page: Page) -> None:
    cv2.polylines(page, [np.array([(300, 1420), (370, 1290), (440, 1420)])], True, 40, 8)
    cv2.polylines(page, [np.array([(320, 1415), (350, 1350), (440, 1318)])], False, 40, 6)


def exploded_pie(page: Page) -> None:
    for number, angle in enumerate(np.arange(5) * 2 * np.pi / 5):
        centre = 500 + 14 * np.cos(angle + 0.6), 1370 + 14 * np.sin(angle + 0.6)
        start = round(np.degrees(angle))
        rim = cv2.ellipse2Poly((round(centre[0]), round(centre[1])), (130, 130), 0, start, start + 72, 4)
        cv2.polylines(page, [np.vstack([rim, [np.rint(centre).astype(int)]])], True, 30 + number, 3)


def struck_words(page: Page) -> dict[str, Prediction]:
    """Print struck out by hand: the reader still reads most words."""
    place = sign(page, left=300, base=1350)
    left, top, right, bottom = place[0], place[1], place[4], place[5]
    middle = (left + right) / 2
    words = (
        Word("please", box_quad(left, top, middle - 5, bottom), 0.93),
        Word("return", box_quad(middle + 5, top, right, bottom), 0.95),
    )
    line = TextLine("Kindly please return", box_quad(left - 400, top, right, bottom), 0.6, words)
    return {"ocr": Prediction(lines=(line,))}


def crossed_boxes(page: Page) -> dict[str, Prediction]:
    boxes = []
    for number in range(4):
        left = 180 + 250 * number
        cv2.rectangle(page, (left, 1300), (left + 60, 1360), 20, 3)
        cv2.line(page, (left - 12, 1290), (left + 70, 1372), 40, 5)
        cv2.line(page, (left + 74, 1286), (left - 8, 1370), 40, 5)
        boxes.append(Checkbox(CheckboxState.CROSSED, box_quad(left, 1300, left + 60, 1360), 0.9))
    return {"checkbox": Prediction(checkboxes=tuple(boxes))}


def a_note(page: Page) -> dict[str, Prediction]:
    place = sign(page, left=300, base=1350)
    return {"ocr": Prediction(lines=(TextLine("please call back", place, 0.8),))}


def a_machine_readable_line(page: Page) -> dict[str, Prediction]:
    text = "P<UTOKOWALSKA<<MARTA<<<<<<<<<<<<<<<<<<"
    cv2.putText(page, text, (100, 1400), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 20, 3)
    return {"ocr": Prediction(lines=(TextLine(text, box_quad(95, 1350, 1250, 1415), 0.9),))}


def heights(page: Page) -> None:
    """Lines of equal height around a hill, in one another."""
    turns = np.linspace(0, 2 * np.pi, 120)
    for step in range(2, 7):
        radius = step / 8 * (1 + 0.25 * np.sin(2 * turns + 2.543) + 0.15 * np.sin(3 * turns + 5.571))
        points = np.column_stack([np.cos(turns), 0.6 * np.sin(turns)]) * radius[:, None] * 161 + (560, 1380)
        cv2.polylines(page, [np.rint(points).astype(np.int32)], True, 43, 2, cv2.LINE_AA)


def seal(page: Page) -> None:
    """A star around a ring, with ribbons; a window may show no more than half of the ring."""
    turns, size, middle = np.arange(24) * np.pi / 12, 89.0, np.array((585, 1293))
    radius = np.where(np.arange(24) % 2, 0.86, 1.0) * size
    rim = middle + radius[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
    cv2.polylines(page, [np.rint(rim).astype(np.int32)], True, 40, 2, cv2.LINE_AA)
    cv2.circle(page, (585, 1293), round(0.7 * size), 40, 2, cv2.LINE_AA)
    cv2.putText(page, "OK", (558, 1311), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, size / 60, 40, 2, cv2.LINE_AA)
    for side in (-1, 1):
        tail = np.array([(0.2, 0.9), (0.55, 2.0), (0.3, 1.8), (0.05, 2.1), (-0.1, 0.9)]) * size * (side, 1) + middle
        cv2.polylines(page, [np.rint(tail).astype(np.int32)], True, 40, 2, cv2.LINE_AA)


def torn_edge(page: Page) -> None:
    """A ragged line across the page, copied with grain."""
    random = np.random.default_rng(48)
    rag = random.uniform(1200, 1560) + np.cumsum(random.normal(0, random.uniform(2, 5), 160))
    points = np.column_stack([np.linspace(0, page.shape[1], 160), rag])
    cv2.polylines(page, [np.rint(points).astype(np.int32)], False, 68, 2, cv2.LINE_AA)
    page[:] = cv2.GaussianBlur(page, (0, 0), 0.8)
    grain = random.random(page.shape) < 0.01
    page[grain] = random.integers(80, 200)


def bent_arrow(page: Page) -> dict[str, Prediction]:
    """From a remark in the margin to an empty line, over the word that asks for a name."""
    along = np.linspace(0, 1, 60)[:, None]
    ends = np.array([(300.0, 1290.0), (367.0, 1428.0), (395.0, 1477.0), (406.0, 1427.0)])
    weights = (1 - along) ** 3, 3 * along * (1 - along) ** 2, 3 * along**2 * (1 - along), along**3
    shaft = np.hstack(weights) @ ends
    head = np.array([(392, 1439), (406, 1427), (411, 1445)])
    for stroke in (shaft, head):
        cv2.polylines(page, [np.rint(stroke).astype(np.int32)], False, 50, 4, cv2.LINE_AA)
    cv2.line(page, (414, 1427), (764, 1427), 40, 2)
    cv2.putText(page, "Signed", (414, 1449), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 40, 1, cv2.LINE_AA)
    return {"ocr": Prediction(lines=(TextLine("Signed", box_quad(414, 1433, 479, 1451), 0.98),))}


def figures_below(page: Page) -> dict[str, Prediction]:
    """Strokes across a table, the figures of which were read all the same."""
    left, top, _, _, right, bottom, _, _ = sign(page, left=300, base=1350)
    ends, middle = np.linspace(left, right, 4), (top + bottom) / 2
    words = tuple(
        Word(text, box_quad(ends[number], middle - 12, ends[number + 1] - 6, middle + 12), 0.95)
        for number, text in enumerate(("4,315.20", "871.90", "12,004.55"))
    )
    return {
        "ocr": Prediction(
            lines=(TextLine("4,315.20 871.90 12,004.55", box_quad(left, middle - 12, right, middle + 12), 0.9, words),)
        )
    }


@pytest.mark.parametrize(
    "draw",
    [
        bent_arrow,
        figures_below,
        heights,
        seal,
        torn_edge,
        rings,
        pie_chart,
        line_chart,
        logo,
        through_the_paper,
        street_map,
        closed_logo,
        exploded_pie,
        struck_words,
        crossed_boxes,
        a_note,
        a_machine_readable_line,
    ],
    ids=lambda draw: draw.__name__,
)
def test_a_page_without_a_signature_has_none(model: SignatureFinder, draw: Draw) -> None:
    page = letter()
    earlier = draw(page)
    assert found(model, page, earlier) == ()


@pytest.mark.parametrize(
    "draw", [rings, pie_chart, logo, street_map, closed_logo, crossed_boxes], ids=lambda draw: draw.__name__
)
def test_a_signature_beside_them_is_found_all_the_same(model: SignatureFinder, draw: Draw) -> None:
    page = letter()
    earlier = draw(page)
    place = sign(page, left=730, base=1540)
    signatures = found(model, page, earlier)
    assert len(signatures) == 1
    assert place[1] - 30 < (signatures[0].quad[1] + signatures[0].quad[5]) / 2 < place[5] + 30


def test_a_signature_on_a_line_of_a_table_is_found(model: SignatureFinder) -> None:
    page = letter()
    for y in (1280, 1420, 1560):
        cv2.line(page, (80, y), (1200, y), 40, 3)
    for x in (80, 640, 1200):
        cv2.line(page, (x, 1280), (x, 1560), 40, 3)
    sign(page, left=730, base=1412)
    assert len(found(model, page, None)) == 1


def test_letters_as_small_as_initials_are_called_initials(model: SignatureFinder) -> None:
    page = np.full((1754, 1240), 250, np.uint8)
    sign(page, left=1050, base=1640, size=0.33)
    assert all(one.kind is SignatureKind.INITIALS for one in found(model, page, None))


def test_words_that_begin_large_may_be_a_name_and_are_left(model: SignatureFinder) -> None:
    page = letter()
    left, top, _, _, right, bottom, _, _ = sign(page, left=730, base=1540)
    half = (left + right) / 2
    words = (
        Word("Anna", box_quad(left, top, half, bottom), 0.95),
        Word("Bell", box_quad(half, top, right, bottom), 0.95),
    )
    earlier = {"ocr": Prediction(lines=(TextLine("Anna Bell", box_quad(left, top, right, bottom), 0.9, words),))}
    assert len(found(model, page, earlier)) == 1


def test_a_wave_over_the_word_signature_is_one(model: SignatureFinder, evaluation_data: Path) -> None:
    """Beside words that ask for a name, strokes that a map or graph has too are a pen's."""
    picture = cv2.imread(str(evaluation_data / "trouble" / "files" / "00-reference-mini-form.png"))
    place = box_quad(37, 471, 149, 498)
    asked = Prediction(lines=(TextLine("Signature", place, 0.99, (Word("Signature", place, 0.99),)),))
    page = np.asarray(picture, dtype=np.uint8)
    assert [each.kind for each in found(model, page, {"ocr": asked})] == [SignatureKind.SIGNATURE]
    assert found(model, page, None) == ()


def test_a_low_wave_over_the_word_signature_is_one_and_a_cross_is_none(model: SignatureFinder) -> None:
    asked = Prediction(lines=(TextLine("Signature", box_quad(80, 970, 178, 995), 0.99),))
    for waved in (True, False):
        page = np.full((1150, 900), 255, np.uint8)
        for row in range(12):
            cv2.putText(page, "I agree to the rules of the club", (80, 100 + 50 * row), 0, 0.9, 15, 2, cv2.LINE_AA)
        cv2.line(page, (80, 960), (480, 960), 15, 2)
        if waved:
            points = [(110 + 2 * step, round(925 + 16 * np.sin(step / 6))) for step in range(140)]
            cv2.polylines(page, [np.array(points)], False, 20, 3)
        else:
            cv2.line(page, (84, 930), (112, 958), 20, 4)
            cv2.line(page, (111, 931), (85, 957), 20, 4)
        kinds = [each.kind for each in found(model, page, {"ocr": asked})]
        assert kinds == ([SignatureKind.SIGNATURE] if waved else [])


def test_sharp_points_over_the_word_signature_are_one_although_a_second_window_is_far_from_the_word(
    model: SignatureFinder,
) -> None:
    page = np.full((1754, 1240), 250, np.uint8)
    for row in range(20):
        cv2.putText(page, "we have received your letter and would", (120, 300 + 40 * row), 0, 0.8, 40, 2, cv2.LINE_AA)
    cv2.line(page, (200, 1400), (650, 1400), 40, 2)
    random = np.random.default_rng(3)
    count = int(random.integers(6, 14))
    x = 220 + np.cumsum(random.uniform(10, 70, count))
    y = 1390 + np.where(np.arange(count) % 2, 5, -60 * random.uniform(0.5, 1.4, count)) + random.normal(0, 6, count)
    cv2.polylines(page, [np.rint(np.column_stack([x, y])).astype(np.int32)], False, 40, 4, cv2.LINE_AA)
    asked = Prediction(lines=(TextLine("Signature", box_quad(200, 1412, 300, 1434), 0.9),))
    assert [each.kind for each in found(model, page, {"ocr": asked})] == [SignatureKind.SIGNATURE]
