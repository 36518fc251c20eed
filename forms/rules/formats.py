"""Formats by the names that form.toml uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forms.rules.amounts import plain_amount
from forms.rules.contacts import email, phone, postcode
from forms.rules.dates import iso_date
from forms.rules.identifiers import has_check_digits, identifier, is_identifier
from forms.rules.setting import Setting

ANY = "any"
"""Takes a kind's own format away."""
DATE, AMOUNT = "date", "amount"
_FORMATS: Mapping[str, Callable[[str, Setting], str]] = {
    DATE: iso_date,
    AMOUNT: plain_amount,
    "email": email,
    "phone": phone,
    "postcode": postcode,
}


def is_format(name: str) -> bool:
    """Whether values can be checked against a format of this name."""
    return name == ANY or name in _FORMATS or is_identifier(name)


def known_formats() -> str:
    """For people."""
    return f"{', '.join([*_FORMATS, 'iban', 'bic', 'card'])}, {ANY}, or a number of a country such as us.ssn"


def proves_itself(name: str) -> bool:
    """Whether a value of this format holds check digits."""
    return name not in _FORMATS and name != ANY and has_check_digits(name)


def normal_form(value: str, name: str, setting: Setting) -> str:
    """The value as programs write it. Raises BrokenRule."""
    if name in _FORMATS:
        return _FORMATS[name](value, setting)
    return value if name == ANY else identifier(value, name)
