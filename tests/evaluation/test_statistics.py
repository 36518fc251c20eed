"""Intervals against published values and by their own properties."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.statistics import fraction, largest, mean, ratio


def test_wilson_interval_of_a_published_example():
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
    found = fraction(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))


@settings(deadline=None)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share(case):
    successes, total = case
    found = fraction(successes, total)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 10)), min_size=2, max_size=20))
def test_bootstrap_is_repeatable_and_ordered(pages):
    found = ratio(pages)
    assert found == ratio(pages)
    assert found.low <= found.high


def test_nothing_measured_is_none_not_zero():
    assert fraction(0, 0).value is None
    assert mean([]).value is None
    assert largest([]).value is None
    assert ratio([(0.0, 0.0)]).value is None


def test_one_page_has_no_interval():
    assert mean([3.0]).value == 3.0
    assert mean([3.0]).low is None
