"""Schemas of other writers, vetted before a byte is decoded with them.

fastavro follows any schema it is given: recursive ones end the process in C, items that take no byte are read as
often as a count of 2**50 says, and a few names that refer to each other expand to more fields than memory holds. A
vetted schema is rebuilt from what decides how bytes are read, and decoding with it costs at most a small multiple of
the bytes: every visited value is paid for by a byte, up to the constants below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import fastavro

from schemas.avro_schema import Schema
from schemas.errors import DocbeamError, ErrorCode
from schemas.json_text import parse_json

MAX_CHARACTERS = 65_536
MAX_DEPTH = 32
"""Of types in each other, references followed."""
MAX_TYPES = 10_000
"""Of types in all, references followed: what one record costs beside its bytes."""
MAX_FREE = 8
"""Values (records among them) an item of an array or a map may hold without a byte of their own, for each byte it
takes at least."""
_MAX_JSON_DEPTH = 4 * MAX_DEPTH
_MAX_FIXED = 2**31

_SIZES: Mapping[str, int] = {
    "null": 0,
    "boolean": 1,
    "int": 1,
    "long": 1,
    "float": 4,
    "double": 8,
    "bytes": 1,
    "string": 1,
}
LOGICAL = "logical"
"""Under this name the logical type is kept, so that fastavro does nothing about it: some of what it would do costs (a
decimal of 200 kB). `schemas.avro_reader` knows those that matter."""
_LOGICAL = re.compile(r"[a-z][a-z-]{0,63}")
_ALIASES = 16
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$+-]{0,255}(\.[A-Za-z_$][A-Za-z0-9_$+-]{0,255}){0,32}")
"""With the signs that Java and .NET set between the names of nested classes."""


@dataclass(frozen=True, slots=True)
class WriterSchema:
    """A schema that may be decoded with; made by `vetted` only."""

    text: str
    """Nothing in it but what decides how bytes are read, and what values mean."""
    plain: Schema = field(compare=False, repr=False)
    """The same, as JSON says it."""


@lru_cache(maxsize=256)
def vetted(text: str, others: tuple[str, ...] = ()) -> WriterSchema:
    """The schema in a registry's text, which may name what the schemas in `others` define.

    Raises DocbeamError(UNUSABLE_SCHEMA) naming what it must not be.
    """
    try:
        told, *defined = (parse_json(each, MAX_CHARACTERS, _MAX_JSON_DEPTH) for each in (text, *others))
        whole = _Vetting(defined).record(told)
        fastavro.parse_schema(whole.plain)
        return WriterSchema(json.dumps(whole.plain), whole.plain)
    except ValueError as error:
        raise _unusable(str(error)) from None
    except Exception as error:
        raise _unusable(f"{type(error).__name__} while reading it") from None


def vetted_schema(schema: Schema) -> WriterSchema:
    """As `vetted`, of a schema that is parsed already."""
    return vetted(json.dumps(schema))


@dataclass(frozen=True, slots=True)
class _Type:
    plain: Any
    """The schema with nothing in it but what decides how bytes are read."""
    kind: str
    bytes: int
    """That a value takes at least."""
    free: int = 0
    """Values in it, at most, that take no byte of their own; those in arrays and maps of it are bounded there."""
    types: int = 1
    depth: int = 1


class _Vetting:
    """One schema being rebuilt; `_named` holds None for a name while its type is being defined.

    What other schemas define is taken in where it is first named.
    """

    def __init__(self, others: Sequence[Any] = ()) -> None:
        self._named: dict[str, _Type | None] = {}
        self._others = {_own_name(other): other for other in others if isinstance(other, dict)}

    def record(self, told: Any) -> _Type:
        found = self._type(told, "")
        if found.kind != "record":
            raise ValueError(f"it is a {found.kind}, no record")
        if found.types > MAX_TYPES:
            raise ValueError(f"it expands to more than {MAX_TYPES} types")
        return found

    def _type(self, told: Any, namespace: str) -> _Type:
        found = self._unbounded(told, namespace)
        if found.depth > MAX_DEPTH:
            raise ValueError(f"types are in each other more than {MAX_DEPTH} deep")
        return found

    def _unbounded(self, told: Any, namespace: str) -> _Type:
        if isinstance(told, str):
            return self._reference(told, namespace)
        if isinstance(told, list):
            return self._union([self._type(each, namespace) for each in told])
        if not isinstance(told, dict):
            raise ValueError("a type is neither a name, a list nor an object")
        kind = told.get("type")
        if isinstance(kind, (dict, list)):
            return self._type(kind, namespace)
        if kind == "array":
            return _repeated("array", "items", self._type(told.get("items"), namespace), 0)
        if kind == "map":
            return _repeated("map", "values", self._type(told.get("values"), namespace), 1)
        if kind in ("record", "enum", "fixed"):
            return self._definition(kind, told, namespace)
        found = self._reference(kind, namespace)
        logical = told.get("logicalType")
        if kind in _SIZES and _is_logical(logical):
            return replace(found, plain={"type": kind, LOGICAL: logical})
        return found

    def _reference(self, name: Any, namespace: str) -> _Type:
        if isinstance(name, str) and name in _SIZES:
            return _Type(name, name, _SIZES[name], free=int(not _SIZES[name]))
        for full in (_full(name, namespace), _full(name, "")):
            if full in self._named:
                found = self._named[full]
                if found is None:
                    raise ValueError("it is recursive")
                # fastavro visits the name and then what it names.
                return _Type(full, found.kind, found.bytes, found.free + 1, found.types + 1, found.depth)
            if full in self._others:
                return self._type(self._others.pop(full), "")
        raise ValueError("it refers to a type that it does not define")

    def _union(self, branches: Sequence[_Type]) -> _Type:
        if not branches or any(branch.kind == "union" for branch in branches):
            raise ValueError("a union is empty or directly in another")
        return _Type(
            [branch.plain for branch in branches],
            "union",
            1 + min(branch.bytes for branch in branches),
            max(branch.free for branch in branches),
            1 + sum(branch.types for branch in branches),
            1 + max(branch.depth for branch in branches),
        )

    def _definition(self, kind: str, told: dict[str, Any], namespace: str) -> _Type:
        inside = told.get("namespace")
        if inside not in (None, "") and not (isinstance(inside, str) and _NAME.fullmatch(inside)):
            raise ValueError("a namespace is no name")
        full = _full(told.get("name"), namespace if inside is None else inside)
        if full in self._named:
            raise ValueError("it defines a name twice")
        self._named[full] = None
        if kind == "record":
            found = self._fields(full, told.get("fields"))
        elif kind == "enum":
            found = _enum(full, told.get("symbols"))
        else:
            found = _fixed(full, told.get("size"), told.get("logicalType"))
        self._named[full] = found
        return found

    def _fields(self, full: str, told: Any) -> _Type:
        if not isinstance(told, list) or not all(isinstance(field, dict) for field in told):
            raise ValueError("a record has no list of fields")
        namespace = full.rpartition(".")[0]
        names = [field.get("name") for field in told]
        if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in names) or len(set(names)) < len(names):
            raise ValueError("a field has no name, or the name of another")
        types = [self._field(field, namespace) for field in told]
        fields = [
            {"name": field["name"], "type": each.plain, **_aliases(field.get("aliases"))}
            for field, each in zip(told, types, strict=True)
        ]
        return _Type(
            {"type": "record", "name": full, "fields": fields},
            "record",
            sum(each.bytes for each in types),
            1 + sum(each.free for each in types),
            1 + sum(each.types for each in types),
            1 + max((each.depth for each in types), default=0),
        )

    def _field(self, told: dict[str, Any], namespace: str) -> _Type:
        try:
            return self._type(told.get("type"), namespace)
        except _Inside:
            raise
        except ValueError as error:
            raise _Inside(f"field {told['name'][:64]}: {error}") from None


class _Inside(ValueError):
    """What is wrong with a field; the innermost is named."""


def _repeated(kind: str, key: str, item: _Type, key_bytes: int) -> _Type:
    least = item.bytes + key_bytes
    if not least or item.free > MAX_FREE * least:
        raise ValueError(f"values in a {kind} take no bytes")
    return _Type({"type": kind, key: item.plain}, kind, 1, 0, 1 + item.types, 1 + item.depth)


def _enum(full: str, symbols: Any) -> _Type:
    if not isinstance(symbols, list) or not symbols or not all(isinstance(symbol, str) for symbol in symbols):
        raise ValueError("an enum has no symbols")
    return _Type({"type": "enum", "name": full, "symbols": symbols}, "enum", 1)


def _fixed(full: str, size: Any, logical: Any) -> _Type:
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= _MAX_FIXED:
        raise ValueError("a fixed has no size, or none of at least 1")
    meant = {LOGICAL: logical} if _is_logical(logical) else {}
    return _Type({"type": "fixed", "name": full, "size": size, **meant}, "fixed", size)


def _is_logical(told: Any) -> bool:
    return isinstance(told, str) and _LOGICAL.fullmatch(told) is not None


def _aliases(told: Any) -> dict[str, list[str]]:
    """Other names of a field: what its writer calls it may be an alias of what the contract does."""
    if not isinstance(told, list):
        return {}
    names = [name for name in told[:_ALIASES] if isinstance(name, str) and _NAME.fullmatch(name)]
    return {"also": names} if names else {}


def _own_name(told: Mapping[str, Any]) -> str:
    namespace = told.get("namespace")
    return _full(told.get("name"), namespace if isinstance(namespace, str) else "")


def _full(name: Any, namespace: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError("a name is missing or is no name")
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _unusable(reason: str) -> DocbeamError:
    return DocbeamError(ErrorCode.UNUSABLE_SCHEMA, f"the schema cannot be used: {reason}")
