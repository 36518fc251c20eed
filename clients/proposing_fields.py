"""Fields that a blank seems to have: proposals, for people to look at, from the pictures of its pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from clients.blank_sheets import BlankSheet
from forms.field_kinds import kind_of
from forms.form import Box, FieldKind, FormField, Place
from forms.shown_page import PLACES
from models.contract import Model
from models.field_places.finding import places
from models.field_places.labels import labels
from models.field_places.page_print import pixels
from models.field_places.place import PlaceKind, Rectangle, SeenPlace
from models.registry import load_model
from schemas.prediction import bounds

_BOX_FINDER = "checkbox"
_SEVERAL_LINES = 32.0
"""Points: a cell as high as this has room for several lines."""
_LEVEL = 0.5
_GROUP_ACROSS, _GROUP_DOWN = 200.0, 30.0
"""Points between rings of one question, in a row and in a column."""
_LONGEST_NAME = 40
_MARKS = (PlaceKind.BOX, PlaceKind.RING)


@dataclass(frozen=True, slots=True)
class _Labelled:
    page: int
    seen: SeenPlace
    label: str
    size: tuple[int, int]
    """Width and height of the page in pixels."""

    @property
    def place(self) -> Place:
        width, height = self.size
        left, top, right, bottom = self.seen.box
        box: Box = (_share(left, width), _share(top, height), _share(right, width), _share(bottom, height))
        return Place(page=self.page, box=box)


def proposed_fields(sheets: Sequence[BlankSheet]) -> tuple[FormField, ...]:
    """What may be written on these pages, in reading order, each named after the words that belong to it."""
    loaded: dict[str, Model] = {}
    names = _Names()
    return tuple(field for sheet in sheets for field in _fields(_labelled(sheet, loaded), names))


def seen_on(sheet: BlankSheet, loaded: dict[str, Model]) -> list[SeenPlace]:
    """Places of a page, in its pixels and in reading order."""
    boxes = load_model(_BOX_FINDER, loaded).predict([sheet.image])[0].checkboxes
    seen = places(sheet.image.pixels, [(bounds(box.quad), box.radio) for box in boxes], sheet.words)
    return _in_reading_order(seen)


def _labelled(sheet: BlankSheet, loaded: dict[str, Model]) -> list[_Labelled]:
    height, width = sheet.image.pixels.shape
    seen = seen_on(sheet, loaded)
    told = labels(seen, sheet.words)
    return [_Labelled(sheet.number, place, label, (width, height)) for place, label in zip(seen, told, strict=True)]


def _in_reading_order(seen: Sequence[SeenPlace]) -> list[SeenPlace]:
    """Rows from top to bottom, each from left to right; what stands on one line is a row."""
    rows: list[list[SeenPlace]] = []
    for place in sorted(seen, key=lambda place: place.box[3]):
        if rows and place.box[3] - median(other.box[3] for other in rows[-1]) < pixels(7):
            rows[-1].append(place)
        else:
            rows.append([place])
    return [place for row in rows for place in sorted(row, key=lambda place: place.box[0])]


def _fields(found: Sequence[_Labelled], names: _Names) -> list[FormField]:
    fields = []
    grouped: set[int] = set()
    for number, each in enumerate(found):
        if number in grouped:
            continue
        group = _group(number, found) if each.seen.kind is PlaceKind.RING else [number]
        grouped.update(group)
        fields.append(_radio([found[k] for k in group], names) if len(group) > 1 else _single(each, names))
    return fields


def _single(each: _Labelled, names: _Names) -> FormField:
    seen, label = each.seen, each.label
    if seen.kind in _MARKS:
        kind = FieldKind.CHECKBOX
    else:
        kind = kind_of("/Tx", "", label, radio=False, comb=seen.kind is PlaceKind.COMB, actions=None)
    high = seen.box[3] - seen.box[1] > pixels(_SEVERAL_LINES)
    place = each.place.model_copy(update={"value": "Yes"}) if seen.kind in _MARKS else each.place
    return FormField(
        name=names.new(label, kind, each.page),
        kind=kind,
        label=label,
        places=(place,),
        multiline=kind is FieldKind.TEXT and high,
        cells=seen.cells if kind is FieldKind.COMB else None,
        max_length=seen.cells if kind is FieldKind.COMB else None,
        proposed=True,
    )


def _radio(group: Sequence[_Labelled], names: _Names) -> FormField:
    values = _Names()
    told = [
        each.place.model_copy(update={"value": values.new(each.label, FieldKind.RADIO, each.page)}) for each in group
    ]
    return FormField(
        name=names.new("", FieldKind.RADIO, group[0].page),
        kind=FieldKind.RADIO,
        label=" / ".join(each.label for each in group if each.label),
        places=tuple(told),
        proposed=True,
    )


def _group(first: int, found: Sequence[_Labelled]) -> list[int]:
    """The rings that go on from this one: in its row, or under it as long as they stand under one another."""
    rings = [number for number in range(first, len(found)) if found[number].seen.kind is PlaceKind.RING]
    boxes = [found[number].seen.box for number in rings]
    row = [0]
    for number in range(1, len(rings)):
        last = boxes[row[-1]]
        if _is_level(boxes[number], last) and 0 < boxes[number][0] - last[2] < pixels(_GROUP_ACROSS):
            row.append(number)
    if len(row) > 1:
        return [rings[number] for number in row]
    column = [0]
    for number in range(1, len(rings)):
        last = boxes[column[-1]]
        if abs(boxes[number][0] - last[0]) < pixels(3) and 0 < boxes[number][1] - last[3] < pixels(_GROUP_DOWN):
            column.append(number)
    return [rings[number] for number in column]


def _is_level(one: Rectangle, other: Rectangle) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > _LEVEL * (one[3] - one[1])


def _share(edge: float, length: int) -> float:
    return round(min(1.0, max(0.0, edge / length)), PLACES)


class _Names:
    """Names, each given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def new(self, label: str, kind: FieldKind, page: int) -> str:
        """From the label, else from kind and page."""
        words = re.sub(r"[\W_]+", "-", label.lower()).strip("-")
        stem = words[:_LONGEST_NAME].rsplit("-", 1)[0] if len(words) > _LONGEST_NAME else words
        stem = stem or f"{kind.value}-page-{page}"
        name, number = stem, 1
        while name in self._given:
            number += 1
            name = f"{stem}-{number}"
        self._given.add(name)
        return name
