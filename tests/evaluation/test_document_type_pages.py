"""Which pages are drawn to measure document types."""

from __future__ import annotations

import pytest

from benchmarks.document_type_pages import Plan, plan

FORMS = {f"form-{number}": 3 for number in range(24)} | {"old-edition": 1, "new-edition-of-it": 1}
FAMILIES = [[name] for name in FORMS if name.startswith("form-")] + [["new-edition-of-it", "old-edition"]]


def planned(half: str) -> Plan:
    return plan(FAMILIES, FORMS, half, registered=5, copies=8)


def forms(drawn: Plan) -> set[str]:
    return {form for form, *_ in drawn.drawn}


def test_the_halves_share_no_registered_form() -> None:
    assert planned("even").registered
    assert not set(planned("even").registered) & set(planned("odd").registered)


def test_choosing_sees_no_form_of_the_other_half_but_measuring_takes_all_as_strangers() -> None:
    assert not forms(planned("even")) & set(planned("odd").registered)
    assert forms(planned("odd")) == set(FORMS)


@pytest.mark.parametrize("half", ["even", "odd", "all"])
def test_no_page_is_drawn_twice_the_same_way(half: str) -> None:
    drawn = planned(half).drawn
    assert len({(label, copy) for _, _, label, _, copy in drawn}) == len(drawn)


def test_registered_forms_come_by_every_way_and_every_page_of_a_stranger_once() -> None:
    odd = planned("odd")
    for name in odd.registered:
        assert {copy for form, page, label, _, copy in odd.drawn if label == name} == set(range(8))
    strangers = [(form, page) for form, page, _, subset, _ in odd.drawn if subset == "stranger"]
    assert len(set(strangers)) == len(strangers)
    assert {page for _, page in strangers} == {0, 1, 2}
