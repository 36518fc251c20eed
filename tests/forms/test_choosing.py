"""Rules choose between readings, and never make one surer than its reader is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.rules.choosing import settle
from schemas.fields import Alternative, FieldState
from schemas.reading import Reading
from tests.forms.small_form import field, form

_RIGHT = "GB29 NWBK 6016 1331 9268 19"


def reading(value: str, sure: float, *others: tuple[str, float], **more: Any) -> Reading:
    return Reading(
        FieldState.FILLED, value, sure, value, alternatives=tuple(Alternative(*other) for other in others), **more
    )


def test_the_one_alternative_that_fits_is_taken_with_its_own_confidence() -> None:
    read = reading("13/45/2026", 0.6, ("12/31/2026", 0.3), ("nothing", 0.1))
    settled = settle(field(kind="date"), form(country="US"), read)
    assert (settled.reading.value, settled.reading.confidence, settled.rule) == ("12/31/2026", 0.3, "")
    assert settled.reading.raw_text == "13/45/2026"
    assert settled.reading.alternatives == (Alternative("13/45/2026", 0.6), Alternative("nothing", 0.1))
    assert not settled.reading.rejected


@pytest.mark.parametrize(
    "others",
    [
        (),
        (("13/46/2026", 0.4),),
        (("12/31/2026", 0.2), ("12/30/2026", 0.2)),
        (("12/31/2026", 0.01),),
        (("", 0.4),),
    ],
    ids=["no other", "none fits", "two fit", "hardly believed", "blank"],
)
def test_without_one_that_fits_the_value_stays_and_says_which_rule(others: tuple[tuple[str, float], ...]) -> None:
    read = reading("13/45/2026", 0.6, *others)
    settled = settle(field(kind="date"), form(country="US"), read)
    assert (settled.reading.value, settled.reading.raw_text) == ("13/45/2026", "13/45/2026")
    assert settled.reading.confidence == 0.6
    assert settled.reading.rejected
    assert settled.rule == "not a date (month/day/year)"


def test_a_value_that_fits_stays_whatever_else_may_be_written() -> None:
    read = reading("12/31/2026", 0.5, ("12/30/2026", 0.45), rejected=True)
    assert settle(field(kind="date"), form(country="US"), read).reading == read


def test_the_normal_form_is_told_of_an_alternative_too() -> None:
    read = reading("13/45/2026", 0.6, ("12/31/2026", 0.3))
    settled = settle(field(kind="date", normal=True), form(country="US"), read)
    assert (settled.reading.value, settled.reading.raw_text) == ("2026-12-31", "13/45/2026")
    assert settled.reading.alternatives == (Alternative("13/45/2026", 0.6),)


def test_check_digits_prove_which_of_two_signs_was_meant_and_a_person_looks() -> None:
    settled = settle(field(format="iban"), form(), reading("GB29 NWBK 6O16 1331 9268 19", 0.9))
    assert (settled.reading.value, settled.rule) == (_RIGHT, "")
    assert settled.reading.raw_text == "GB29 NWBK 6O16 1331 9268 19"
    assert settled.reading.rejected
    assert settled.reading.confidence == pytest.approx(0.1)
    assert settled.reading.alternatives == (Alternative("GB29 NWBK 6O16 1331 9268 19", 0.9),)


def test_an_alternative_goes_before_a_repair() -> None:
    settled = settle(field(format="iban"), form(), reading("GB29 NWBK 6O16 1331 9268 19", 0.6, (_RIGHT, 0.3)))
    assert (settled.reading.value, settled.reading.confidence, settled.reading.rejected) == (_RIGHT, 0.3, False)


def test_a_figure_that_was_a_letter_is_found_too_and_one_way_of_writing_twice_is_one() -> None:
    account = settle(field(format="iban"), form(), reading("gb29 nw8k 6016 1331 9268 19", 0.5))
    assert account.reading.value == "GB29 NWBK 6016 1331 9268 19"
    read = reading("13/45/2026", 0.6, ("12/31/2026", 0.3), ("12/31/2026 ", 0.1))
    assert settle(field(kind="date"), form(country="US"), read).reading.confidence == 0.3


@pytest.mark.parametrize(
    ("format", "value", "told"),
    [
        ("card", "4111 1111 1111 1112", "card number check digits"),
        ("card", "4111 Z111 1111 1111", "not a card number"),
        ("us.ssn", "536-9O-4399", "not a us.ssn"),
        ("postcode", "9O21O", "not a postcode (US)"),
        ("iban", "GB29 NWBK 6016 1331 9268 18", "IBAN check digits"),
    ],
)
def test_nothing_is_repaired_without_proof(format: str, value: str, told: str) -> None:
    settled = settle(field(format=format), form(country="US"), reading(value, 0.7))
    assert (settled.reading.value, settled.rule, settled.reading.rejected) == (value, told, True)


def test_as_few_signs_are_changed_as_will_do_and_of_two_ways_none_is_taken() -> None:
    card = settle(field(format="card"), form(), reading("4III 1111 1111 1111", 0.7))
    assert card.reading.value == "4111 1111 1111 1111"
    ambiguous = "MT73 MALT 8418 6O15 OS8I 55B8 0BI8 81S"
    iban = settle(field(format="iban"), form(), reading(ambiguous, 0.7))
    assert (iban.reading.value, iban.rule) == (ambiguous, "IBAN check digits")


def test_what_is_blank_is_left_alone() -> None:
    blank = Reading(FieldState.BLANK, confidence=0.9)
    assert settle(field(kind="date"), form(), blank).reading == blank


_text = st.text("0123456789OISB/.-abGB ", max_size=24)


@given(
    _text, st.floats(0, 1), st.lists(st.tuples(_text, st.floats(0, 1)), max_size=4), st.sampled_from(["date", "iban"])
)
def test_nobody_becomes_surer_and_no_reading_is_lost(
    value: str, sure: float, others: list[tuple[str, float]], format: str
) -> None:
    read = reading(value, sure, *others)
    settled = settle(field(format=format), form(), read)
    assert settled.reading.confidence <= sure
    assert settled.reading.raw_text == value
    assert not settled.rule or settled.reading.rejected
    told = {settled.reading.value, *(other.value for other in settled.reading.alternatives)}
    assert {text.strip() for text in (value, *(text for text, _ in others))} <= {text.strip() for text in told}
