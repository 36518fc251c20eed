"""The fields of a fillable PDF (AcroForm, ISO 32000-2, 12.7): a blank that a person of the company has chosen.

It is not for files of strangers: nothing bounds the time or memory it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from forms.field_formats import format_of
from forms.field_kinds import kind_of
from forms.form import FieldKind, FormField, Place
from forms.form_file import FormError
from forms.shown_page import ShownPage

_HIDDEN = 1 << 1 | 1 << 5
"""Annotation flags Hidden and NoView."""
_LEAST_POINTS = 1.0
"""A widget less wide or high than this is no place to write in."""
_RADIO, _PUSH_BUTTON = 1 << 15, 1 << 16
_MULTILINE, _COMB = 1 << 12, 1 << 24
_REQUIRED = 1 << 1
_OFF = "Off"
_DEEPEST = 64
"""Of fields in fields; more is a circle."""


@dataclass(slots=True)
class _Widget:
    """A place on a page, with what its field says, inherited from the fields above it."""

    name: str
    said: Mapping[str, Any]
    place: Place


@dataclass(slots=True)
class _Found:
    said: Mapping[str, Any]
    places: list[Place] = field(default_factory=list)


def read_acroform(path: Path) -> tuple[FormField, ...]:
    """The fields that show on some page, in the order of pages and of places in them; empty without an AcroForm.

    Hidden fields and push buttons are none. Raises FormError for a file that is no PDF, is encrypted, or holds its
    fields as XFA alone.
    """
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise FormError(f"{path}: the PDF opens only with a password; save it without one")
        found: dict[str, _Found] = {}
        for number, page in enumerate(reader.pages, start=1):
            for widget in _widgets(page, number):
                found.setdefault(widget.name, _Found(widget.said)).places.append(widget.place)
        if not found and _is_xfa(reader):
            raise FormError(
                f"{path}: its fields are XFA alone, which no PDF library reads; open it in the program that made it "
                "and save or print it as an ordinary PDF"
            )
    except FormError:
        raise
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormError(f"{path}: the PDF cannot be read ({type(error).__name__}: {error}); save it anew") from None
    return tuple(each for name, seen in found.items() if (each := _field(name, seen)) is not None)


def _is_xfa(reader: PdfReader) -> bool:
    acroform = reader.root_object.get("/AcroForm")
    acroform = acroform.get_object() if acroform is not None else None
    return isinstance(acroform, DictionaryObject) and "/XFA" in acroform


def _widgets(page: PageObject, number: int) -> Iterator[_Widget]:
    shown = ShownPage.of(page)
    annotations = page.get("/Annots")
    annotations = annotations.get_object() if annotations is not None else None
    for reference in annotations if isinstance(annotations, ArrayObject) else ():
        widget = reference.get_object()
        if not isinstance(widget, DictionaryObject) or widget.get("/Subtype") != "/Widget":
            continue
        said = _inherited(widget)
        if not said.get("/FT") or int(said.get("/F", 0)) & _HIDDEN or not said["name"]:
            continue
        box = shown.box([float(edge) for edge in widget.get("/Rect", ())], _LEAST_POINTS)
        if box is not None:
            yield _Widget(said["name"], said, Place(page=number, box=box, value=_on_state(widget, said)))


def _inherited(widget: DictionaryObject) -> dict[str, Any]:
    """What widget and the fields above it say, the nearest first; `name` is the full name (12.7.4.2)."""
    said: dict[str, Any] = {}
    names: list[str] = []
    current: Any = widget
    for _ in range(_DEEPEST):
        for key in ("/FT", "/Ff", "/F", "/MaxLen", "/Opt", "/TU", "/AA"):
            if key in current and key not in said:
                said[key] = _plain(current[key])
        if "/T" in current:
            names.append(str(current["/T"]))
        current = current.get("/Parent")
        if current is None:
            break
        current = current.get_object()
    return said | {"name": ".".join(reversed(names))}


def _plain(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _on_state(widget: DictionaryObject, said: Mapping[str, Any]) -> str:
    """The appearance other than Off; where /Opt gives export values it is their number (12.7.5.2.3)."""
    if said["/FT"] != "/Btn":
        return ""
    appearance = _plain(widget.get("/AP")) or {}
    normal = _plain(appearance.get("/N")) or {}
    states = [str(key).lstrip("/") for key in normal if str(key).lstrip("/") != _OFF]
    state = states[0] if states else "Yes"
    options = said.get("/Opt")
    if isinstance(options, ArrayObject) and state.isdigit() and int(state) < len(options):
        return str(options[int(state)])
    return state


def _field(name: str, seen: _Found) -> FormField | None:
    said, places = seen.said, _in_order(seen.places)
    flags = int(said.get("/Ff", 0))
    if said["/FT"] == "/Btn" and flags & _PUSH_BUTTON:
        return None
    label = " ".join(str(said.get("/TU", "")).split())
    cells = _whole(said.get("/MaxLen"))
    several = len({place.value for place in places}) > 1
    comb = bool(flags & _COMB) and cells is not None
    kind = kind_of(
        str(said["/FT"]), name, label, radio=bool(flags & _RADIO) or several, comb=comb, actions=said.get("/AA")
    )
    told = format_of(kind, name, label, said.get("/AA"))
    is_mark = kind in (FieldKind.RADIO, FieldKind.CHECKBOX)
    return FormField(
        name=name,
        kind=kind,
        label=label,
        places=tuple(place if is_mark else place.model_copy(update={"value": ""}) for place in places),
        required=bool(flags & _REQUIRED),
        multiline=said["/FT"] == "/Tx" and bool(flags & _MULTILINE),
        cells=cells if kind is FieldKind.COMB else None,
        max_length=cells if said["/FT"] == "/Tx" else None,
        choices=_choices(said.get("/Opt")) if kind is FieldKind.CHOICE else (),
        format=told.format,
        country=told.country,
        date_order=told.date_order,
    )


def _in_order(places: list[Place]) -> list[Place]:
    """Each once: some programs leave a field's widget twice at one place."""
    return sorted(dict.fromkeys(places), key=lambda place: (place.page, place.box[1], place.box[0]))


def _whole(value: Any) -> int | None:
    return int(value) if value is not None and int(value) > 0 else None


def _choices(options: Any) -> tuple[str, ...]:
    """What people see: of pairs (export value, text) the text."""
    seen = []
    for option in options if isinstance(options, ArrayObject) else ():
        option = _plain(option)
        text = str(option[-1]) if isinstance(option, ArrayObject) and option else str(option)
        if text.strip():
            seen.append(text.strip())
    return tuple(dict.fromkeys(seen))
