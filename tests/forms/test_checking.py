"""What a field may hold: formats, patterns and choices; values stay as they are written unless the form says else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.rules.checking import Checked, check
from tests.forms.small_form import field, form

_FORMATS = ["date", "amount", "email", "phone", "postcode", "iban", "bic", "card", "us.ssn", "us.tin", "de.idnr", "any"]


def rule(value: str, kind: str = "text", country: str = "", **said: Any) -> str:
    return check(field(kind=kind, **said), form(country=country), value).rule


@pytest.mark.parametrize(
    ("format", "country", "value"),
    [
        ("date", "US", "3/5/26"),
        ("date", "US", "03 - 05 - 2026"),
        ("date", "US", "March 5th, 2026"),
        ("date", "US", "Sept. 30 1999"),
        ("date", "US", "5 March 2026"),
        ("date", "US", "12312026"),
        ("date", "US", "2026-12-31"),
        ("date", "DE", "31.12.2026"),
        ("date", "JP", "26/12/31"),
        ("date", "", "31/12/2026"),
        ("date", "", "12/31/2026"),
        ("amount", "", "1,234.50"),
        ("amount", "", "1.234,50"),
        ("amount", "", "1 234,50 €"),
        ("amount", "", "CHF 1'234'567"),
        ("amount", "", "(12.00)"),
        ("amount", "", "- $12"),
        ("amount", "", "12-"),
        ("amount", "", "7.5 %"),
        ("amount", "", ".50"),
        ("amount", "", "12."),
        ("email", "", "ann.lee@example.com"),
        ("phone", "US", "(650) 253-0000"),
        ("phone", "US", "+49 30 901820"),
        ("phone", "DE", "030 / 90 18 20"),
        ("phone", "", "555 01 99"),
        ("postcode", "US", "90210-1234"),
        ("postcode", "GB", "sw1a  1aa"),
        ("postcode", "", "D-10115"),
        ("postcode", "QQ", "10115"),
        ("iban", "", "GB29 NWBK 6016 1331 9268 19"),
        ("bic", "", "DEUTDEFF"),
        ("card", "", "4111 1111 1111 1111"),
        ("us.ssn", "", "536-90-4399"),
        ("us.tin", "", "912-90-3456"),
        ("any", "", "whatever"),
    ],
)
def test_what_people_write_is_of_its_format_and_stays_as_written(format: str, country: str, value: str) -> None:
    assert check(field(format=format), form(country=country), f" {value} ") == Checked(value)


@pytest.mark.parametrize(
    ("format", "country", "value", "told"),
    [
        ("date", "US", "31/12/2026", "not a date (month/day/year)"),
        ("date", "DE", "12/31/2026", "not a date (day/month/year)"),
        ("date", "US", "2/30/2026", "not a date (month/day/year)"),
        ("date", "", "3/5/226", "not a date"),
        ("date", "", "3/5/1026", "not a date"),
        ("date", "", "Marsh 5, 2026", "not a date"),
        ("date", "", "99999999", "not a date"),
        ("amount", "", "12,34,56", "not an amount"),
        ("amount", "", "1,23.4.5", "not an amount"),
        ("amount", "", "l2.00", "not an amount"),
        ("amount", "", "-", "not an amount"),
        ("amount", "", "9" * 29, "not an amount"),
        ("amount", "", "(12", "not an amount"),
        ("amount", "", "1,234,50", "not an amount"),
        ("email", "", "ann.lee(at)example.com", "not an e-mail address"),
        ("email", "", "ann@example", "not an e-mail address"),
        ("phone", "US", "253-000", "not a phone number (US)"),
        ("phone", "", "call me", "not a phone number"),
        ("phone", "", "+9 999 999 999", "not a phone number"),
        ("postcode", "US", "9021", "not a postcode (US)"),
        ("postcode", "", "BONN", "not a postcode"),
        ("iban", "", "GB29 NWBK 6016 1331 9268 18", "IBAN check digits"),
        ("iban", "", "GB29", "not an IBAN"),
        ("iban", "", "my account", "not an IBAN"),
        ("bic", "", "DEUT", "not a BIC"),
        ("card", "", "4111 1111 1111 1112", "card number check digits"),
        ("card", "", "18", "not a card number"),
        ("us.ssn", "", "536-90", "not a us.ssn"),
        ("us.rtn", "", "111000024", "us.rtn check digits"),
    ],
)
def test_what_is_not_of_its_format_stays_and_the_rule_is_told(format: str, country: str, value: str, told: str) -> None:
    found = check(field(format=format), form(country=country), value)
    assert found.value == value
    assert found.rule == told


@pytest.mark.parametrize(
    ("said", "value", "normal"),
    [
        ({"kind": "date", "date_order": "mdy"}, "3/5/26", "2026-03-05"),
        ({"kind": "date", "date_order": "dmy"}, "3/5/69", "1969-05-03"),
        ({"kind": "date", "date_order": "ymd"}, "260305", "2026-03-05"),
        ({"kind": "date", "country": "US"}, "Feb 29, 2024", "2024-02-29"),
        ({"kind": "number"}, "1.234.567", "1234567"),
        ({"kind": "number"}, "(1,234)", "-1234"),
        ({"kind": "number"}, "0,5", "0.5"),
        ({"kind": "number"}, ",50", "0.50"),
        ({"kind": "number"}, "12.", "12"),
        ({"kind": "number"}, "12-", "-12"),
        ({"kind": "number"}, "+ 7", "7"),
        ({"kind": "number"}, "- USD 1 234,50", "-1234.50"),
        ({"kind": "number"}, "9" * 28, "9" * 28),
        ({"kind": "number"}, "$1,234.50", "1234.50"),
        ({"format": "phone", "country": "US"}, "(650) 253-0000", "+16502530000"),
        ({"format": "phone"}, "555 01 99", "5550199"),
        ({"format": "postcode", "country": "GB"}, "sw1a  1aa", "SW1A 1AA"),
        ({"format": "iban"}, "gb29 nwbk 6016 1331 9268 19", "GB29NWBK60161331926819"),
        ({"format": "email"}, "ann@EXAMPLE.com", "ann@example.com"),
    ],
)
def test_the_normal_form_is_told_where_the_form_asks_for_it_and_is_its_own(
    said: dict[str, Any], value: str, normal: str
) -> None:
    asked = field(normal=True, **said)
    assert check(asked, form(), value) == Checked(normal)
    assert check(asked, form(), normal) == Checked(normal)


def test_kinds_bring_their_format_and_it_can_be_taken_away() -> None:
    assert rule("soon", "date") == "not a date"
    assert rule("a few", "number") == "not an amount"
    assert rule("soon", "date", format="any") == ""
    assert rule("soon", "text") == ""


def test_patterns_and_choices_are_rules() -> None:
    assert rule("ab", pattern="[a-z]{3}") == "does not match the pattern"
    assert rule("abc", pattern="[a-z]{3}") == ""
    assert rule("red", "choice", choices=["Green"]) == "none of the choices"
    assert rule("Green", "choice", choices=["Green"]) == ""


def test_nothing_written_breaks_no_rule() -> None:
    assert check(field("f", "date", pattern="x"), form(), " \n ") == Checked("")


@given(st.text(), st.sampled_from(_FORMATS), st.sampled_from(["", "US", "DE", "ZZ"]))
def test_whatever_is_written_nothing_is_raised(value: str, format: str, country: str) -> None:
    found = check(field(format=format), form(country=country), value)
    assert found.value == value.strip()
    normal = check(field(format=format, normal=True, date_order="dmy"), form(country=country), value)
    assert normal.rule or bool(normal.value) == bool(value.strip())


@given(st.text("0123456789OIl.,-/() +'€$%", max_size=30), st.sampled_from(_FORMATS))
def test_a_normal_form_is_its_own_normal_form(value: str, format: str) -> None:
    asked = field(format=format, normal=True, date_order="mdy", country="US")
    found = check(asked, form(), value)
    if not found.rule:
        assert check(asked, form(), found.value) == found


@pytest.mark.parametrize("format", _FORMATS)
@pytest.mark.parametrize("sign", ["1", "(", "a", "1,", "\u0661", "\x00", "@"])
def test_huge_values_are_told_and_not_looked_at(format: str, sign: str) -> None:
    value = (sign * 100_000)[:100_000]
    assert rule(value, format=format) == "longer than 1000 characters"
    assert rule(value, pattern="(a|b|ab)*c") == "longer than 1000 characters"
    assert rule(value[:1000], format=format) != "longer than 1000 characters"
    assert rule(value) == ""
