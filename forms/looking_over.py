"""What a person should look at in a form that is whole: it can be used, but may not mean what they think."""

from __future__ import annotations

from collections.abc import Iterator

from forms.form import MARKS, Box, FieldKind, Form, FormField, Place

_SHARED = 0.5
"""Of the smaller of two places; less is a matter of frames that touch."""
_LEAST_HEIGHT_POINTS = 4.0


def remarks(form: Form) -> Iterator[str]:
    """One sentence for each thing; none for a form without any."""
    proposals = sum(field.proposed for field in form.fields)
    if proposals:
        yield f"{proposals} of {len(form.fields)} fields are proposals: look at the pictures, then take `proposed` away"
    yield from _lying_on_one_another(form)
    for field in form.fields:
        yield from _odd(field, form)
    empty = [str(page.number) for page in form.pages if not _fields_on(form, page.number)]
    if empty and form.fields:
        pages = f"page{'s' if len(empty) > 1 else ''} {', '.join(empty)}"
        yield f"no fields on {pages}: recognised, but nothing is read there"


def _odd(field: FormField, form: Form) -> Iterator[str]:
    heights = {page.number: page.height_points for page in form.pages}
    for place in field.places:
        height = (place.box[3] - place.box[1]) * heights[place.page]
        if height < _LEAST_HEIGHT_POINTS:
            yield f"field {field.name!r} is {height:.1f} points high on page {place.page}: too low to write in"
    if field.kind is FieldKind.CHOICE and not field.choices:
        yield f"field {field.name!r} is a choice without `choices`: it is read as text"
    if field.kind is FieldKind.RADIO and len(field.places) == 1:
        yield f"field {field.name!r} is a radio field with one place: a check box?"


def _lying_on_one_another(form: Form) -> Iterator[str]:
    places = [(field, place) for field in form.fields for place in field.places]
    for number, (field, place) in enumerate(places):
        for other, other_place in places[number + 1 :]:
            if _shares(place, other_place) and (field.kind in MARKS) == (other.kind in MARKS):
                yield (
                    f"{field.name!r} and {other.name!r} lie on one another on page {place.page}: take one away, or "
                    "give each its part of the place"
                )


def _shares(one: Place, other: Place) -> bool:
    if one.page != other.page:
        return False
    left, top = max(one.box[0], other.box[0]), max(one.box[1], other.box[1])
    right, bottom = min(one.box[2], other.box[2]), min(one.box[3], other.box[3])
    if right <= left or bottom <= top:
        return False
    return (right - left) * (bottom - top) > _SHARED * min(_area(one.box), _area(other.box))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _fields_on(form: Form, page: int) -> int:
    return sum(any(place.page == page for place in field.places) for field in form.fields)
