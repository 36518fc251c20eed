"""Lines of print and solid shapes are no signatures; strokes and short names are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.catalog.signature.no_signature import is_in_a_line, is_solid
from models.catalog.signature.region_input import Grey
from schemas.prediction import Prediction, TextLine, box_quad

PLACE = box_quad(100, 100, 400, 160)


def read(text: str, confidence: float, quad: tuple[float, ...] = box_quad(80, 95, 700, 165)) -> dict[str, Prediction]:
    return {"ocr": Prediction(lines=(TextLine(text, quad, confidence, ()),))}


@pytest.mark.parametrize(
    ("earlier", "is_line"),
    [
        (read("P<UTOKOWALSKA<<MARTA<<<<<<<<<<<<", 0.77), True),
        (read("Alena Caldera", 0.95), False),
        (read("P<UTOKOWALSKA<<MARTA<<<<<<<<<<<<", 0.5), False),
        (read("P<UTOKOWALSKA<<MARTA<<<<<<<<<<<<", 0.9, box_quad(80, 300, 700, 360)), False),
        (read("a line of small print under the name", 0.9, box_quad(150, 150, 350, 160)), False),
        ({}, False),
    ],
    ids=["a machine readable line", "a legible name", "hardly read", "elsewhere", "small beside it", "nothing read"],
)
def test_a_long_line_that_was_read_is_no_signature(earlier: dict[str, Prediction], is_line: bool) -> None:
    assert is_in_a_line(PLACE, earlier) is is_line


def page(kind: str, ink: int = 60, paper: int = 250) -> Grey:
    pixels = np.full((260, 500), paper, np.uint8)
    if kind == "disc":
        cv2.circle(pixels, (250, 130), 90, ink, -1)
    elif kind == "triangle":
        cv2.fillPoly(pixels, [np.array([(120, 60), (380, 60), (250, 240)])], ink)
    elif kind != "nothing":
        width = {"thin": 2, "marker": 9}[kind]
        points = [(100 + 6 * step, int(130 + 40 * np.sin(step / 2.5))) for step in range(50)]
        cv2.polylines(pixels, [np.array(points)], False, ink, width)
    return pixels


@pytest.mark.parametrize("kind", ["disc", "triangle"])
def test_solid_shapes_are_none_also_where_only_a_part_is_seen(kind: str) -> None:
    pixels = page(kind)
    assert is_solid(pixels, box_quad(150, 50, 350, 230))
    assert is_solid(pixels, box_quad(150, 60, 250, 180))


@pytest.mark.parametrize("kind", ["thin", "marker", "nothing"])
@pytest.mark.parametrize(("ink", "paper"), [(60, 250), (20, 110)])
def test_strokes_are_never_solid_in_a_shadow_either(kind: str, ink: int, paper: int) -> None:
    pixels = np.vstack([page(kind, ink, paper), np.full((300, 500), 250, np.uint8)])
    assert not is_solid(pixels, box_quad(90, 80, 410, 180))


def test_a_place_outside_the_page_is_not_solid() -> None:
    assert not is_solid(page("disc"), box_quad(600, 300, 700, 400))
