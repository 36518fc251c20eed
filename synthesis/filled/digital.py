"""Blanks filled on a computer: values in the form data, or drawn into the pages with no form left."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pypdfium2
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

from synthesis.filled.blank_fields import full_name, on_state, widgets


def filled_digitally(blank: Path, values: Mapping[str, str], *, appearances: bool) -> bytes:
    """The blank with values by full name (of buttons the on-state, "" off); without appearances a viewer draws them."""
    writer = PdfWriter(clone_from=PdfReader(blank))
    form = writer.root_object["/AcroForm"].get_object()
    assert isinstance(form, DictionaryObject)
    form[NameObject("/NeedAppearances")] = BooleanObject(not appearances)
    for page in writer.pages:
        texts: dict[str, str] = {}
        for widget in widgets(page):
            name = full_name(widget)
            if name not in values:
                continue
            if _level_with(widget, "/FT").get("/FT") == "/Btn":
                on = bool(values[name]) and on_state(widget) == values[name]
                widget[NameObject("/AS")] = NameObject(f"/{values[name]}" if on else "/Off")
                _level_with(widget, "/T")[NameObject("/V")] = NameObject(f"/{values[name]}" if values[name] else "/Off")
            elif values[name]:
                _level_with(widget, "/T")[NameObject("/V")] = TextStringObject(values[name])
                texts[name] = values[name]
        if appearances and texts:
            writer.update_page_form_field_values(page, dict(texts), auto_regenerate=False)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def flattened(filled: bytes) -> bytes:
    """The same with the values drawn into the pages."""
    document = pypdfium2.PdfDocument(filled)
    try:
        document.init_forms()
        for number in range(len(document)):
            page = document[number]
            page.flatten()
            page.close()
        out = io.BytesIO()
        document.save(out)
    finally:
        document.close()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(out.getvalue())))
    writer.root_object.pop("/AcroForm", None)
    clean = io.BytesIO()
    writer.write(clean)
    return clean.getvalue()


def _level_with(widget: DictionaryObject, key: str) -> DictionaryObject:
    """The lowest level of a field that has the key; the highest where none has."""
    at = widget
    while key not in at and "/Parent" in at:
        above = at["/Parent"].get_object()
        if not isinstance(above, DictionaryObject):
            break
        at = above
    return at
