"""Two readings of a line, with the weights as shipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.catalog.ocr
from models.catalog.ocr.field.crop_confidence import CropConfidence
from models.catalog.ocr.field.formats import is_bare, is_usual
from models.catalog.ocr.field.line_choice import Pair
from models.catalog.ocr.language.alphabets import CropKind

CHOICE = CropConfidence.of(Path(next(iter(models.catalog.ocr.__path__))) / "crops.json").choice
shares = st.floats(0, 1)


@given(shares, shares)
def test_what_both_read_alike_is_surer_than_what_one_reads_alone(ours, theirs):
    alike, apart = Pair(ours, theirs, True), Pair(ours, theirs, False)
    assert not CHOICE.prefers_printed(alike)
    if theirs >= 0.5 and not CHOICE.prefers_printed(apart):
        assert CHOICE.confidence(alike) > CHOICE.confidence(apart)


@given(shares, shares, st.booleans())
def test_a_confidence_is_a_probability(ours, theirs, same):
    assert 0 <= CHOICE.confidence(Pair(ours, theirs, same)) <= 1


@pytest.mark.parametrize("theirs", [0.1, 0.9])
def test_being_surer_of_its_own_reading_never_makes_the_answer_less_sure(theirs):
    for same in (False, True):
        pairs = [Pair(ours / 40, theirs, same) for ours in range(41)]
        found = [CHOICE.confidence(pair) for pair in pairs if not CHOICE.prefers_printed(pair)]
        assert len(found) > 1
        assert found == sorted(found)


@pytest.mark.parametrize(
    ("kind", "usual", "unusual"),
    [
        (
            "date",
            ("1/2/99", "01.12.2004", "3-4-05", "2004-05-06"),
            ("01122004", "0112/2004", "1/2.99", "1/22/", "13/13/2004", "32.1.2004", "1/2/9969", ""),
        ),
        (
            "amount",
            ("1,234.50", "$12.00", "1.234,50", "750", "0.05", "1.234,-"),
            ("1.234.5", "4.543.07", "12 00", "$.", ""),
        ),
        ("digits", ("12", "", "1 2"), ()),
    ],
)
def test_a_date_or_an_amount_of_an_unusual_form_is_trusted_less(kind, usual, unusual):
    confidence = CropConfidence.of(Path(next(iter(models.catalog.ocr.__path__))) / "crops.json")
    assert all(is_usual(CropKind(kind), text) for text in usual)
    assert not any(is_usual(CropKind(kind), text) for text in unusual)
    assert confidence.of_line(CropKind(kind), "", 0.0) == 0.0
    for text in filter(None, unusual):
        assert confidence.of_line(CropKind(kind), text, 0.9) < confidence.of_line(CropKind(kind), usual[0], 0.9)


@pytest.mark.parametrize(
    ("kind", "text", "bare"),
    [
        ("amount", "2516", True),
        ("amount", "$ 250", True),
        ("amount", "25.16", False),
        ("amount", "75", False),
        ("amount", "2,516", False),
        ("digits", "2516", False),
    ],
)
def test_an_amount_without_any_sign_between_its_figures_may_have_lost_one(kind, text, bare):
    confidence = CropConfidence.of(Path(next(iter(models.catalog.ocr.__path__))) / "crops.json")
    assert is_bare(CropKind(kind), text) is bare
    if bare:
        assert confidence.of_line(CropKind(kind), text, 0.9) < confidence.of_line(CropKind(kind), "25.16", 0.9)
