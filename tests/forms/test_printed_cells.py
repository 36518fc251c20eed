"""Cells that a blank prints into a field of text, of which its PDF says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from clients.making_forms import Wish, make_form
from forms.form import FieldKind, FormField
from forms.form_file import read_form
from tests.forms.blank_pdf import blank_pdf


def made(tmp_path: Path, drawing: str, *fields: tuple[str, tuple[int, int, int, int]]) -> dict[str, FormField]:
    plain = blank_pdf(
        tmp_path / "plain.pdf",
        [{"/FT": "/Tx", "/T": name, "/Rect": [float(edge) for edge in place]} for name, place in fields],
    )
    writer = PdfWriter(clone_from=plain)
    content = StreamObject()
    content.set_data(drawing.encode())
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    writer.write(tmp_path / "blank.pdf")
    form = make_form(tmp_path / "blank.pdf", Wish("loan"), tmp_path / "forms").form
    return {field.name: field for field in form.fields}


def cells(left: int, bottom: int, count: int, width: int = 16, height: int = 18) -> str:
    return " ".join(f"{left + number * width} {bottom} {width} {height} re S" for number in range(count))


def test_a_field_on_printed_cells_says_how_many_and_stays_what_it_is(tmp_path: Path) -> None:
    fields = made(
        tmp_path,
        f"1 w {cells(100, 600, 8)} 100 500 300 20 re S",
        ("birth date", (100, 600, 228, 618)),
        ("name", (100, 500, 400, 520)),
        ("elsewhere", (300, 600, 420, 618)),
    )
    assert {name: field.cells for name, field in fields.items()} == {"birth date": 8, "name": None, "elsewhere": None}
    assert fields["birth date"].kind is FieldKind.DATE


@pytest.mark.parametrize("place", [(100, 600, 180, 618), (60, 560, 320, 700)])
def test_a_field_on_part_of_the_cells_or_around_them_is_left_alone(
    tmp_path: Path, place: tuple[int, int, int, int]
) -> None:
    assert made(tmp_path, f"1 w {cells(100, 600, 8)}", ("number", place))["number"].cells is None


DATE = f"1 w {cells(100, 600, 2)} {cells(140, 600, 2)} {cells(180, 600, 4)}"
"""Day, month and year, eight points apart."""


def test_cells_that_stand_in_groups_say_where_each_is(tmp_path: Path) -> None:
    field = made(tmp_path, DATE, ("birth date", (100, 600, 244, 618)))["birth date"]
    assert field.cells == 8
    middles = [100 + 144 * (left + right) / 2 for left, right in field.cell_spans]
    assert middles == pytest.approx([108, 124, 148, 164, 188, 204, 220, 236], abs=0.6)
    assert read_form(tmp_path / "forms" / "loan").fields[0].cell_spans == field.cell_spans


@pytest.mark.parametrize(
    "drawing",
    [
        f"1 w {cells(100, 600, 9)}",
        f"1 w {cells(100, 600, 2)} {cells(140, 600, 2)} {cells(204, 600, 2, 20)}",
        "1 w 100 600 40 18 re S 150 600 94 18 re S",
    ],
    ids=["side by side", "too few to be sure", "no cells"],
)
def test_other_cells_say_nothing_of_places(tmp_path: Path, drawing: str) -> None:
    assert made(tmp_path, drawing, ("number", (100, 600, 244, 618)))["number"].cell_spans == ()


@pytest.mark.parametrize("spans", [[[0, 0.4]], [[0, 0.6], [0.4, 1]], [[0.5, 0.4], [0.6, 1]], [[0, 0.5], [0.6, 1.1]]])
def test_spans_that_cannot_be_are_refused(spans: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="cell_spans"):
        FormField.model_validate(
            {"name": "x", "kind": "comb", "cells": 2, "cell_spans": spans, "places": [{"page": 1, "box": [0, 0, 1, 1]}]}
        )
