"""A blank page with its fields drawn over it, for people who check or edit a form."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from forms.form import FieldKind, Form, FormField, FormPage

Colour = tuple[int, int, int]
_COLOURS: dict[FieldKind, Colour] = {
    FieldKind.TEXT: (38, 110, 220),
    FieldKind.COMB: (0, 140, 160),
    FieldKind.DATE: (170, 100, 0),
    FieldKind.NUMBER: (90, 70, 200),
    FieldKind.CHOICE: (120, 120, 0),
    FieldKind.CHECKBOX: (20, 150, 60),
    FieldKind.RADIO: (110, 160, 20),
    FieldKind.SIGNATURE: (160, 40, 180),
    FieldKind.BARCODE: (90, 90, 90),
}
_SCALE = 1.5
_LEGEND_PIXELS = 34


def picture_of(form: Form, page: FormPage, image: Path) -> Image.Image:
    """The page, paler, with each place in the colour of its kind, named; proposals are crossed."""
    with Image.open(image) as opened:
        grey = opened.convert("L")
    grey = grey.resize((round(grey.width * _SCALE), round(grey.height * _SCALE)), Image.Resampling.BILINEAR)
    picture = Image.new("RGB", (grey.width, grey.height + _LEGEND_PIXELS), "white")
    picture.paste(grey.point(lambda value: 110 + value * 145 // 255), (0, _LEGEND_PIXELS))
    pen = ImageDraw.Draw(picture, "RGBA")
    _draw_legend(pen, form, page)
    for number, field in enumerate(form.fields, start=1):
        for place in field.places:
            if place.page == page.number:
                _draw_place(pen, field, number, place.value, _scaled(place.box, grey.size))
    return picture


def _draw_place(
    pen: ImageDraw.ImageDraw, field: FormField, number: int, value: str, box: tuple[float, float, float, float]
) -> None:
    colour = _COLOURS[field.kind]
    pen.rectangle(box, fill=(*colour, 40), outline=(*colour, 255), width=2)
    left, top, right, bottom = box
    if field.proposed:
        pen.line((left, bottom, right, top), fill=(*colour, 255), width=2)
    if field.kind is FieldKind.COMB or field.cell_spans:
        for x in sorted({left + (right - left) * edge for span in field.spans for edge in span})[1:-1]:
            pen.line((x, top, x, bottom), fill=(*colour, 160), width=1)
    mark = field.kind in (FieldKind.CHECKBOX, FieldKind.RADIO)
    told = f"{number} {value}" if mark and value else f"{number} {field.name.rsplit('.', 1)[-1]}"
    font = ImageFont.load_default(11)
    # Marks are too small to write in.
    place = (right + 2, top) if mark else (left + 2, top + 1)
    room = 14 if mark else max(3, int((right - left) / 6))
    pen.text(place, told[:room], fill=(*colour, 255), font=font)


def _draw_legend(pen: ImageDraw.ImageDraw, form: Form, page: FormPage) -> None:
    font = ImageFont.load_default(15)
    x = 10.0
    told = f"{form.name} {form.version}, page {page.number}   (numbers: order in form.toml; crossed: a proposal)"
    pen.text((x, 8), told, fill="black", font=font)
    x += pen.textlength(told, font=font) + 30
    for kind in dict.fromkeys(field.kind for field in form.fields):
        pen.rectangle((x, 9, x + 14, 23), fill=(*_COLOURS[kind], 90), outline=_COLOURS[kind])
        pen.text((x + 19, 8), kind.value, fill="black", font=font)
        x += pen.textlength(kind.value, font=font) + 40


def _scaled(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    width, height = size
    left, top, right, bottom = box
    return left * width, top * height + _LEGEND_PIXELS, right * width, bottom * height + _LEGEND_PIXELS
