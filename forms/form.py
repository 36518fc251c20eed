"""A form as its form.toml describes it: pages, and fields with their places.

Places are boxes `(left, top, right, bottom)` in fractions 0..1 of the blank page as a viewer shows it: crop box and
/Rotate applied, origin top left.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from forms.relation import Relation
from forms.rules.formats import AMOUNT, DATE, is_format, known_formats
from forms.rules.setting import DateOrder, Setting

Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")]
"""ISO 3166-1."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Box = tuple[float, float, float, float]
DEFAULT_REVIEW_ERROR = 0.005
"""Of the values that are taken without a person, how many may be wrong."""


class FieldKind(StrEnum):
    """What is written into a field, and so how it is read."""

    TEXT = "text"
    COMB = "comb"
    """One character a cell."""
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    """One of a list, written or printed as text."""
    CHECKBOX = "checkbox"
    RADIO = "radio"
    """One of several boxes."""
    SIGNATURE = "signature"
    BARCODE = "barcode"


MARKS = frozenset({FieldKind.CHECKBOX, FieldKind.RADIO})
"""Kinds whose places are boxes to mark."""
_FORMATS = {FieldKind.DATE: DATE, FieldKind.NUMBER: AMOUNT}
"""Which kinds bring a format."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Frozen):
    """Where a field shows on a blank page."""

    page: int = Field(ge=1)
    box: Box
    value: str = ""
    """What a mark here means; of check boxes and radio buttons only."""

    @field_validator("box")
    @classmethod
    def _inside(cls, box: Box) -> Box:
        left, top, right, bottom = box
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError(
                "left, top, right, bottom must be fractions of the page, 0 to 1, left < right, top < bottom"
            )
        return box


class FormField(_Frozen):
    """One field of a form."""

    name: str = Field(min_length=1)
    """The full name in the PDF, unique in the form."""
    kind: FieldKind
    label: str = ""
    """What people call it: the PDF's tooltip, or the words beside it."""
    places: Annotated[tuple[Place, ...], Field(min_length=1)]
    """Several for radio buttons, and for a field that shows in more than one place."""
    required: bool = False
    multiline: bool = False
    cells: int | None = Field(None, ge=1)
    """Of a comb; of other text, how many the blank prints for it, which not everybody keeps to."""
    cell_spans: tuple[tuple[float, float], ...] = ()
    """Left and right of each cell in fractions of the place's width, where cells are not all side by side."""
    max_length: int | None = Field(None, ge=1)
    """In characters."""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    """A regular expression that the whole value matches."""
    format: str = ""
    """What the value is checked as, by a name of `forms.rules.formats`; empty: as its kind says, if that says it."""
    normal: bool = False
    """The value is told in the format's normal form, not as it is written."""
    country: Country = ""
    """Overrides the form's."""
    date_order: DateOrder | None = None
    """Overrides the form's."""
    review_error: float | None = Field(None, gt=0, lt=1)
    """Overrides the form's."""
    proposed: bool = False
    """Nobody has said that this field is there: it was seen on the page. Look at it, then take this line away."""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return pattern

    @field_validator("format")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name and not is_format(name):
            raise ValueError(f"there is no format {name!r}; there are {known_formats()}")
        return name

    def places_on(self, page: int) -> list[Place]:
        """Where it shows on a page, from 1."""
        return [place for place in self.places if place.page == page]

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """Left and right of each cell in fractions of the place's width; none where it has no cells."""
        count = self.cells or 0
        return self.cell_spans or tuple((number / count, (number + 1) / count) for number in range(count))

    @property
    def checked_as(self) -> str:
        """The format that counts; empty where there is none."""
        return self.format or _FORMATS.get(self.kind, "")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind is FieldKind.COMB and self.cells is None:
            raise ValueError("a comb must say how many `cells` it has")
        if self.cell_spans and not self._are_cells(self.cell_spans):
            raise ValueError("`cell_spans` are [left, right] of each of the `cells`, from left to right, 0 to 1")
        if self.kind is FieldKind.RADIO and not all(place.value for place in self.places):
            raise ValueError("every place of a radio field must say its `value`")
        if self.format and self.kind in (*MARKS, FieldKind.SIGNATURE):
            raise ValueError(f"a {self.kind} has no text that could have a `format`")
        if self.normal and not self.checked_as:
            raise ValueError("`normal` needs a `format` whose normal form is meant")
        return self

    def _are_cells(self, spans: tuple[tuple[float, float], ...]) -> bool:
        edges = [edge for span in spans for edge in span]
        ascend = all(left < right for left, right in spans) and edges == sorted(edges)
        return len(spans) == self.cells and ascend and edges[0] >= 0 and edges[-1] <= 1


class FormPage(_Frozen):
    """A blank page."""

    number: int = Field(ge=1)
    """In the blank PDF."""
    image: str
    """The page as a viewer shows it, grey, beside the form.toml."""
    content: str = ""
    """The same without the frames of its fields: what lists and buttons hide on a screen is on paper. Optional."""
    width_points: float = Field(gt=0)
    """As shown, 1/72 inch."""
    height_points: float = Field(gt=0)


class Form(_Frozen):
    """A form, edition by edition."""

    name: Name
    version: str = Field(min_length=1)
    """The edition."""
    title: str = ""
    family: str = ""
    """What editions of one form have in common; a page that fits several is given to the nearest."""
    review_error: float = Field(DEFAULT_REVIEW_ERROR, gt=0, lt=1)
    """Fields less sure than this allows are marked for review."""
    country: Country = ""
    """Where it is filled in: says what phone numbers, postcodes and dates look like. Empty: anywhere."""
    date_order: DateOrder | None = None
    """Of dates in figures; None: as is usual in `country`."""
    relations: tuple[Relation, ...] = ()
    """What fields say of one another."""
    pages: Annotated[tuple[FormPage, ...], Field(min_length=1)]
    fields: tuple[FormField, ...] = ()

    def setting(self, field: FormField) -> Setting:
        """Where the values of `field` are written."""
        return Setting(field.country or self.country, field.date_order or self.date_order)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        known = Counter(page.number for page in self.pages)
        if repeated := [number for number, count in known.items() if count > 1]:
            raise ValueError(f"page {repeated[0]} is described twice")
        names = Counter(field.name for field in self.fields)
        if repeated_names := [name for name, count in names.items() if count > 1]:
            raise ValueError(f"two fields are called {repeated_names[0]!r}")
        for field in self.fields:
            for place in field.places:
                if place.page not in known:
                    raise ValueError(f"field {field.name!r} lies on page {place.page}, which the form does not have")
            if field.normal and field.checked_as == DATE and self.setting(field).order is None:
                raise ValueError(
                    f"field {field.name!r}: a `normal` date needs `date_order`, or a `country` that has one"
                )
        texts = {field.name for field in self.fields if field.kind not in (*MARKS, FieldKind.SIGNATURE)}
        for relation in self.relations:
            if unknown := [name for name in relation.fields if name not in texts]:
                raise ValueError(f"relation {relation.rule!r}: there is no field of text called {unknown[0]!r}")
        return self
