"""From pages of known forms to the fields of a result: each copy of a form for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forms.copies import copies
from schemas.fields import FieldKind
from schemas.form_reading import FormReading
from schemas.result import Field, PageResult

_KINDS: Mapping[str, FieldKind] = {
    "number": FieldKind.NUMBER,
    "date": FieldKind.DATE,
    "choice": FieldKind.CHOICE,
    "radio": FieldKind.CHOICE,
    "checkbox": FieldKind.CHECKBOX,
    "signature": FieldKind.SIGNATURE,
}


def form_fields(pages: Sequence[PageResult]) -> tuple[Field, ...]:
    """The fields of all registered pages, in the file's order; `instance` says which copy.

    A page that was scanned twice counts once. Pages that were not registered yield nothing: their outcome says why.
    """
    readings = [_reading(page) for page in pages]
    found: list[Field] = []
    told: set[tuple[int, int]] = set()
    for page, reading, copy in zip(pages, readings, copies(readings), strict=True):
        if reading is None or copy is None or (copy, reading.page) in told:
            continue
        told.add((copy, reading.page))
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
                instance=copy,
                review=field.review,
            )
            for field in reading.fields
        ]
    return tuple(found)


def _reading(page: PageResult) -> FormReading | None:
    found = [outcome.prediction.form for outcome in page.outcomes if outcome.prediction.form is not None]
    return found[-1] if found else None
