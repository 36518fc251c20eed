"""Which format a PDF's text field has: its format script says, else the words on it where they leave no doubt.

What is found here checks values and chooses between readings; it never changes how a value is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from forms.field_kinds import scripts, words_of
from forms.form import FieldKind
from forms.rules.formats import ANY
from forms.rules.setting import DateOrder

_DATE = re.compile(r"AFDate_FormatEx\s*\(\s*[\"']([^\"']*)")
_NUMBERED_DATE = re.compile(r"AFDate_Format\s*\(\s*(\d+)\s*\)")
_DATES = ("m/d", "m/d/yy", "mm/dd/yy", "mm/yy", "d-mmm", "d-mmm-yy", "dd-mmm-yy", "yy-mm-dd")
"""What AFDate_Format's number means (Acrobat JavaScript API); those after these have a month in words."""
_SPECIAL = re.compile(r"AFSpecial_Format\s*\(\s*(\d)\s*\)")
_SPECIALS = ("postcode", "postcode", "phone", "us.tin")
"""Zip, zip+4, phone, social security number: on forms the last is asked of people who have another number for taxes."""
_OF_WORDS = (
    ("email", re.compile(r"\be-?mail\b", re.IGNORECASE)),
    ("iban", re.compile(r"\biban\b", re.IGNORECASE)),
)
_MOST_WORDS = 5
"""A longer label says more than what to write."""
_OTHER_THAN = re.compile(r"\b(or|if|by|via|prefer\w*|name|phone|fax|bic|swift|bank|consent|send)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ToldFormat:
    """What a field's form.toml says beside its kind."""

    format: str = ""
    country: str = ""
    date_order: DateOrder | None = None


def format_of(kind: FieldKind, name: str, label: str, actions: Any) -> ToldFormat:
    """The format of a field of `kind`; `actions` is the field's additional-actions dictionary, if any."""
    script = scripts(actions)
    if kind is FieldKind.DATE:
        return _date(script)
    if kind not in (FieldKind.TEXT, FieldKind.COMB):
        return ToldFormat()
    if (special := _SPECIAL.search(script)) and int(special[1]) < len(_SPECIALS):
        # Acrobat's special formats are those of the United States.
        return ToldFormat(_SPECIALS[int(special[1])], country="US")
    words = words_of(name, label)
    if len(words.split()) <= _MOST_WORDS and not _OTHER_THAN.search(words):
        for told, pattern in _OF_WORDS:
            if pattern.search(words):
                return ToldFormat(told)
    return ToldFormat()


def _date(script: str) -> ToldFormat:
    if found := _DATE.search(script):
        wish = found[1].lower()
    elif (numbered := _NUMBERED_DATE.search(script)) and int(numbered[1]) < len(_DATES):
        wish = _DATES[int(numbered[1])]
    else:
        return ToldFormat()
    order = "".join(dict.fromkeys(re.findall("[dmy]", wish)))
    if order in tuple(DateOrder):
        return ToldFormat(date_order=DateOrder(order))
    # Such as month and year: no whole date.
    return ToldFormat() if len(order) == 3 else ToldFormat(ANY)
