"""Whether the fields of one copy of a form agree with one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from forms.form import Form
from forms.relation import Relation
from forms.rules.amounts import amount
from forms.rules.broken import BrokenRule
from forms.rules.checking import MOST_CHARACTERS
from forms.rules.dates import iso_date
from forms.rules.formats import ANY, normal_form
from schemas.fields import FieldState
from schemas.result import Field


def broken_relations(form: Form, copy: Mapping[str, Field]) -> Iterator[Relation]:
    """The relations that do not hold in a copy, whose fields are given by name.

    What cannot be told is not said to be broken: a field is not in the file, not readable or no amount or date, or
    nothing is written in what would have to agree.
    """
    for relation in form.relations:
        fields = [copy[name] for name in relation.fields if name in copy]
        if len(fields) < len(relation.fields) or not all(_can_be_told(field) for field in fields):
            continue
        values = {field.name: field.value or "" for field in fields}
        try:
            if not (_adds_up(relation, values) if relation.sum else _agree(relation, values, form)):
                yield relation
        except BrokenRule:
            continue


def _can_be_told(field: Field) -> bool:
    return field.state in (FieldState.FILLED, FieldState.BLANK) and len(field.value or "") <= MOST_CHARACTERS


def _adds_up(relation: Relation, values: Mapping[str, str]) -> bool:
    total, parts = values[relation.sum], [values[name] for name in relation.of if values[name]]
    return not total or not parts or sum((amount(part) for part in parts), Decimal(0)) == amount(total)


def _agree(relation: Relation, values: Mapping[str, str], form: Form) -> bool:
    """Of equal fields or dates in order; those that are blank say nothing."""
    known = {field.name: field for field in form.fields}
    written = [known[name] for name in relation.fields if values[name]]
    if relation.equal:
        said = {normal_form(values[field.name], field.checked_as or ANY, form.setting(field)) for field in written}
        return len({" ".join(each.casefold().split()) for each in said}) <= 1
    days = [iso_date(values[field.name], form.setting(field)) for field in written]
    return days == sorted(days)
