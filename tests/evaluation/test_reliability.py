"""Do confidences sort right from wrong, and is 0.9 right nine times in ten."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.folder import Case
from evaluation.reliability import reliability
from evaluation.reliability_diagram import reliability_diagram
from evaluation.sample import Answer, Sample


def _samples(*pages):
    """One sample a page, of (confidence, right) pairs."""
    return [
        Sample(
            Case(Path(f"{number}.png"), f"{number}.png", "", {}, "all", ""),
            {},
            answers=[Answer("state", confidence, right) for confidence, right in page],
        )
        for number, page in enumerate(pages)
    ]


def test_auroc_is_the_share_of_pairs_in_order_with_ties_half():
    found = reliability(_samples([(0.9, True), (0.5, False)], [(0.5, True), (0.2, False)], [(0.3, True)]))["state"]
    # Of the pairs (0.9, 0.5, 0.3) x (0.5, 0.2): all but one tie and 0.3 under 0.5 are in order.
    assert found.auroc.value == pytest.approx(4.5 / 6)
    assert found.auroc.count == 5
    assert 0 <= found.auroc.low <= found.auroc.value <= found.auroc.high <= 1


def test_auroc_says_why_it_cannot_be_measured():
    assert reliability(_samples([(0.9, True)]))["state"].auroc.remark == "no answer is wrong"
    assert reliability(_samples([(0.9, False)]))["state"].auroc.remark == "no answer is right"
    assert reliability(_samples([])) == {}


def test_nine_in_ten_fits_and_is_told_from_too_sure_and_too_modest():
    fits = [(0.9, index % 10 != 0) for index in range(100)]
    half = [(0.9, index % 2 == 0) for index in range(100)]
    modest = [(0.6, index != 0) for index in range(100)]
    assert reliability(_samples(fits))["state"].nine_in_ten.verdict == "fits"
    assert reliability(_samples(half))["state"].nine_in_ten.verdict == "too sure"
    assert "too sure" in reliability(_samples(half))["state"].sentence
    found = reliability(_samples(modest))["state"]
    assert found.nine_in_ten is None
    assert found.bins[0].verdict == "too modest"
    assert reliability(_samples(fits[:9]))["state"].nine_in_ten.verdict == "too few"


def test_calibration_error_is_the_mean_distance_of_confidence_and_share():
    page = [(0.9, True)] * 8 + [(0.9, False)] * 2 + [(0.5, True)] * 10
    found = reliability(_samples(page))["state"]
    assert found.calibration_error.value == pytest.approx(0.5 * 0.1 + 0.5 * 0.5)
    assert [part.count for part in found.bins] == [10, 10]


def test_the_diagram_is_drawn_for_one_answer_and_for_many():
    for page in ([(1.0, True)], [(index / 100, index % 3 == 0) for index in range(101)]):
        picture = reliability_diagram("state", reliability(_samples(page))["state"])
        assert len(picture.convert("L").getcolors()) > 2
