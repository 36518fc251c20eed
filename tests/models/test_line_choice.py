"""Two readings of a line, with the weights as shipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.ocr
from models.ocr.crop_confidence import CropConfidence
from models.ocr.line_choice import Pair

CHOICE = CropConfidence(Path(next(iter(models.ocr.__path__))) / "crops.json").choice
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
        found = [CHOICE.confidence(Pair(ours / 20, theirs, same)) for ours in range(8, 21)]
        assert found == sorted(found)
