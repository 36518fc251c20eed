"""Whether an answer of somebody else's code can be written as JSON, Avro and a table row."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, ValidationError

_INT64 = 2**63
_SHARES = ("confidence", "detection_confidence", "quarter_confidence", "angle_confidence", "score")
_ROUNDING = 1e-6
"""32-bit floats that should add up to 1 miss it by less."""


def writable(adapter: TypeAdapter[Any], answer: Any) -> Any:
    """`answer` as JSON-ready values, known to be read back as what the adapter says.

    Raises ValueError for wrong types, numbers that are not finite or not 64-bit, and text that is not Unicode; the
    message names kinds and places, never values, which may be a document's.
    """
    try:
        plain = adapter.dump_python(answer, mode="json", warnings="error")
        json.dumps(plain, allow_nan=False, ensure_ascii=False).encode()
        adapter.validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (PydanticSerializationError, UnicodeEncodeError, TypeError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None
    except ValueError:
        raise ValueError("a number that is not finite") from None
    _check_integers(plain)
    return plain


def within_bounds(plain: Any) -> Any:
    """A prediction as JSON-ready values, its confidences and scores within 0..1; mere rounding is mended in place.

    Raises ValueError for a confidence outside.
    """
    for value in plain if isinstance(plain, list) else plain.values():
        if isinstance(value, dict | list):
            within_bounds(value)
    for name in _SHARES if isinstance(plain, dict) else ():
        if name in plain:
            plain[name] = _share(name, plain[name])
    return plain


def _share(name: str, value: float) -> float:
    if not -_ROUNDING <= value <= 1 + _ROUNDING:
        raise ValueError(f"a {name} outside 0..1".replace("_", " "))
    return min(1.0, max(0.0, value))


def _check_integers(value: Any) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _check_integers(item)
    elif isinstance(value, list):
        for item in value:
            _check_integers(item)
    elif isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise ValueError("an integer of more than 64 bits")
