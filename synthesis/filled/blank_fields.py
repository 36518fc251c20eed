"""The fields of a blank as filling them needs them: read by `forms.acroform`, and split by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from forms.acroform import read_acroform
from forms.form import FieldKind, FormField
from forms.shown_page import ShownPage

_DEEPEST = 40
_RIGHT = 2
"""/Q of PDF 32000-1:2008, table 222."""
_OVERLAP = 0.5
"""Share of the smaller box from which two fields lie on one another."""

Fractions = tuple[float, float, float, float]
"""Left, top, right, bottom in 0..1 of the page as a viewer shows it."""


class BlankKind(StrEnum):
    """How a field is filled."""

    TEXT = "text"
    COMB = "comb"
    CHOICE = "choice"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    """Of all its boxes at most one is on; also a check box with several on-states."""
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class BlankField:
    """A field on one page; a field on several pages comes once a page."""

    name: str
    """The full name."""
    page: int
    """From 1."""
    kind: BlankKind
    boxes: tuple[Fractions, ...]
    states: tuple[str, ...] = ()
    """Of buttons: what a mark in each box means."""
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    tooltip: str = ""
    multiline: bool = False
    right_aligned: bool = False


def read_fields(path: Path) -> list[BlankField]:
    """The visible fields, without those that lie on others. Raises forms.form_file.FormError."""
    fields, right = read_acroform(path), _right_aligned(path)
    split = [
        _on_page(field, page, field.name in right)
        for field in fields
        for page in sorted({place.page for place in field.places})
    ]
    return [field for field in split if not _covered(field, split)]


def page_boxes(path: Path) -> list[tuple[float, float]]:
    """Width and height in points of each page as a viewer shows it."""
    return [ShownPage.of(page).size for page in PdfReader(path).pages]


def widgets(page: PageObject) -> Iterator[DictionaryObject]:
    """The places of fields on a page."""
    listed: Any = resolved(page.get("/Annots"))
    for reference in listed or ():
        annotation = resolved(reference)
        if isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") == "/Widget":
            yield annotation


def resolved(value: Any) -> Any:
    """What a reference stands for."""
    return value.get_object() if isinstance(value, IndirectObject) else value


def levels_of(widget: DictionaryObject) -> list[DictionaryObject]:
    """The widget and the fields above it, the nearest first."""
    chain: list[DictionaryObject] = []
    at: Any = widget
    while isinstance(at, DictionaryObject) and len(chain) < _DEEPEST:
        chain.append(at)
        at = resolved(at.get("/Parent"))
    return chain


def full_name(widget: DictionaryObject) -> str:
    """The names of all levels, joined by dots."""
    return ".".join(str(resolved(level["/T"])) for level in reversed(levels_of(widget)) if "/T" in level)


def inherited(widget: DictionaryObject, key: str) -> Any:
    """What the nearest level says; None where none does."""
    return next((resolved(level[key]) for level in levels_of(widget) if key in level), None)


def _right_aligned(path: Path) -> set[str]:
    pages = PdfReader(path).pages
    return {full_name(one) for page in pages for one in widgets(page) if int(inherited(one, "/Q") or 0) == _RIGHT}


def _on_page(field: FormField, page: int, right: bool) -> BlankField:
    kinds = {kind.value: kind for kind in BlankKind}
    places = [place for place in field.places if place.page == page]
    kind = kinds.get(field.kind, BlankKind.TEXT)
    return BlankField(
        field.name,
        page,
        kind,
        tuple(place.box for place in places),
        tuple(place.value for place in places) if kind in (BlankKind.CHECKBOX, BlankKind.RADIO) else (),
        field.cells if field.kind is FieldKind.COMB else field.max_length,
        field.choices,
        field.label,
        field.multiline,
        right,
    )


def _covered(field: BlankField, fields: list[BlankField]) -> bool:
    """Whether another field lies on this one: nobody could tell their ink apart."""
    others = [other for other in fields if other is not field and other.page == field.page]
    return any(_shared(box, beside) > _OVERLAP for other in others for box in field.boxes for beside in other.boxes)


def _shared(one: Fractions, other: Fractions) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide * high / max(smaller, 1e-12)
