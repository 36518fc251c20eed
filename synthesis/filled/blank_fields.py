"""Reads the fields of a blank fillable PDF: only what filling it needs.

`read_fields` is the one door; it can be replaced by the reading of `forms.acroform` without any other change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

_PUSH, _RADIO, _COMB, _MULTILINE = 1 << 16, 1 << 15, 1 << 24, 1 << 12
"""Flags of PDF 32000-1:2008, tables 226 and 228."""
_HIDDEN = 1 << 1 | 1 << 5
"""Widgets that no viewer shows: hidden, or no view."""
_DEEPEST = 40
_SMALLEST = 2.0
"""Points; what is smaller cannot be filled."""
_OVERLAP = 0.5
"""Share of the smaller box from which two fields lie on one another."""

Fractions = tuple[float, float, float, float]
"""Left, top, right, bottom in 0..1 of the page as a viewer shows it."""


class BlankKind(StrEnum):
    """What AcroForm says of a field."""

    TEXT = "text"
    COMB = "comb"
    CHOICE = "choice"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    """Of all its boxes at most one is on; also a check box with several on-states."""
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class BlankField:
    """A field on one page; a field on several pages comes once a page."""

    name: str
    """The full name."""
    page: int
    """From 1."""
    kind: BlankKind
    boxes: tuple[Fractions, ...]
    states: tuple[str, ...] = ()
    """Of buttons: the on-state of each box."""
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    tooltip: str = ""
    multiline: bool = False
    right_aligned: bool = False


def read_fields(path: Path) -> list[BlankField]:
    """The visible fields in the order of pages and widgets, without those that lie on others. Raises pypdf's errors."""
    found: dict[tuple[str, int], list[tuple[Fractions, str, dict[str, Any]]]] = {}
    for number, page in enumerate(PdfReader(path).pages, start=1):
        for widget in widgets(page):
            entries = _inherited(widget)
            box = _shown_box(page, [float(value) for value in entries["/Rect"]])
            if _fillable(page, entries, box):
                found.setdefault((full_name(widget), number), []).append((box, on_state(widget), entries))
    fields = [_field(name, page, places) for (name, page), places in found.items()]
    return [field for field in fields if not _covered(field, fields)]


def page_boxes(path: Path) -> list[tuple[float, float]]:
    """Width and height in points of each page as a viewer shows it."""
    return [_shown_size(page) for page in PdfReader(path).pages]


def widgets(page: PageObject) -> Iterator[DictionaryObject]:
    """The places of fields on a page."""
    listed: Any = _resolved(page.get("/Annots"))
    for reference in listed or ():
        annotation = _resolved(reference)
        if (
            isinstance(annotation, DictionaryObject)
            and annotation.get("/Subtype") == "/Widget"
            and "/Rect" in annotation
        ):
            yield annotation


def _resolved(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _chain(widget: dict[str, Any]) -> list[dict[str, Any]]:
    chain: list[dict[str, Any]] = []
    at = widget
    while isinstance(at, dict) and len(chain) < _DEEPEST:
        chain.append(at)
        at = _resolved(at.get("/Parent"))
    return chain


def _inherited(widget: dict[str, Any]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for level in reversed(_chain(widget)):
        entries.update({key: _resolved(value) for key, value in level.items() if key != "/Kids"})
    return entries


def full_name(widget: DictionaryObject) -> str:
    """The names of all levels, joined by dots."""
    return ".".join(str(_resolved(level["/T"])) for level in reversed(_chain(widget)) if "/T" in level)


def on_state(widget: DictionaryObject) -> str:
    """What a box means when it is on; "" of no button."""
    looks = _resolved((_resolved(widget.get("/AP")) or {}).get("/N"))
    states = [key for key in looks or () if key != "/Off"] if isinstance(looks, dict) else []
    return str(states[0])[1:] if states else ""


def _fillable(page: PageObject, entries: dict[str, Any], box: Fractions) -> bool:
    width, height = _shown_size(page)
    large = (box[2] - box[0]) * width > _SMALLEST and (box[3] - box[1]) * height > _SMALLEST
    inside = box[0] > -0.01 and box[1] > -0.01 and box[2] < 1.01 and box[3] < 1.01
    flags = int(entries.get("/Ff", 0))
    button = entries.get("/FT") == "/Btn"
    if entries.get("/FT") not in ("/Tx", "/Btn", "/Ch", "/Sig") or int(entries.get("/F", 0)) & _HIDDEN:
        return False
    return large and inside and not flags & 1 and not (button and flags & _PUSH)


def _field(name: str, page: int, places: list[tuple[Fractions, str, dict[str, Any]]]) -> BlankField:
    entries = places[0][2]
    states = tuple(state for _, state, _ in places)
    flags = int(entries.get("/Ff", 0))
    length = entries.get("/MaxLen")
    return BlankField(
        name,
        page,
        _kind(str(entries["/FT"]), flags, states, length),
        tuple(box for box, _, _ in places),
        states,
        int(length) if length is not None and int(length) > 0 else None,
        _choices(entries),
        " ".join(str(entries.get("/TU", "")).split()),
        bool(flags & _MULTILINE) and entries["/FT"] == "/Tx",
        int(entries.get("/Q", 0)) == 2,
    )


def _kind(sort: str, flags: int, states: tuple[str, ...], length: Any) -> BlankKind:
    if sort == "/Btn":
        several = len({state for state in states if state}) > 1
        return BlankKind.RADIO if flags & _RADIO or several else BlankKind.CHECKBOX
    if sort == "/Tx" and flags & _COMB and length is not None and int(length) > 1:
        return BlankKind.COMB
    return {"/Tx": BlankKind.TEXT, "/Ch": BlankKind.CHOICE, "/Sig": BlankKind.SIGNATURE}[sort]


def _choices(entries: dict[str, Any]) -> tuple[str, ...]:
    if entries["/FT"] != "/Ch":
        return ()
    options = [_resolved(option) for option in entries.get("/Opt", ())]
    shown = [str(_resolved(option[-1]) if isinstance(option, list) else option).strip() for option in options]
    return tuple(text for text in shown if text)


def _shown_size(page: PageObject) -> tuple[float, float]:
    box = page.cropbox
    width, height = float(box.width), float(box.height)
    return (height, width) if page.rotation % 180 else (width, height)


def _shown_box(page: PageObject, rectangle: list[float]) -> Fractions:
    box = page.cropbox
    left, bottom, width, height = float(box.left), float(box.bottom), float(box.width), float(box.height)
    xs = sorted(((rectangle[0] - left) / width, (rectangle[2] - left) / width))
    ys = sorted((1 - (rectangle[1] - bottom) / height, 1 - (rectangle[3] - bottom) / height))
    corners = {
        0: (xs[0], ys[0], xs[1], ys[1]),
        90: (1 - ys[1], xs[0], 1 - ys[0], xs[1]),
        180: (1 - xs[1], 1 - ys[1], 1 - xs[0], 1 - ys[0]),
        270: (ys[0], 1 - xs[1], ys[1], 1 - xs[0]),
    }[page.rotation % 360]
    return (corners[0], corners[1], corners[2], corners[3])


def _covered(field: BlankField, fields: list[BlankField]) -> bool:
    """Whether a larger field (or an equal one that came before) lies on this one: nobody could tell their ink apart."""
    for other in fields:
        if other is field or other.page != field.page:
            continue
        for box in field.boxes:
            for beside in other.boxes:
                if _shared(box, beside) > _OVERLAP:
                    return True
    return False


def _shared(one: Fractions, other: Fractions) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide * high / max(smaller, 1e-12)
