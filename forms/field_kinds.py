"""What kind of field a PDF's field is: its type and flags say most, its format or the words on it the rest."""

from __future__ import annotations

import re
from typing import Any

from forms.form import FieldKind

_SIGNATURE = re.compile(r"\b(signature|signed|sign here|firma)\b", re.IGNORECASE)
_NO_SIGNATURE = re.compile(r"\b(date|name|title|phone|number|print)\b", re.IGNORECASE)
_DATE = re.compile(r"\b(date|dated|birthdate|dob|mm/dd|month/day|fecha)\b", re.IGNORECASE)
_NO_DATE = re.compile(r"\b(candidate|update|name|place|amount|paid by)\b", re.IGNORECASE)
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z/ ]+")
_DATE_ACTION, _NUMBER_ACTION = re.compile(r"AFDate_"), re.compile(r"AF(Number|Percent)_")


def kind_of(pdf_type: str, name: str, label: str, *, radio: bool, comb: bool, actions: Any) -> FieldKind:
    """The kind. `pdf_type` is /Btn, /Tx, /Ch or /Sig; `actions` the field's additional-actions dictionary, if any.

    Words decide only over text fields: `label` (the tooltip) where there is one, else the last part of the name.
    """
    match pdf_type:
        case "/Btn":
            return FieldKind.RADIO if radio else FieldKind.CHECKBOX
        case "/Ch":
            return FieldKind.CHOICE
        case "/Sig":
            return FieldKind.SIGNATURE
    if comb:
        return FieldKind.COMB
    script = scripts(actions)
    if _DATE_ACTION.search(script):
        return FieldKind.DATE
    if _NUMBER_ACTION.search(script):
        return FieldKind.NUMBER
    words = words_of(name, label)
    if _SIGNATURE.search(words) and not _NO_SIGNATURE.search(words):
        return FieldKind.SIGNATURE
    if _DATE.search(words) and not _NO_DATE.search(words):
        return FieldKind.DATE
    return FieldKind.TEXT


def _plain(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def words_of(name: str, label: str) -> str:
    """What is said of a field in words: the label where there is one, else the last part of the name."""
    return label or _WORDS.sub(" ", name.rsplit(".", 1)[-1])


def scripts(actions: Any) -> str:
    """The text of the scripts that format and check a field (/AA, 12.6.3)."""
    found = []
    for key in ("/F", "/K"):
        action = _plain(actions.get(key)) if hasattr(actions, "get") else None
        script = _plain(action.get("/JS")) if action is not None and hasattr(action, "get") else ""
        found.append(script.get_data().decode("latin-1") if hasattr(script, "get_data") else str(script))
    return " ".join(found)
