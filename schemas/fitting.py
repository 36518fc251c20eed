"""Values as other programs write them, made what a record holds; what cannot be is refused by the field's name."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = 1e11
"""Above it a bare number counts milliseconds, a thousand times above it microseconds...: of 5138, and of 1973."""
_TICKS = range(630_000_000_000_000_000, 660_000_000_000_000_000)
"""Of .NET, in tenths of microseconds since the year 1, from 1997 to 2092; as nanoseconds they were of 1990."""
_TICKS_BEFORE = 621_355_968_000_000_000
"""Up to 1970."""


class Misfit(ValueError):
    """What a field holds cannot be what the record wants; the message names it and never quotes it."""

    def __init__(self, reason: str, *places: str) -> None:
        super().__init__(f"{'.'.join(places) or 'record'}: {reason}")
        self.reason = reason
        self.places = places


@contextmanager
def place_of(name: str) -> Iterator[None]:
    """What does not fit in the block does not fit in the field `name`."""
    try:
        yield
    except Misfit as misfit:
        raise Misfit(misfit.reason, name, *misfit.places) from None


def fitted(values: Mapping[str, Any], record: type) -> dict[str, Any]:
    """The values as the dataclass `record` can be made of them, by its names; others are left out.

    Null where there is a default is the default; empty text is no time. Raises Misfit.
    """
    found = {}
    for name, optional, required, fit in _fields(record):
        value = values.get(name)
        if value == "" and fit is _time:
            value = None
        if value is not None:
            with place_of(name):
                found[name] = fit(value)
        elif optional and name in values:
            found[name] = None
        elif required:
            raise Misfit("null, but it needs a value" if name in values else "missing", name)
    return found


@lru_cache(maxsize=64)
def _fields(record: type) -> list[tuple[str, bool, bool, Callable[[Any], Any]]]:
    """Of each field its name, whether it may be null, whether it has no default, and what makes a value fit."""
    hints = get_type_hints(record)
    found = []
    for field in dataclasses.fields(record):
        hint, optional = hints[field.name], False
        if get_origin(hint) in (types.UnionType, Union):
            hint, optional = next(arm for arm in get_args(hint) if arm is not type(None)), True
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        found.append((field.name, optional, required, _fit(hint)))
    return found


def _fit(hint: Any) -> Callable[[Any], Any]:
    if dataclasses.is_dataclass(hint):
        return lambda value: fitted(_record(value), hint)  # type: ignore[arg-type]
    if hint is str or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return _text
    if hint is datetime:
        return _time
    if get_origin(hint) is dict:
        return _texts
    if get_origin(hint) is tuple and dataclasses.is_dataclass(get_args(hint)[0]):
        fit = _fit(get_args(hint)[0])
        return lambda value: [fit(each) for each in _list(value)]
    return lambda value: value


def _record(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Misfit(f"{_kind(value)}, but it must be a record")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Misfit(f"{_kind(value)}, but it must be a list")
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise Misfit("bytes that are no UTF-8 text") from None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise Misfit(f"{_kind(value)}, but it must be text")


def _texts(value: Any) -> dict[str, str]:
    """Of a map or a record, or of a list of keys and values, as maps come that know other keys than text."""
    if isinstance(value, list) and all(isinstance(each, Mapping) and each.keys() == {"key", "value"} for each in value):
        value = {_text(each["key"]): each["value"] for each in value}
    if not isinstance(value, Mapping):
        raise Misfit(f"{_kind(value)}, but it must be a map")
    found = {}
    for name, each in value.items():
        if each is not None:
            with place_of(name[:64]):
                found[name] = _text(each)
    return found


def _time(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str):
            # Java sets the name of the zone behind its distance.
            told = datetime.fromisoformat(value.partition("[")[0])
            return told if told.tzinfo else told.replace(tzinfo=UTC)
        if isinstance(value, int) and value in _TICKS:
            return _EPOCH + timedelta(microseconds=(value - _TICKS_BEFORE) / 10)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            thousands = 0
            while abs(value) >= _SECONDS * 1000**thousands:
                thousands += 1
            return _EPOCH + timedelta(microseconds=round(value * 1000 ** (2 - thousands)))
    except (ValueError, OverflowError):
        raise Misfit("no time: ISO 8601, or a number since 1970") from None
    raise Misfit(f"{_kind(value)}, but it must be a time")


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a record"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "text"
    return {bool: "yes or no", int: "a number", float: "a number", bytes: "bytes"}.get(type(value), "something else")
