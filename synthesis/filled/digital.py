"""Blanks filled on a computer: values in the form data, or drawn into the pages with no form left."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pypdfium2
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

from synthesis.filled.blank_fields import full_name, inherited, levels_of, resolved, widgets


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
            level = next(level for level in levels_of(widget) if "/T" in level)
            if inherited(widget, "/FT") == "/Btn":
                state, meaning = _on(widget)
                on = bool(values[name]) and meaning == values[name]
                widget[NameObject("/AS")] = NameObject(f"/{state}" if on else "/Off")
                if on or "/V" not in level:
                    level[NameObject("/V")] = NameObject(f"/{state}" if on else "/Off")
            elif values[name]:
                level[NameObject("/V")] = TextStringObject(values[name])
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


def _on(widget: DictionaryObject) -> tuple[str, str]:
    """The on-state of a box, and what it means: /Opt may give it another name (PDF 32000-1:2008, 12.7.4.2.3)."""
    appearance = resolved(widget.get("/AP"))
    looks = resolved(appearance.get("/N")) if isinstance(appearance, DictionaryObject) else None
    states = looks if isinstance(looks, DictionaryObject) else ()
    state = next((str(key)[1:] for key in states if key != "/Off"), "Yes")
    options = inherited(widget, "/Opt")
    if options and state.isdigit() and int(state) < len(options):
        return state, str(resolved(options[int(state)]))
    return state, state
