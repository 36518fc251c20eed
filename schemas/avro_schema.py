"""Avro schemas derived from the records: the dataclasses are the one definition.

Fields without a dataclass default are required; all others get that default, so that adding a field with a
default is a compatible change. Optional fields are unions with null first. Times are timestamp-micros.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import types
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from schemas.correction import Correction
from schemas.request import AnalysisRequest
from schemas.result import AnalysisResult

NAMESPACE = "docbeam"
Schema = dict[str, Any]

CONTRACTS: Mapping[str, type] = {
    "analysis_request": AnalysisRequest,
    "analysis_result": AnalysisResult,
    "correction": Correction,
}
"""The records that cross the system's edge, by the file name of their released schema."""

_PRIMITIVES: dict[type, Any] = {
    str: "string",
    bool: "boolean",
    int: "long",
    float: "double",
    datetime: {"type": "long", "logicalType": "timestamp-micros"},
}


@lru_cache(maxsize=16)
def avro_schema(record: type) -> Schema:
    """The Avro schema of a record dataclass.

    Raises TypeError for a field whose type has no Avro form.
    """
    return cast(Schema, _record(record, set()))


def _record(record: type, named: set[str]) -> Any:
    if record.__name__ in named:
        return f"{NAMESPACE}.{record.__name__}"
    named.add(record.__name__)
    hints = get_type_hints(record)
    documentation = field_documentation(record)
    fields = []
    for field in dataclasses.fields(record):
        entry: Schema = {"name": field.name, "type": _type(hints[field.name], named)}
        if documentation.get(field.name):
            entry["doc"] = documentation[field.name]
        default = _default(field)
        if default is not dataclasses.MISSING:
            entry["default"] = default
        fields.append(entry)
    return {
        "type": "record",
        "name": record.__name__,
        "namespace": NAMESPACE,
        "doc": inspect.cleandoc(record.__doc__ or ""),
        "fields": fields,
    }


def _type(hint: Any, named: set[str]) -> Any:
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    origin = get_origin(hint)
    if origin in (types.UnionType, Union):
        inner = [arm for arm in get_args(hint) if arm is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"only X | None unions have an Avro form, not {hint}")
        return ["null", _type(inner[0], named)]
    if origin is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], named)}
    if origin is dict:
        return {"type": "map", "values": _type(get_args(hint)[1], named)}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        # A string, not an Avro enum: a new member must not make old readers fail.
        return "string"
    if dataclasses.is_dataclass(hint):
        return _record(cast(type, hint), named)
    raise TypeError(f"{hint} has no Avro form")


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return plain(field.default_factory())
    if field.default is dataclasses.MISSING:
        return dataclasses.MISSING
    return plain(field.default)


def plain(value: Any) -> Any:
    """`value` with records as dicts, tuples as lists and enums as strings, as fastavro writes it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


@lru_cache(maxsize=64)
def field_documentation(record: type) -> Mapping[str, str]:
    """The string literals under the fields of a dataclass, by field name."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(record)))
    (body,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    found: dict[str, str] = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else None
            if isinstance(text, str):
                found[field.target.id] = " ".join(text.split())
    return found
