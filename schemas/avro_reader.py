"""Records out of Avro bodies, whoever wrote them: read field by field as the writer's schema says.

Not by Avro's schema resolution, which wants the reader's names of records and the reader's types, and cannot say in
which field it failed. What a value means for our record is decided in `schemas.fitting`.
"""

from __future__ import annotations

import types
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

import fastavro

from schemas.avro_schema import Schema
from schemas.fitting import Misfit, place_of
from schemas.writer_schema import LOGICAL, WriterSchema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Mapping[str, timedelta | float] = {
    "date": timedelta(days=1),
    "millis": timedelta(milliseconds=1),
    "micros": timedelta(microseconds=1),
    "nanos": 1e-3,
}
"""Of the last word of a logical type; nanoseconds are finer than a datetime."""


class Bytes(Protocol):
    """What is read from."""

    def read(self, size: int) -> bytes:
        """So many bytes; raises EOFError where there are fewer."""


_Read = Callable[[Bytes], Any]


@lru_cache(maxsize=64)
def avro_reader(writer: WriterSchema, record: type) -> Callable[[Bytes], dict[str, Any]]:
    """What reads a body of `writer` as a dict by the names of the fields of the dataclass `record`.

    Fields that it does not have are skipped, those that the writer does not have are left out. What it returns raises
    Misfit naming the field that cannot be read.
    """
    return _Compiling(writer).record(writer.plain, record)


class _Compiling:
    def __init__(self, writer: WriterSchema) -> None:
        self._named: dict[str, Schema] = {}
        self._leaves = 0
        self._schemas: dict[str, Any] = {}
        fastavro.parse_schema(writer.plain, self._schemas)
        _collect(writer.plain, self._named)

    def record(self, plain: Schema, record: type) -> Callable[[Bytes], dict[str, Any]]:
        hints = get_type_hints(record)
        ours = {field.name: hints[field.name] for field in fields(record)}
        names = _matched([(field["name"], *field.get("also", ())) for field in plain["fields"]], list(ours))
        steps: list[tuple[str, str | None, _Read]] = []
        for field, name in zip(plain["fields"], names, strict=True):
            read = self._skip(field["type"]) if name is None else self._type(field["type"], ours[name])
            steps.append((field["name"], name, read))

        def read_record(body: Bytes) -> dict[str, Any]:
            found = {}
            for theirs, name, read in steps:
                with place_of(name or theirs):
                    value = read(body)
                if name is not None:
                    found[name] = value
            return found

        return read_record

    def _type(self, plain: Any, hint: Any) -> _Read:
        plain = self._named.get(plain, plain) if isinstance(plain, str) else plain
        if isinstance(plain, list):
            return self._union([self._type(each, hint) for each in plain])
        inner = _without_none(hint)
        if isinstance(plain, dict) and plain["type"] == "record" and is_dataclass(inner):
            return self.record(plain, inner)  # type: ignore[arg-type]
        return self._leaf(plain)

    def _union(self, branches: Sequence[_Read]) -> _Read:
        number = self._leaf("long")

        def read_union(body: Bytes) -> Any:
            branch = number(body)
            if not 0 <= branch < len(branches):
                raise Misfit(f"branch {branch} of a union of {len(branches)}")
            return branches[branch](body)

        return read_union

    def _leaf(self, plain: Any) -> _Read:
        schema, meant = self._wrapped(plain), _meaning(plain)

        def read_leaf(body: Bytes) -> Any:
            try:
                return meant(fastavro.schemaless_reader(body, schema)["value"])
            except Misfit:
                raise
            except Exception as error:
                # fastavro raises whatever the bytes lead it into: IndexError, EOFError, UnicodeDecodeError...
                raise Misfit(_why(error)) from None

        return read_leaf

    def _skip(self, plain: Any) -> _Read:
        schema = self._wrapped(plain)
        nothing = {"type": "record", "name": schema["name"], "fields": []}

        def skip(body: Bytes) -> None:
            try:
                fastavro.schemaless_reader(body, schema, nothing)
            except Exception as error:
                raise Misfit(_why(error)) from None

        return skip

    def _wrapped(self, plain: Any) -> Any:
        """A record around the type, as fastavro finds named types through records only.

        It is called as no writer can call one.
        """
        self._leaves += 1
        fields = [{"name": "value", "type": _by_name(plain)}]
        schema = {"type": "record", "name": f"wrapped {self._leaves}", "fields": fields}
        return fastavro.parse_schema(schema, self._schemas)


def _matched(theirs: Sequence[tuple[str, ...]], ours: Sequence[str]) -> list[str | None]:
    """For each field of the writer, by its name and aliases, ours: spelled alike, or as other languages do."""
    found: list[str | None] = [None] * len(theirs)
    folded = {_folded(name): name for name in ours}
    for look in (
        lambda names: [name for name in names[:1] if name in ours],
        lambda names: [name for name in names[1:] if name in ours],
        lambda names: [folded[_folded(name)] for name in names if _folded(name) in folded],
    ):
        for place, names in enumerate(theirs):
            free = [name for name in look(names) if name not in found]
            if found[place] is None and free:
                found[place] = free[0]
    return found


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (types.UnionType, Union):
        return next(arm for arm in get_args(hint) if arm is not type(None))
    return hint


def _collect(plain: Any, named: dict[str, Schema]) -> None:
    if isinstance(plain, list):
        for each in plain:
            _collect(each, named)
    elif isinstance(plain, dict):
        if "name" in plain:
            named[plain["name"]] = plain
        for inner in (plain.get("items"), plain.get("values"), *(each["type"] for each in plain.get("fields", ()))):
            _collect(inner, named)


def _by_name(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_by_name(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    if "name" in plain:
        return plain["name"]
    return {key: _by_name(value) if key in ("items", "values") else value for key, value in plain.items()}


def _meaning(plain: Any) -> Callable[[Any], Any]:
    """What a value of a logical type says."""
    logical = plain.get(LOGICAL) if isinstance(plain, dict) else None
    if logical is None:
        return lambda value: value
    if str(logical).startswith("time-"):
        return lambda value: _refuse("a time of day, but it must be a time with its date")
    unit = _UNITS.get(str(logical).rpartition("-")[2])
    if unit is not None:
        return lambda value: _moment(value, unit)
    if logical == "uuid" and plain["type"] == "fixed" and plain["size"] == 16:
        return lambda value: str(uuid.UUID(bytes=bytes(value)))
    if plain["type"] in ("bytes", "fixed"):
        return lambda value: _refuse(f"a {logical}, but it must be text")
    return lambda value: value


def _moment(value: int, unit: timedelta | float) -> datetime:
    try:
        return _EPOCH + (value * unit if isinstance(unit, timedelta) else timedelta(microseconds=value * unit))
    except OverflowError:
        raise Misfit("a time beyond the calendar") from None


def _refuse(reason: str) -> None:
    raise Misfit(reason)


def _why(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "the bytes end here"
    if isinstance(error, UnicodeDecodeError):
        return "text that is no UTF-8"
    return f"{type(error).__name__} while reading Avro"
