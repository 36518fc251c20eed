"""form.toml: read and checked, written so that an edit is one line in a difference."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from config.plug_in_folders import FORMS
from forms.form import Form, FormField, Place
from forms.shown_page import PLACES

FORM_FILE = FORMS.file
_HEAD = """\
# A known form, made by `docbeam form new` from its blank, and meant to be edited; `docbeam form check` checks it.
# Places: page of the blank, box = left, top, right, bottom in fractions of the page.
"""


class FormError(Exception):
    """A form that is not whole, or two of one name; the message names the file, the field and what to do."""


def read_form(folder: Path) -> Form:
    """The form in `folder`. Raises FormError where it is missing, wrong, or a page's image is not there."""
    return form_of(form_file(folder), folder)


def form_file(folder: Path) -> bytes:
    """What `folder`/form.toml holds. Raises FormError where there is none."""
    try:
        return (folder / FORM_FILE).read_bytes()
    except FileNotFoundError:
        raise FormError(f"{folder} has no {FORM_FILE}; `docbeam form new BLANK.pdf` makes one") from None


def form_of(content: bytes, folder: Path) -> Form:
    """The form that a form.toml with that content in `folder` is. Raises FormError as `read_form` does."""
    path = folder / FORM_FILE
    try:
        table = tomllib.loads(content.decode())
        form = Form.model_validate(table)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise FormError(f"{path}: {_place(first['loc'], table)}{first['msg']}") from None
    for page in form.pages:
        if not (folder / page.image).is_file():
            raise FormError(f"{path}: page {page.number}: there is no image {page.image} beside it")
    return form


def write_form(form: Form, folder: Path) -> Path:
    """Write `folder`/form.toml; what is as usual is left out."""
    path = folder / FORM_FILE
    path.write_text(form_text(form), encoding="utf-8")
    return path


def form_text(form: Form) -> str:
    """The form as TOML."""
    head = form.model_dump(mode="json", exclude_defaults=True, exclude={"pages", "fields", "relations"})
    parts = [_HEAD, tomli_w.dumps(head)]
    parts += [_block("relations", each.model_dump(mode="json", exclude_defaults=True)) for each in form.relations]
    parts += [_block("pages", page.model_dump(mode="json", exclude_defaults=True)) for page in form.pages]
    parts += [_block("fields", _field(field)) for field in form.fields]
    return "\n".join(parts)


def _field(field: FormField) -> dict[str, Any]:
    return field.model_dump(mode="json", exclude_defaults=True, exclude={"places"}) | {"places": field.places}


def _block(name: str, table: dict[str, Any]) -> str:
    """An entry of an array of tables; places are one line each, which the library would spread over ten."""
    places, spans = table.pop("places", ()), table.pop("cell_spans", ())
    text = f"[[{name}]]\n{tomli_w.dumps(table)}"
    if spans:
        told = ", ".join(f"[{left:.{PLACES}f}, {right:.{PLACES}f}]" for left, right in spans)
        text += f"cell_spans = [{told}]\n"
    if places:
        lines = "".join(f"    {_place_line(place)},\n" for place in places)
        text += f"places = [\n{lines}]\n"
    return text


def _place_line(place: Place) -> str:
    box = ", ".join(f"{edge:.{PLACES}f}" for edge in place.box)
    value = tomli_w.dumps({"value": place.value}).strip() if place.value else ""
    return f"{{ page = {place.page}, box = [{box}]{f', {value}' if value else ''} }}"


def _place(location: tuple[int | str, ...], table: dict[str, Any]) -> str:
    """`field 'name': places.0.box: `, for people: by the field's name and not by its number."""
    told = ""
    match location:
        case ("fields" | "pages" | "relations" as group, int() as number, *rest):
            try:
                entry = table[group][number]
                told = f"field {entry['name']!r}: " if group == "fields" else f"page {entry['number']}: "
            except (KeyError, TypeError, IndexError):
                told = f"{group} {number + 1}: "
            location = tuple(rest)
    steps = ".".join(str(step) for step in location)
    return f"{told}{steps}: " if steps else told
