"""Whether a value is what its field may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from forms.form import FieldKind, Form, FormField
from forms.rules.broken import BrokenRule
from forms.rules.formats import normal_form

MOST_CHARACTERS = 1_000
"""Longer values are not looked at: a `pattern` of form.toml may take time that grows with the square of a value."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A value, and what is wrong with it."""

    value: str
    """As written, without spaces around it; the normal form where the field wants that and the value has one."""
    rule: str = ""
    """Which rule it breaks, in a few words; empty where it breaks none."""


def check(field: FormField, form: Form, value: str) -> Checked:
    """Hold `value` against what form.toml says of its field; raises nothing, whatever the value.

    Nothing written breaks no rule. A pattern that backtracks without end is the form's own fault, and ends with the
    time limit of whoever reads the page.
    """
    text = value.strip()
    if not text or not _has_rules(field):
        return Checked(text)
    if len(text) > MOST_CHARACTERS:
        return Checked(text, f"longer than {MOST_CHARACTERS} characters")
    if field.kind is FieldKind.CHOICE and field.choices and text not in field.choices:
        return Checked(text, "none of the choices")
    if field.pattern and not _compiled(field.pattern).fullmatch(text):
        return Checked(text, "does not match the pattern")
    if not field.checked_as:
        return Checked(text)
    try:
        normal = normal_form(text, field.checked_as, form.setting(field))
    except BrokenRule as broken:
        return Checked(text, str(broken))
    return Checked(normal if field.normal else text)


def _has_rules(field: FormField) -> bool:
    return bool(field.checked_as or field.pattern or (field.kind is FieldKind.CHOICE and field.choices))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
