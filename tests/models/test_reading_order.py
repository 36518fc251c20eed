"""Lines come in the order in which a person reads them: columns of running text one after the other, forms by rows."""

from __future__ import annotations

import random

import pytest

from models.reading_order import in_reading_order
from schemas.prediction import TextLine, box_quad

PROSE = ("the", "applicant", "declares", "that", "all", "of", "this", "is", "true", "and", "complete")


def line(text, left, top, width, height=14):
    return TextLine(text, box_quad(left, top, left + width, top + height), 0.9)


def column(name, left, top, count, width=380, seed=0):
    made = random.Random(f"{name}{seed}")
    return [
        line(
            f"{name}{number} " + " ".join(made.choices(PROSE, k=5)), left, top + 22 * number, width - made.random() * 90
        )
        for number in range(count)
    ]


def names(lines):
    return [found.text.split()[0] for found in lines]


def shuffled(lines, seed):
    mixed = list(lines)
    random.Random(seed).shuffle(mixed)
    return mixed


@pytest.mark.parametrize("columns", [2, 3, 8])
@pytest.mark.parametrize("shift", [0, 5, 11])
def test_columns_of_text_are_read_one_after_the_other(columns, shift):
    title = line("Title of the whole page", 60, 40, 300 * columns, 24)
    foot = line("Foot across the page", 60, 700, 300 * columns, 12)
    parts = [column(f"c{part}-", 60 + 420 * part, 100 + shift * part, 20 - part) for part in range(columns)]
    expected = [title, *(one for part in parts for one in part), foot]
    for seed in range(4):
        assert names(in_reading_order(shuffled(expected, seed))) == names(expected)


def test_each_stretch_between_headings_has_its_columns():
    expected = []
    for part in range(2):
        top = 60 + 300 * part
        expected.append(line(f"heading{part} across both columns of it", 60, top, 700, 20))
        expected += column(f"l{part}-", 60, top + 40, 8) + column(f"r{part}-", 480, top + 45, 8)
    assert names(in_reading_order(shuffled(expected, 1))) == names(expected)


def test_forms_and_tables_are_read_by_rows():
    rows = [(f"label{n}", f"value{n}", f"{n}00.00") for n in range(12)]
    cells = [line(text, 60 + 300 * k, 60 + 30 * n, 120) for n, row in enumerate(rows) for k, text in enumerate(row)]
    assert names(in_reading_order(shuffled(cells, 2))) == [text for row in rows for text in row]


def test_long_descriptions_stay_beside_their_amounts():
    texts = column("d", 60, 60, 12)
    amounts = [line(f"a{n}", 700, 60 + 22 * n, 60) for n in range(12)]
    expected = [name for pair in zip(names(texts), names(amounts), strict=True) for name in pair]
    assert names(in_reading_order(shuffled([*texts, *amounts], 3))) == expected


def test_one_column_is_read_from_top_to_bottom():
    lines = column("p", 60, 60, 30, width=700)
    assert names(in_reading_order(shuffled(lines, 4))) == names(lines)
