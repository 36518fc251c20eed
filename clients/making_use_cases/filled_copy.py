"""A filled copy for a test: a few values drawn into the fields of a form's blank pages, with what is true then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from forms.form import MARKS, Box, FieldKind, Form, FormField, Place
from forms.rules.checking import check

_EXAMPLES = (
    *("Anna Berg", "Northfield", "Hamilton", "Oak Street 12", "Grant"),
    *("03/05/2026", "05.03.2026", "2026-03-05", "1,250.00", "anna.berg@example.com"),
    *("DE89 3704 0044 0532 0130 00", "(650) 253-0000", "90210", "10115", "SW1A 1AA", "536-90-4399"),
)
"""Nobody's. Into a field goes the next one that its rules allow."""
_IN_CELLS = "4718263905"
_MOST = {FieldKind.CHECKBOX: 2, FieldKind.RADIO: 1, FieldKind.TEXT: 4, FieldKind.COMB: 1}
"""On a page; of other kinds one."""
_LEAST_PIXELS, _MOST_PIXELS = 15, 30
"""Of letters, at the 150 dpi of blank pages."""
_WIDTH = 0.85
_INK, _STROKE = 20, 3
_DPI = 150

Drawn = Mapping[str, str]
"""By field, what is written there."""


def draw_filled_copy(form: Form, folder: Path, to: Path) -> Drawn:
    """Write a copy as a PDF; `folder` is the form's. All fields that are not told of are blank."""
    drawn: dict[str, str] = {}
    pages = []
    examples = cycle(_EXAMPLES)
    for page in form.pages:
        with Image.open(folder / page.image) as opened:
            picture = opened.convert("L")
        counted: Counter[FieldKind] = Counter()
        for field, place in _single_fields(form, page.number):
            if counted[field.kind] < _MOST.get(field.kind, 1):
                value = _draw(ImageDraw.Draw(picture), field, form, place, picture.size, examples)
                counted[field.kind] += bool(value)
                drawn |= {field.name: value} if value else {}
        pages.append(picture)
    pages[0].save(to, "PDF", save_all=True, append_images=pages[1:], resolution=_DPI, quality=90)
    return drawn


def _single_fields(form: Form, page: int) -> Iterator[tuple[FormField, Place]]:
    """Those of a page that stand for themselves, each with the place to write in."""
    related = {name for relation in form.relations for name in relation.fields}
    for field in form.fields:
        several = len({place.page for place in field.places}) > 1
        if field.places[0].page == page and not several and not field.multiline and field.name not in related:
            yield field, field.places[-1 if field.kind is FieldKind.RADIO else 0]


def _draw(
    pen: ImageDraw.ImageDraw, field: FormField, form: Form, place: Place, size: tuple[int, int], examples: Iterable[str]
) -> str:
    """Draw something that the field may hold; what a reader should say then, empty where nothing fits."""
    left, top, right, bottom = _in_pixels(place.box, size)
    if field.kind in MARKS:
        inset = 0.2 * min(right - left, bottom - top)
        pen.line((left + inset, top + inset, right - inset, bottom - inset), _INK, _STROKE)
        pen.line((left + inset, bottom - inset, right - inset, top + inset), _INK, _STROKE)
        return place.value if field.kind is FieldKind.RADIO else "on"
    if field.kind in (FieldKind.SIGNATURE, FieldKind.BARCODE):
        return ""
    if field.kind is FieldKind.COMB:
        return _draw_cells(pen, field, form, (left, top, right, bottom))
    letters = min(_MOST_PIXELS, 0.62 * (bottom - top))
    font = ImageFont.load_default(letters)
    for value in field.choices or islice(examples, len(_EXAMPLES)):
        room = (right - left) * _WIDTH >= font.getlength(value) and len(value) <= (field.max_length or len(value))
        if room and letters >= _LEAST_PIXELS and not check(field, form, value).rule:
            pen.text((left + 6, (top + bottom) / 2), value, _INK, font, anchor="lm")
            return value
    return ""


def _draw_cells(pen: ImageDraw.ImageDraw, field: FormField, form: Form, box: Box) -> str:
    left, top, right, bottom = box
    spans = field.spans
    value = (_IN_CELLS * len(spans))[: len(spans)]
    width = (right - left) * min(end - start for start, end in spans)
    letters = min(_MOST_PIXELS, 0.7 * (bottom - top), 1.2 * width)
    font = ImageFont.load_default(letters)
    if letters < _LEAST_PIXELS or check(field, form, value).rule:
        return ""
    for (start, end), sign in zip(spans, value, strict=True):
        pen.text((left + (right - left) * (start + end) / 2, (top + bottom) / 2), sign, _INK, font, anchor="mm")
    return value


def _in_pixels(box: Box, size: tuple[int, int]) -> Box:
    left, top, right, bottom = box
    return left * size[0], top * size[1], right * size[0], bottom * size[1]
