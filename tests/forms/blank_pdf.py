"""Little blank PDFs with fields, as programs that make forms write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)

Said = Mapping[str, Any]


def blank_pdf(
    path: Path, widgets: Sequence[Said], *, page: Said | None = None, pages: int = 1, **acroform: Any
) -> Path:
    """A PDF of empty pages of 600 x 800 points; `widgets` lie on page 1, or on the page that their `page` says."""
    writer = PdfWriter()
    sheets = [writer.add_blank_page(600, 800) for _ in range(pages)]
    for key, value in (page or {}).items():
        sheets[0][NameObject(key)] = pdf(value)
    fields = ArrayObject()
    for said in widgets:
        sheet = sheets[said.get("page", 1) - 1]
        widget = DictionaryObject({NameObject("/Subtype"): NameObject("/Widget")})
        widget.update({NameObject(key): pdf(value) for key, value in said.items() if key.startswith("/")})
        reference = writer._add_object(widget)
        fields.append(reference)
        sheet.setdefault(NameObject("/Annots"), ArrayObject()).append(reference)
    whole = DictionaryObject({NameObject("/Fields"): fields})
    whole.update({NameObject(f"/{key}"): pdf(value) for key, value in acroform.items()})
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(whole)
    writer.write(path)
    return path


def pdf(value: Any) -> Any:
    """A Python value as PDF: texts that begin with / are names."""
    match value:
        case bool() | None:
            return NullObject()
        case str():
            return NameObject(value) if value.startswith("/") else TextStringObject(value)
        case int():
            return NumberObject(value)
        case float():
            return FloatObject(value)
        case Mapping():
            return DictionaryObject({NameObject(key): pdf(each) for key, each in value.items()})
        case Sequence():
            return ArrayObject(pdf(each) for each in value)
    raise TypeError(type(value).__name__)
