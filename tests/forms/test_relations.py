"""Fields of one copy that have to agree: each copy for itself, over its pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.plug_in_folders import FORMS
from forms.concluding import form_fields
from forms.form import Form
from forms.form_file import write_form
from forms.rules.relations import broken_relations
from schemas.fields import FieldKind, FieldState
from schemas.form_reading import FormFieldReading, FormReading
from schemas.prediction import Prediction
from schemas.result import Field, Outcome, OutcomeState, PageResult
from tests.forms.small_form import field, form

_SUM = {"sum": "total", "of": ["a", "b"]}
_NUMBERS = tuple(field(name, "number") for name in ("a", "b", "total"))


def told(asked: Form, values: Mapping[str, str | None]) -> list[str]:
    copy = {
        name: Field(name, FieldKind.TEXT, FieldState.FILLED if value else FieldState.BLANK, value or None)
        for name, value in values.items()
    }
    return [relation.rule for relation in broken_relations(asked, copy)]


@pytest.mark.parametrize(
    ("a", "b", "total", "holds"),
    [
        ("1,000.50", "(0.50)", "1.000,00", True),
        ("1", "2", "4", False),
        ("0.1", "0.2", "0.3", True),
        ("", "2", "2", True),
        ("", "2", "3", False),
        ("1", "2", "", True),
        ("", "", "3", True),
        ("one", "2", "4", True),
        ("1", "2", "three", True),
        ("1" * 2000, "2", "3", True),
    ],
)
def test_a_sum_is_what_its_amounts_add_up_to(a: str, b: str, total: str, holds: bool) -> None:
    asked = form(*_NUMBERS, relations=[_SUM])
    assert told(asked, {"a": a, "b": b, "total": total}) == ([] if holds else ["sum of a, b is not total"])


def test_what_is_not_in_the_file_or_not_readable_is_not_said_to_be_wrong() -> None:
    asked = form(*_NUMBERS, relations=[_SUM])
    assert told(asked, {"a": "1", "total": "4"}) == []
    copy = {name: Field(name, FieldKind.NUMBER, FieldState.FILLED, "1") for name in ("a", "b", "total")}
    copy["b"] = Field("b", FieldKind.NUMBER, FieldState.UNREADABLE, "7")
    assert list(broken_relations(asked, copy)) == []


def test_equal_fields_say_the_same_as_their_format_has_it() -> None:
    dates = form(field("a", "date"), field("b", "date"), country="US", relations=[{"equal": ["a", "b"]}])
    assert told(dates, {"a": "3/5/26", "b": "March 5, 2026"}) == []
    assert told(dates, {"a": "3/5/26", "b": "3/6/26"}) == ["a, b are not equal"]
    names = form(field("a"), field("b"), relations=[{"equal": ["a", "b"]}])
    assert told(names, {"a": "Ann  Lee", "b": "ANN LEE"}) == []
    assert told(names, {"a": "Ann Lee", "b": ""}) == []


def test_dates_come_one_after_the_other_or_on_one_day() -> None:
    asked = form(*(field(name, "date") for name in "abc"), country="DE", relations=[{"order": ["a", "b", "c"]}])
    assert told(asked, {"a": "1.2.2026", "b": "1.2.26", "c": "2.2.2026"}) == []
    assert told(asked, {"a": "1.3.2026", "b": "", "c": "2.2.2026"}) == ["a, b, c are not in the order of time"]
    assert told(asked, {"a": "1.3.2026", "b": "soon", "c": "2.2.2026"}) == []


@given(st.text(), st.text(), st.text())
def test_whatever_is_written_nothing_is_raised(a: str, b: str, total: str) -> None:
    relations = [_SUM, {"equal": ["a", "b"]}, {"order": ["a", "b"]}]
    told(form(*_NUMBERS, relations=relations), {"a": a, "b": b, "total": total})


def page(number: int, values: Mapping[str, str], *, of: int) -> PageResult:
    fields = tuple(
        FormFieldReading(
            name, "number", FieldState.FILLED, value, value, 0.99, rule="not an amount" if value == "x" else ""
        )
        for name, value in values.items()
    )
    reading = FormReading("loan", "1", of, "registered", fields=fields)
    return PageResult(
        number, outcomes=(Outcome("form-reader", OutcomeState.FOUND, prediction=Prediction(form=reading)),)
    )


def test_fields_of_a_copy_that_do_not_add_up_are_for_review_and_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loan").mkdir()
    (tmp_path / "loan" / "page-1.png").write_bytes(b"")
    write_form(form(*_NUMBERS, field("other"), relations=[_SUM]), tmp_path / "loan")
    monkeypatch.setenv(FORMS.variable, str(tmp_path))
    pile = [
        page(1, {"a": "1", "b": "2", "other": "7"}, of=1),
        page(2, {"total": "4"}, of=2),
        page(3, {"a": "5", "b": "5", "other": "8"}, of=1),
        page(4, {"total": "10"}, of=2),
        page(5, {"a": "x", "b": "5", "other": "9"}, of=1),
    ]
    fields = form_fields(pile)
    rules = {(each.instance, each.name): each.rule for each in fields if each.rule}
    wrong = "sum of a, b is not total"
    assert rules == {(1, "a"): wrong, (1, "b"): wrong, (1, "total"): wrong, (3, "a"): "not an amount"}
    assert {(each.instance, each.name) for each in fields if each.review} == {(1, "a"), (1, "b"), (1, "total")}
    monkeypatch.setenv(FORMS.variable, str(tmp_path / "nowhere"))
    assert [each.rule for each in form_fields(pile) if each.rule] == ["not an amount"]
