"""Confidences of fields: what they are worth rises with them, ties stay together, and thresholds keep their error."""

from __future__ import annotations

import numpy as np
import pytest

from training.form_reader.fit_confidence import STEP, rising, taken


def test_shares_rise_and_follow_what_is_right() -> None:
    random = np.random.default_rng(1)
    said = random.uniform(0, 1, 4000)
    right = random.uniform(0, 1, 4000) < said**2
    table = rising(list(zip(said.tolist(), right.tolist(), strict=True)))
    shares = [share for _, share in table]
    assert shares == sorted(shares)
    assert float(np.interp(0.5, *zip(*table, strict=True))) == pytest.approx(0.25, abs=0.06)


def test_fields_as_sure_as_one_another_are_one_step_whatever_their_order() -> None:
    pairs = [(0.9, number % 2 == 0) for number in range(10 * STEP)]
    assert rising(pairs) == rising(pairs[::-1]) == [(0.9, 0.5)]


def test_the_error_of_what_is_taken_is_kept_and_ties_are_taken_together() -> None:
    sure = np.array([0.99] * 1000 + [0.9] * 1000 + [0.5] * 1000)
    right = np.ones(3000, np.bool_)
    right[1000:1008] = False
    right[2000:2200] = False
    table = dict(taken(sure, right))
    assert table[0.001] == 0.99
    assert table[0.005] == 0.9
    assert table[0.02] == 0.9
