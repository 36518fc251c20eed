"""A scanned pile: which pages are one copy of a form."""

from __future__ import annotations

import pytest

from forms.concluding import form_fields
from forms.copies import PiledPage, copies
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
    return FormReading(form, "1", number, verdict, fields=tuple(fields), pages_with_fields=(1, 2))


FOREIGN = page(0, form="", verdict="nothing_alike")
BLANK, SHEET = "blank", "bar code"


def pile(*pages: FormReading | str | None) -> list[PiledPage]:
    return [
        PiledPage(number, FOREIGN, is_blank=each == BLANK, has_barcode=each == SHEET)
        if isinstance(each, str)
        else PiledPage(number, each)
        for number, each in enumerate(pages, start=1)
    ]


def told(*pages: FormReading | str | None) -> list[tuple[int, ...]]:
    return [copy.pages for copy in copies(pile(*pages))]


def test_pages_of_a_pile_belong_to_one_copy_after_the_other() -> None:
    assert told(page(1, "Ann", "Bonn"), page(2, "x", "y"), page(1, "Bob", "Rome"), page(2, "z", "")) == [(1, 2), (3, 4)]


def test_a_page_that_says_the_same_again_was_scanned_twice() -> None:
    [copy] = copies(pile(page(1, "Ann Lee", "Bonn"), page(1, "Ann Iee", "Bonn"), page(2, "x", "y")))
    assert (copy.pages, copy.duplicates) == ((1, 3), (2,))


def test_two_blank_copies_are_two() -> None:
    assert told(page(1, "", ""), page(1, "", "")) == [(1,), (2,)]


def test_pages_out_of_order_and_missing_ones_belong_to_the_copy_that_lacks_them() -> None:
    first, second = copies(pile(page(2, "x", "y"), page(1, "Ann", "Bonn"), page(1, "Bob", "Rome")))
    assert (first.pages, first.missing) == ((1, 2), ())
    assert (second.pages, second.missing) == ((3,), (2,))


def test_pages_of_other_forms_between_end_nothing_and_are_named() -> None:
    [copy] = copies(pile(FOREIGN, page(1, "Ann", "Bonn"), FOREIGN, None, page(2, "x", "y")))
    assert (copy.pages, copy.extra) == ((2, 5), (1, 3, 4))
    assert copies(pile(FOREIGN, None)) == ()


def test_copies_of_several_forms_are_numbered_through_the_file() -> None:
    pages = page(1, "a", "b"), page(1, "c", "d", form="tax"), page(2, "e", "f"), page(2, "g", "h", form="tax")
    assert told(*pages) == [(1, 3), (2, 4)]


@pytest.mark.parametrize("sheet", [BLANK, SHEET])
def test_a_separator_ends_a_copy_that_lacks_pages_and_one_that_is_written_twice(sheet: str) -> None:
    one, other = page(1, "Ann", "Bonn"), page(2, "x", "y")
    assert told(one, page(2, "a", "b"), sheet, one, sheet, other) == [(1, 2), (4,), (6,)]
    assert all(not copy.extra for copy in copies(pile(one, sheet, other)))


def test_blank_backs_of_a_pile_scanned_on_both_sides_separate_nothing() -> None:
    pages = page(1, "Ann", "Bonn"), BLANK, page(2, "x", "y"), BLANK, page(1, "Bob", "Rome"), BLANK, page(2, "z", "w")
    assert told(*pages, BLANK) == [(1, 3), (5, 7)]


def test_a_form_that_was_edited_between_two_parts_stops_nothing() -> None:
    assert told(page(1, "Ann", "Bonn"), page(1, "Ann", "Bonn", "new")) == [(1,)]


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
