"""A scanned pile: which pages are one copy of a form."""

from __future__ import annotations

from forms.concluding import form_fields
from forms.copies import copies
from schemas.fields import FieldKind, FieldState
from schemas.form_reading import FormFieldReading, FormReading
from schemas.prediction import Prediction
from schemas.result import Outcome, OutcomeState, PageResult


def page(number: int, *values: str, form: str = "loan", verdict: str = "registered") -> FormReading:
    states = [FieldState.FILLED if value else FieldState.BLANK for value in values]
    fields = [
        FormFieldReading(f"f{place}", "text", state, value)
        for place, (state, value) in enumerate(zip(states, values, strict=True))
    ]
    return FormReading(form, "1", number, verdict, fields=tuple(fields))


def test_pages_of_a_pile_belong_to_one_copy_after_the_other() -> None:
    pile = [page(1, "Ann", "Bonn"), page(2, "x", "y"), page(1, "Bob", "Rome"), page(2, "z", "")]
    assert copies(pile) == [1, 1, 2, 2]


def test_a_page_that_says_the_same_again_was_scanned_twice() -> None:
    assert copies([page(1, "Ann Lee", "Bonn"), page(1, "Ann Iee", "Bonn"), page(2, "x", "y")]) == [1, 1, 1]


def test_two_blank_copies_are_two() -> None:
    assert copies([page(1, "", ""), page(1, "", "")]) == [1, 2]


def test_pages_out_of_order_and_missing_ones_belong_to_the_copy_that_lacks_them() -> None:
    assert copies([page(2, "x", "y"), page(1, "Ann", "Bonn"), page(1, "Bob", "Rome")]) == [1, 1, 2]


def test_pages_of_other_forms_between_end_nothing_and_belong_to_none() -> None:
    pile = [page(1, "Ann", "Bonn"), page(0, form="", verdict="nothing_alike"), None, page(2, "x", "y")]
    assert copies(pile) == [1, None, None, 1]


def test_copies_of_several_forms_are_numbered_through_the_file() -> None:
    pile = [page(1, "a", "b"), page(1, "c", "d", form="tax"), page(2, "e", "f"), page(2, "g", "h", form="tax")]
    assert copies(pile) == [1, 2, 1, 2]


def shown(number: int, reading: FormReading) -> PageResult:
    return PageResult(
        number, outcomes=(Outcome("form-reader", OutcomeState.FOUND, prediction=Prediction(form=reading)),)
    )


def test_each_copy_has_its_own_fields_and_a_page_scanned_twice_has_them_once() -> None:
    first, second = page(1, "Ann", "Bonn"), page(1, "Bob", "Rome")
    fields = form_fields([shown(1, first), shown(2, first), shown(3, second), PageResult(4)])
    assert [(field.instance, field.page, field.value) for field in fields] == [
        (1, 1, "Ann"),
        (1, 1, "Bonn"),
        (2, 3, "Bob"),
        (2, 3, "Rome"),
    ]
    assert {field.kind for field in fields} == {FieldKind.TEXT}
