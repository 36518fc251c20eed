"""The words in which a paper form is declared: sections of rows, rows of labelled fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

COLUMNS = 12
"""A row is divided into this many columns; fields span some of them."""


class FieldKind(StrEnum):
    """What is written into a field."""

    TEXT = "text"
    DATE = "date"
    COMB = "comb"
    """One character a cell."""
    CHECKBOX = "checkbox"
    RADIO = "radio"
    """A round box of a group where at most one is marked."""
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Entry:
    """A framed field with its label in the upper left corner."""

    name: str
    label: str
    span: int
    kind: FieldKind = FieldKind.TEXT
    pattern: str = ""
    """For combs: one character a cell, letters are printed into the cell as a faint guide, `#` is an empty cell and a
    space a gap between groups."""
    unit: str = ""
    """Printed at the right edge, for example a currency."""


@dataclass(frozen=True, slots=True)
class Option:
    """One box of a choice."""

    value: str
    label: str
    span: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of boxes behind a question; the fields are named `<name>.<value>`."""

    name: str
    label: str
    options: tuple[Option, ...]
    kind: FieldKind = FieldKind.CHECKBOX
    label_span: int = 2


@dataclass(frozen=True, slots=True)
class Consent:
    """A checkbox in front of a statement, broken into lines by hand."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, broken into lines by hand so that a layout needs no font."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """Framed fields side by side."""

    fields: tuple[Entry, ...]
    height: float = 34.0
    """In points."""


Row = Entries | Choice | Consent | Paragraph


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a numbered heading."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""
    """Small print at the right end of the heading."""


@dataclass(frozen=True, slots=True)
class Form:
    """A one-page form as its designer would describe it."""

    name: str
    organisation: str
    strapline: str
    title: str
    subtitle: str
    instructions: str
    office_use: str
    """Label of the framed corner that stays empty."""
    sections: tuple[Section, ...]
    footer_left: str
    footer_right: str
