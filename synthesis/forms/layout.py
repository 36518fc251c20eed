"""Places a declared form on A4: what to print where, and where every field is. Needs no font file."""

from __future__ import annotations

from dataclasses import dataclass, field

from synthesis.fonts import PRINT_FACE
from synthesis.forms.form import COLUMNS, Choice, Consent, Entries, Entry, FieldKind, Form, Paragraph, Row, Section
from synthesis.geometry import Box

PAGE_WIDTH = 595.28
PAGE_HEIGHT = 841.89
"""A4 in points."""

_MARGIN = 40.0
_GUTTER = 5.0
_BOX = 10.0
"""Side of a checkbox: the median of the US federal forms."""
_LABEL_STRIP = 10.5
"""Height that the label takes inside a frame."""
_ROW_GAP = 6.0

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""
INK: Colour = (28, 32, 38)
BRAND: Colour = (22, 58, 92)
LABEL: Colour = (66, 76, 88)
GUIDE: Colour = (186, 192, 200)
FRAME: Colour = (104, 116, 130)
TINT: Colour = (226, 233, 240)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A field and its place, in points."""

    name: str
    kind: FieldKind
    label: str
    box: Box
    """The printed frame; of a checkbox the square itself."""
    writing: Box
    """Where ink is expected: the frame without label and unit."""
    cells: tuple[Box, ...] = ()
    """Of a comb, left to right."""
    group: str = ""
    """The choice that this box belongs to."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle, or a circle where `round` is set."""

    box: Box
    fill: Colour | None = None
    stroke: Colour | None = FRAME
    weight: float = 0.6
    round: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line; x, y in points."""

    start: tuple[float, float]
    end: tuple[float, float]
    colour: Colour = FRAME
    weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """One line of print; `anchor` is l, m or r: which end of the baseline (x, y) is."""

    text: str
    x: float
    y: float
    size: float
    weight: int = 400
    colour: Colour = INK
    anchor: str = "l"
    face: str = PRINT_FACE


Print = Frame | Rule | Text


@dataclass(slots=True)
class Layout:
    """A printed page before it is drawn."""

    form: Form
    prints: list[Print] = field(default_factory=list)
    """In drawing order."""
    fields: dict[str, PlacedField] = field(default_factory=dict)

    def _add(self, placed: PlacedField) -> None:
        if placed.name in self.fields:
            raise ValueError(f"form {self.form.name!r} has two fields named {placed.name!r}; rename one")
        self.fields[placed.name] = placed


def lay_out(form: Form) -> Layout:
    """Places every row from the top down.

    Raises ValueError if the rows do not fit on the page, or if two fields share a name.
    """
    layout = Layout(form)
    y = _heading(layout)
    for number, section in enumerate(form.sections, 1):
        y = _section_band(layout, section, number, y)
        for row in section.rows:
            y = _row(layout, row, y)
        y += 6.0
    if y > PAGE_HEIGHT - 38:
        raise ValueError(f"form {form.name!r} is {y - PAGE_HEIGHT + 38:.0f} points too long for one page; drop a row")
    _footer(layout)
    return layout


def _column(start: int, span: int) -> tuple[float, float]:
    width = (PAGE_WIDTH - 2 * _MARGIN + _GUTTER) / COLUMNS
    left = _MARGIN + start * width
    return left, left + span * width - _GUTTER


def _heading(layout: Layout) -> float:
    form, out = layout.form, layout.prints
    right = PAGE_WIDTH - _MARGIN
    out.append(Frame(Box(_MARGIN, 34, _MARGIN + 34, 68), fill=BRAND, stroke=None))
    for step, height in enumerate((8.0, 14.0, 20.0)):
        bar = _MARGIN + 7 + step * 7.5
        out.append(Frame(Box(bar, 61 - height, bar + 5, 61), fill=WHITE, stroke=None))
    out.append(Text(form.organisation, _MARGIN + 42, 52, 16, 700, BRAND))
    out.append(Text(form.strapline, _MARGIN + 42, 64.5, 7.8, 400, LABEL))
    office = Box(right - 118, 34, right, 68)
    out.append(Frame(office, stroke=GUIDE))
    out.append(Text(form.office_use, office.left + 4, office.top + 7.6, 6, 400, LABEL))
    out.append(Text(form.title, _MARGIN, 96, 19, 700, INK))
    out.append(Text(form.subtitle, right, 96, 8.6, 400, LABEL, "r"))
    out.append(Rule((_MARGIN, 103.5), (right, 103.5), BRAND, 1.6))
    out.append(Text(form.instructions, _MARGIN, 115.5, 7.4, 400, INK))
    return 123.5


def _section_band(layout: Layout, section: Section, number: int, y: float) -> float:
    right = PAGE_WIDTH - _MARGIN
    layout.prints.append(Frame(Box(_MARGIN, y, right, y + 15), fill=TINT, stroke=None))
    layout.prints.append(Frame(Box(_MARGIN, y, _MARGIN + 16, y + 15), fill=BRAND, stroke=None))
    layout.prints.append(Text(str(number), _MARGIN + 8, y + 11, 9.6, 700, WHITE, "m"))
    layout.prints.append(Text(section.title, _MARGIN + 22, y + 11, 9.6, 600, BRAND))
    if section.note:
        layout.prints.append(Text(section.note, right - 5, y + 10.4, 7, 400, LABEL, "r"))
    return y + 15 + _ROW_GAP


def _row(layout: Layout, row: Row, y: float) -> float:
    match row:
        case Entries():
            return _entries(layout, row, y)
        case Choice():
            return _choice(layout, row, y)
        case Consent():
            return _consent(layout, row, y)
        case Paragraph():
            for number, line in enumerate(row.lines):
                layout.prints.append(Text(line, _MARGIN, y + 7.5 + number * 11.0, 8.2))
            return y + len(row.lines) * 11.0 + 6.0


def _entries(layout: Layout, row: Entries, y: float) -> float:
    start = 0
    for entry in row.fields:
        left, right = _column(start, entry.span)
        _entry(layout, entry, Box(left, y, right, y + row.height))
        start += entry.span
    return y + row.height + _ROW_GAP


def _entry(layout: Layout, entry: Entry, box: Box) -> None:
    writing = Box(box.left + 4, box.top + _LABEL_STRIP, box.right - 4, box.bottom - 2)
    layout.prints.append(Frame(box, fill=WHITE))
    layout.prints.append(Text(entry.label, box.left + 4, box.top + 8.2, 6.9, 400, LABEL))
    if entry.unit:
        layout.prints.append(Text(entry.unit, box.right - 5, box.bottom - 6.5, 8.4, 600, LABEL, "r"))
        writing = Box(writing.left, writing.top, box.right - 24, writing.bottom)
    cells: tuple[Box, ...] = ()
    if entry.kind is FieldKind.COMB:
        cells = _comb(layout, entry, writing)
        writing = Box(cells[0].left, writing.top, cells[-1].right, writing.bottom)
    if entry.kind is FieldKind.SIGNATURE:
        line = box.bottom - 12
        layout.prints.append(Rule((box.left + 18, line), (box.right - 8, line), FRAME, 0.6))
        layout.prints.append(Text("\u00d7", box.left + 8, line + 0.5, 11, 400, LABEL))
        writing = Box(box.left + 20, writing.top, box.right - 8, box.bottom - 3)
    layout._add(PlacedField(entry.name, entry.kind, entry.label, box, writing, cells))


def _comb(layout: Layout, entry: Entry, area: Box) -> tuple[Box, ...]:
    gap = 5.0
    count = sum(character != " " for character in entry.pattern)
    width = min(17.0, (area.width - gap * entry.pattern.count(" ")) / count)
    cells: list[Box] = []
    left = area.left
    for character in entry.pattern:
        if character == " ":
            left += gap
            continue
        cell = Box(left, area.top + 0.5, left + width, area.bottom - 2)
        layout.prints.append(Frame(cell, stroke=FRAME, weight=0.5))
        if character != "#":
            layout.prints.append(Text(character, cell.centre[0], cell.bottom - 6.4, 9, 400, GUIDE, "m"))
        cells.append(cell)
        left += width
    return tuple(cells)


def _choice(layout: Layout, row: Choice, y: float) -> float:
    layout.prints.append(Text(row.label, _MARGIN, y + 8.4, 8.6, 600, INK))
    start = row.label_span
    for option in row.options:
        left, _ = _column(start, option.span)
        box = Box(left, y, left + _BOX, y + _BOX)
        layout.prints.append(Frame(box, fill=WHITE, stroke=INK, weight=0.7, round=row.kind is FieldKind.RADIO))
        layout.prints.append(Text(option.label, box.right + 5, y + 8.2, 8.8))
        name = f"{row.name}.{option.value}"
        layout._add(PlacedField(name, row.kind, option.label, box, box, group=row.name))
        start += option.span
    return y + _BOX + _ROW_GAP + 3


def _consent(layout: Layout, row: Consent, y: float) -> float:
    box = Box(_MARGIN + 1, y, _MARGIN + 1 + _BOX, y + _BOX)
    layout.prints.append(Frame(box, fill=WHITE, stroke=INK, weight=0.7))
    for number, line in enumerate(row.lines):
        layout.prints.append(Text(line, box.right + 6, y + 8 + number * 10.0, 8.4))
    layout._add(PlacedField(row.name, FieldKind.CHECKBOX, " ".join(row.lines), box, box))
    return y + max(_BOX, len(row.lines) * 10.0) + _ROW_GAP


def _footer(layout: Layout) -> None:
    y, right = PAGE_HEIGHT - 24, PAGE_WIDTH - _MARGIN
    layout.prints.append(Rule((_MARGIN, y - 10), (right, y - 10), GUIDE, 0.5))
    layout.prints.append(Text(layout.form.footer_left, _MARGIN, y, 6.8, 400, LABEL))
    layout.prints.append(Text(layout.form.footer_right, right, y, 6.8, 400, LABEL, "r"))
