"""Numbers with rules of their own, by python-stdnum: accounts, cards, and what countries give people and companies."""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from types import ModuleType

from forms.rules.broken import BrokenRule

_NAME = re.compile(r"[a-z]{2}\.[a-z][a-z0-9_]*", re.ASCII)
_OF_ALL_COUNTRIES = {"iban": "IBAN", "bic": "BIC", "card": "card number"}
_SHAPES = {
    "iban": re.compile(r"[A-Z]{2}\d{2}[A-Z\d]{11,30}", re.ASCII),  # ISO 13616
    "card": re.compile(r"\d{12,19}", re.ASCII),  # ISO/IEC 7812
}
"""Looked at first: without them any text would be told to have wrong check digits."""
_CALCULATES = ("calc_check_digit", "calc_check_digits", "checksum")


def is_identifier(name: str) -> bool:
    """Whether `name` is `iban`, `bic`, `card`, or a number of a country that stdnum knows, such as `us.ssn`."""
    return name in _OF_ALL_COUNTRIES or (_NAME.fullmatch(name) is not None and _module(name) is not None)


def has_check_digits(name: str) -> bool:
    """Whether a slip of one character is told by the number itself."""
    if name in _OF_ALL_COUNTRIES:
        return name in ("iban", "card")
    return any(hasattr(_module(name), function) for function in _CALCULATES)


def identifier(value: str, name: str) -> str:
    """The number without spaces and dashes, in capitals. Raises BrokenRule."""
    from stdnum.exceptions import InvalidChecksum, ValidationError

    called = _OF_ALL_COUNTRIES.get(name, name)
    none = BrokenRule(f"not {'an' if called[0] in 'AEIOaeio' else 'a'} {called}")
    module, shape = _module(name), _SHAPES.get(name)
    if shape is not None:
        value = re.sub(r"[\s-]", "", value).upper()
    if module is None or (shape is not None and not shape.fullmatch(value)):
        raise none
    try:
        return str(module.validate(value))
    except InvalidChecksum:
        raise BrokenRule(f"{called} check digits") from None
    except (ValidationError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError):
        # Some modules fail over characters they do not expect.
        raise none from None


@lru_cache(maxsize=64)
def _module(name: str) -> ModuleType | None:
    try:
        module = importlib.import_module(f"stdnum.{'luhn' if name == 'card' else name}")
    except ImportError:
        return None
    return module if hasattr(module, "validate") else None
