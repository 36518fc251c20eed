"""A fillable form of one page with printed marks, and a few pen strokes, so that tests need no training data."""

from __future__ import annotations

from pathlib import Path
from string import ascii_letters, digits

import numpy as np
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

WIDTH, HEIGHT = 612.0, 792.0
MARKS = [(x, y) for y in (0.06, 0.28, 0.5, 0.72, 0.94) for x in (0.06, 0.36, 0.64, 0.94)]
"""Fractions at which a disc is printed: those that the truth of curled paper names."""
RADIUS = 4.0
"""Points."""
_ROWS = {
    "last_name": ("/Tx", "Last name", {}),
    "ssn": ("/Tx", "Social security number", {"/MaxLen": NumberObject(9), "/Ff": NumberObject(1 << 24)}),
    "birth_date": ("/Tx", "Date of birth", {}),
    "amount_paid": ("/Tx", "Amount paid", {"/Q": NumberObject(2)}),
    "phone": ("/Tx", "Daytime phone", {"/MaxLen": NumberObject(14)}),
    "email": ("/Tx", "E-mail address", {}),
    "bank": ("/Ch", "Bank", {"/Opt": ArrayObject([TextStringObject("First"), TextStringObject("Second")])}),
    "signature": ("/Sig", "Sign here", {}),
}


def write_blank(path: Path, pages: int = 1) -> Path:
    """The form as PDF; every page has the same fields under other names."""
    writer = PdfWriter()
    roots = ArrayObject()
    for number in range(1, pages + 1):
        page = writer.add_blank_page(WIDTH, HEIGHT)
        discs = "".join(_disc(x * WIDTH, HEIGHT - y * HEIGHT) for x, y in MARKS)
        content = DecodedStreamObject()
        content.set_data(discs.encode("ascii"))
        page[NameObject("/Contents")] = writer._add_object(content)
        widgets = ArrayObject()
        for row, (name, (sort, tooltip, more)) in enumerate(_ROWS.items()):
            top = 120 + 44 * row + (30 if row > 2 else 0)
            widgets.append(_widget(writer, sort, f"{name}_{number}", tooltip, (90, top, 330, top + 20), more))
        for column, name in enumerate(("owns_yes", "owns_no")):
            place = (420.0 + 40 * column, 290.0, 431.0 + 40 * column, 301.0)
            widgets.append(_box(writer, f"{name}_{number}", place, "Yes"))
        roots.extend(widgets)
        group = _radio(writer, f"status_{number}")
        roots.append(group)
        widgets.extend(group.get_object()["/Kids"])
        page[NameObject("/Annots")] = widgets
    font = {"/Type": NameObject("/Font"), "/Subtype": NameObject("/Type1"), "/BaseFont": NameObject("/Helvetica")}
    fonts = _dictionary({"/Font": _dictionary({"/Helv": _dictionary(font)})})
    form = {"/Fields": roots, "/DR": fonts, "/DA": TextStringObject("/Helv 10 Tf 0 g")}
    writer.root_object[NameObject("/AcroForm")] = _dictionary(form)
    writer.write(path)
    return path


def write_strokes(folder: Path) -> Path:
    """Characters, words and lines of one writer of each part, as the training folder has them."""
    characters = [(part, sign) for part in (0, 8, 9) for sign in digits + ascii_letters]
    words = [(part, word) for part in (0, 8, 9) for word in ("Anna", "Berta", "Clara", "Dora")]
    for name, segments in (("chars", characters), ("words", words), ("text", words)):
        steps = []
        for number, _ in enumerate(segments):
            path = np.array([(0, 0), (30, 64), (10 + number % 7, -64), (20, 30)])
            steps.append(path)
        moves = np.concatenate(steps).astype(np.int16)
        np.savez(
            folder / f"unipen_{name}.npz",
            dx=moves[:, 0],
            dy=moves[:, 1],
            stroke_len=np.full(len(segments), 4),
            seg_strokes=np.ones(len(segments), np.int64),
            writer=np.array([writer for writer, _ in segments]),
            labels=np.frombuffer("\n".join(text for _, text in segments).encode(), dtype=np.uint8),
        )
    return folder


def _dictionary(entries: dict[str, object]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def _disc(x: float, y: float) -> str:
    """Four Bezier curves round a point."""
    r, k = RADIUS, RADIUS * 0.5523
    curves = (
        f"{x + r} {y + k} {x + k} {y + r} {x} {y + r} c {x - k} {y + r} {x - r} {y + k} {x - r} {y} c "
        f"{x - r} {y - k} {x - k} {y - r} {x} {y - r} c {x + k} {y - r} {x + r} {y - k} {x + r} {y} c"
    )
    return f"{x + r} {y} m {curves} f\n"


def _widget(writer, sort, name, tooltip, place, more):  # type: ignore[no-untyped-def]
    left, top, right, bottom = place
    rectangle = ArrayObject([FloatObject(value) for value in (left, HEIGHT - bottom, right, HEIGHT - top)])
    entries = {
        "/Type": NameObject("/Annot"),
        "/Subtype": NameObject("/Widget"),
        "/FT": NameObject(sort),
        "/Rect": rectangle,
        "/F": NumberObject(4),
        "/DA": TextStringObject("/Helv 10 Tf 0 g"),
        **more,
    }
    if name:
        entries |= {"/T": TextStringObject(name), "/TU": TextStringObject(tooltip)}
    return writer._add_object(_dictionary(entries))


def _box(writer, name, place, state):  # type: ignore[no-untyped-def]
    looks = {}
    for key, drawing in ((f"/{state}", "0 0 m 11 11 l S"), ("/Off", "")):
        stream = DecodedStreamObject()
        stream.set_data(drawing.encode("ascii"))
        stream.update(_dictionary({"/Type": NameObject("/XObject"), "/Subtype": NameObject("/Form")}))
        stream[NameObject("/BBox")] = ArrayObject([FloatObject(value) for value in (0, 0, 11, 11)])
        looks[key] = writer._add_object(stream)
    more = {"/AP": _dictionary({"/N": _dictionary(looks)}), "/AS": NameObject("/Off")}
    return _widget(writer, "/Btn", name, "Do you own a car?", place, more)


def _radio(writer, name):  # type: ignore[no-untyped-def]
    kids = ArrayObject()
    group = writer._add_object(
        _dictionary(
            {"/T": TextStringObject(name), "/FT": NameObject("/Btn"), "/Ff": NumberObject(1 << 15), "/Kids": kids}
        )
    )
    for column, state in enumerate(("single", "married", "other")):
        kid = _box(writer, "", (400.0 + 40 * column, 480.0, 411.0 + 40 * column, 491.0), state)
        kid.get_object()[NameObject("/Parent")] = group
        kids.append(kid)
    return group
