"""The BigQuery form of results and corrections: schemas and rows, derived from the one definition of each record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from schemas.avro_schema import Schema, avro_schema, plain
from schemas.correction import Correction
from schemas.request import now
from schemas.result import AnalysisResult

Column = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TableLayout:
    """What a table holds, and how it is laid out."""

    record: type
    partition: str
    """Column by whose day it is partitioned."""
    cluster: tuple[str, ...]


RESULTS = TableLayout(AnalysisResult, "received_at", ("use_case", "status", "request_id"))
CORRECTIONS = TableLayout(Correction, "corrected_at", ("use_case", "form", "request_id"))
_TYPES = {"string": "STRING", "boolean": "BOOLEAN", "long": "INTEGER", "double": "FLOAT", "bytes": "BYTES"}
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "STRING": (str,),
    "BOOLEAN": (bool,),
    "INTEGER": (int,),
    "FLOAT": (float, int),
    "TIMESTAMP": (str,),
}
_OWN_COLUMNS: tuple[Column, ...] = (
    {"name": "inserted_at", "type": "TIMESTAMP", "mode": "REQUIRED", "description": "When the row was sent."},
    {"name": "row_id", "type": "STRING", "mode": "REQUIRED", "description": "The same for repeats of one delivery."},
)


@lru_cache(maxsize=4)
def table_schema(layout: TableLayout = RESULTS) -> tuple[Column, ...]:
    """The columns of a table; the timings of results are columns of their own, so that one can be the partition."""
    schema = avro_schema(layout.record)
    definitions = _definitions(schema)
    columns: list[Column] = []
    for field in schema["fields"]:
        if field["name"] == "timings":
            columns += [_column(inner, definitions) for inner in definitions["Timings"]["fields"]]
        else:
            columns.append(_column(field, definitions))
    return (*columns, *_OWN_COLUMNS)


def result_row(result: AnalysisResult, row_id: str) -> dict[str, Any]:
    """The row of a result; every nested field is present. Times are RFC 3339 texts."""
    row = plain(result)
    row |= row.pop("timings")
    return _row(row, row_id, RESULTS)


def correction_row(correction: Correction) -> dict[str, Any]:
    """Likewise of a correction."""
    return _row(plain(correction), correction.correction_id, CORRECTIONS)


def row_problem(row: Mapping[str, Any], columns: tuple[Column, ...] | None = None, path: str = "") -> str | None:
    """Why BigQuery would refuse the row, or None: a column missing, unknown, of the wrong type, null or not finite."""
    columns = table_schema() if columns is None else columns
    names = {column["name"] for column in columns}
    for name in row:
        if name not in names:
            return f"{path}{name}: no such column"
    for column in columns:
        problem = _cell_problem(row, column, f"{path}{column['name']}")
        if problem:
            return problem
    return None


def _row(row: dict[str, Any], row_id: str, layout: TableLayout) -> dict[str, Any]:
    texts: dict[str, Any] = _with_times_as_text(row | {"inserted_at": now(), "row_id": row_id})
    return _with_lists(texts, table_schema(layout))


def _cell_problem(row: Mapping[str, Any], column: Column, path: str) -> str | None:
    if column["name"] not in row:
        return f"{path}: missing"
    value = row[column["name"]]
    if column["mode"] == "REPEATED":
        if not isinstance(value, list):
            return f"{path}: not a list"
        for index, item in enumerate(value):
            problem = _value_problem(item, column, f"{path}[{index}]")
            if problem:
                return problem
        return None
    if value is None:
        return f"{path}: null" if column["mode"] == "REQUIRED" else None
    return _value_problem(value, column, path)


def _value_problem(value: Any, column: Column, path: str) -> str | None:
    if column["type"] == "RECORD":
        if not isinstance(value, dict):
            return f"{path}: not a record"
        return row_problem(value, tuple(column["fields"]), f"{path}.")
    kinds = _PYTHON[column["type"]]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return f"{path}: a {type(value).__name__} is no {column['type']}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{path}: not a finite number"
    return None


def _definitions(schema: Any, found: dict[str, Schema] | None = None) -> dict[str, Schema]:
    found = {} if found is None else found
    if isinstance(schema, list):
        for arm in schema:
            _definitions(arm, found)
    elif isinstance(schema, dict):
        if schema.get("type") == "record":
            found[schema["name"]] = schema
            for field in schema["fields"]:
                _definitions(field["type"], found)
        elif schema.get("type") == "array":
            _definitions(schema["items"], found)
    return found


def _column(field: Mapping[str, Any], definitions: Mapping[str, Schema]) -> Column:
    mode = "REQUIRED"
    kind = field["type"]
    if isinstance(kind, list):
        mode, kind = "NULLABLE", next(arm for arm in kind if arm != "null")
    if isinstance(kind, dict) and kind.get("type") == "array":
        mode, kind = "REPEATED", kind["items"]
    column: Column = {"name": field["name"], "type": "", "mode": mode}
    if field.get("doc"):
        column["description"] = field["doc"][:1024]
    if isinstance(kind, dict) and kind.get("logicalType") == "timestamp-micros":
        column["type"] = "TIMESTAMP"
    elif isinstance(kind, str) and kind in _TYPES:
        column["type"] = _TYPES[kind]
    else:
        name = kind["name"] if isinstance(kind, dict) else kind.rsplit(".", 1)[-1]
        column["type"] = "RECORD"
        column["fields"] = [_column(inner, definitions) for inner in definitions[name]["fields"]]
    return column


def _with_lists(row: dict[str, Any], columns: tuple[Column, ...]) -> dict[str, Any]:
    """The row with an empty list wherever a repeated column would be null, which BigQuery has no notion of."""
    for column in columns:
        name = column["name"]
        if column["mode"] == "REPEATED" and row[name] is None:
            row[name] = []
        if column["type"] == "RECORD":
            for record in row[name] if column["mode"] == "REPEATED" else [row[name]]:
                if record is not None:
                    _with_lists(record, tuple(column["fields"]))
    return row


def _with_times_as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _with_times_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_times_as_text(item) for item in value]
    return value
