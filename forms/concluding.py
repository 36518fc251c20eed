"""From pages of known forms to the fields of a result: each copy of a form for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from forms.copies import PiledPage, copies
from forms.registry import form_named
from forms.rules.relations import broken_relations
from schemas.fields import FieldKind, FieldState
from schemas.form_reading import FormCopy, FormReading
from schemas.prediction import Defect
from schemas.result import Field, PageResult

_KINDS: Mapping[str, FieldKind] = {
    "number": FieldKind.NUMBER,
    "date": FieldKind.DATE,
    "choice": FieldKind.CHOICE,
    "radio": FieldKind.CHOICE,
    "checkbox": FieldKind.CHECKBOX,
    "signature": FieldKind.SIGNATURE,
    "barcode": FieldKind.BARCODE,
}


def form_copies(pages: Sequence[PageResult]) -> tuple[FormCopy, ...]:
    """The filled copies of registered forms on the pages of a file, in its order."""
    return copies([_piled(page) for page in pages])


def form_fields(pages: Sequence[PageResult]) -> tuple[Field, ...]:
    """The fields of all registered pages, in the file's order; `instance` says which copy.

    A page that was scanned twice counts once. Pages that were not registered yield nothing: their outcome says why.
    Fields of a copy that do not agree, as the form's relations want it, are for review and say so in `rule`.
    """
    instances = {number: copy.instance for copy in form_copies(pages) for number in copy.pages}
    found: list[Field] = []
    forms: dict[int, str] = {}
    for page in pages:
        reading = _reading(page)
        if reading is None or page.number not in instances:
            continue
        forms[instances[page.number]] = reading.form
        found += [
            Field(
                name=field.name,
                kind=_KINDS.get(field.kind, FieldKind.TEXT),
                state=field.state,
                value=field.value or None,
                raw_text=field.raw_text or None,
                confidence=field.confidence,
                page=page.number,
                quad=field.quad,
                instance=instances[page.number],
                review=field.review,
                origin=field.origin,
                rule=field.rule,
            )
            for field in reading.fields
        ]
    return _related(found, forms)


def _related(fields: Sequence[Field], forms: Mapping[int, str]) -> tuple[Field, ...]:
    """The fields, with the relations of the form of their copy that do not hold."""
    broken: dict[tuple[int, str], list[str]] = {}
    for copy, name in forms.items():
        form = form_named(name)
        if form is not None and form.relations:
            # Of a field in several places, one that is filled counts.
            own = {field.name: field for field in sorted(_of(copy, fields), key=_is_filled)}
            for relation in broken_relations(form, own):
                for each in relation.fields:
                    broken.setdefault((copy, each), []).append(relation.rule)
    return tuple(
        replace(field, review=True, rule="; ".join(filter(None, (field.rule, *rules))))
        if (rules := broken.get((field.instance or 0, field.name)))
        else field
        for field in fields
    )


def _of(copy: int, fields: Sequence[Field]) -> list[Field]:
    return [field for field in fields if field.instance == copy]


def _is_filled(field: Field) -> bool:
    return field.state is FieldState.FILLED


def _piled(page: PageResult) -> PiledPage:
    predictions = [outcome.prediction for outcome in page.outcomes]
    return PiledPage(
        number=page.number,
        reading=_reading(page),
        is_blank=any(
            each.defect is Defect.BLANK and each.exceeded
            for prediction in predictions
            if prediction.quality is not None
            for each in prediction.quality.defects
        ),
        has_barcode=any(prediction.barcodes for prediction in predictions),
    )


def _reading(page: PageResult) -> FormReading | None:
    found = [outcome.prediction.form for outcome in page.outcomes if outcome.prediction.form is not None]
    return found[-1] if found else None
