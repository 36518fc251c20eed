"""Files in the repository that are derived from the records and the catalogue, and whether they are up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from schemas.avro_schema import CONTRACTS, avro_schema, field_documentation
from schemas.bigquery import CORRECTIONS, RESULTS, table_schema
from schemas.errors import ErrorCode
from schemas.released import newest_schema, released_schemas, write_released
from schemas.wire import RecordCodec

ROOT = Path(__file__).resolve().parents[1]
_MARK = "<!-- Made by `docbeam schemas generate`; edit the code instead. -->"


def drifted() -> list[str]:
    """Paths, from the repository's root, of what `write_generated` would add or change."""
    stale = [
        f"schemas/avro/{name}.v{max(released_schemas(name), default=0) + 1}.avsc"
        for name, record in CONTRACTS.items()
        if not released_schemas(name) or newest_schema(name) != avro_schema(record)
    ]
    return stale + [path for path, text in _texts().items() if not _has(path, text)]


def write_generated() -> list[str]:
    """Bring all of them up to date; returns the paths that were written. A changed record becomes a new version."""
    written = []
    for name, record in CONTRACTS.items():
        path = write_released(name, avro_schema(record))
        if path is not None:
            written.append(path.relative_to(ROOT).as_posix())
    for place, text in _texts().items():
        if not _has(place, text):
            (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / place).write_text(text, encoding="utf-8")
            written.append(place)
    return written


def error_rows() -> list[dict[str, Any]]:
    """The catalogue: code, who has to act, whether to send the same again, meaning."""
    return [
        {
            "code": code.value,
            "fault": code.meaning.fault.value,
            "retryable": code.meaning.retryable,
            "meaning": code.meaning.text,
        }
        for code in ErrorCode
    ]


def _texts() -> Mapping[str, str]:
    """By path; none where docbeam is installed without its repository."""
    if not (ROOT / "pyproject.toml").is_file():
        return {}
    found = {
        f"schemas/json/{name}.json": _json(RecordCodec(record).json_schema()) for name, record in CONTRACTS.items()
    }
    found["schemas/json/bigquery_results.json"] = _json(list(table_schema(RESULTS)))
    found["schemas/json/bigquery_corrections.json"] = _json(list(table_schema(CORRECTIONS)))
    found["docs/errors.md"] = _errors_page()
    found["docs/result.md"] = _result_page()
    return found


def _has(path: str, text: str) -> bool:
    file = ROOT / path
    return file.is_file() and file.read_text(encoding="utf-8") == text


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def _errors_page() -> str:
    lines = [
        _MARK,
        "# Error codes",
        "",
        "One catalogue for Kafka, BigQuery and the command line. *Who acts* has to change something for the same",
        "request to succeed. *Again* says whether sending it unchanged may succeed; `docbeam replay",
        "--failed-retryable` does that.",
        "",
        "| Code | Who acts | Again | Meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{row['code']}` | {row['fault']} | {'yes' if row['retryable'] else 'no'} | {row['meaning']} |"
        for row in error_rows()
    ]
    return "\n".join(lines) + "\n"


def _result_page() -> str:
    lines = [
        _MARK,
        "# Requests, results and corrections",
        "",
        "Every record and field, as Avro, BigQuery and JSON carry them.",
    ]
    seen: list[type] = []
    for record in CONTRACTS.values():
        _collect(record, seen)
    for record in seen:
        lines += ["", f"## {record.__name__}", "", *_paragraphs(record.__doc__ or ""), ""]
        lines += _members(record) if issubclass(record, StrEnum) else _fields(record)
    return "\n".join(lines) + "\n"


def _collect(kind: Any, seen: list[type]) -> None:
    """The record, then the records and enums in its fields, each once."""
    if not isinstance(kind, type) or kind in seen or not (is_dataclass(kind) or issubclass(kind, StrEnum)):
        for inner in get_args(kind):
            _collect(inner, seen)
        return
    seen.append(kind)
    if is_dataclass(kind):
        for hint in get_type_hints(kind).values():
            _collect(hint, seen)


def _fields(record: Any) -> Iterator[str]:
    hints, told = get_type_hints(record), field_documentation(record)
    yield "| Field | Type | Meaning |"
    yield "|---|---|---|"
    for field in fields(record):
        yield f"| `{field.name}` | {_type(hints[field.name])} | {_cell(told.get(field.name, ''))} |"


def _members(kind: type[StrEnum]) -> Iterator[str]:
    if kind is ErrorCode:
        yield "See [errors.md](errors.md)."
        return
    told = field_documentation_of_enum(kind)
    yield "| Value | Meaning |"
    yield "|---|---|"
    for member in kind:
        yield f"| `{member.value}` | {_cell(told.get(member.name, ''))} |"


def field_documentation_of_enum(kind: type[StrEnum]) -> Mapping[str, str]:
    """The string literals under the members of an enum, by member name."""
    import ast
    import inspect

    (body,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for member, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else None
            if isinstance(text, str):
                found[member.targets[0].id] = " ".join(text.split())
    return found


def _type(hint: Any) -> str:
    name: str = getattr(hint, "__name__", "")
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        return " or ".join("nothing" if arm is NoneType else _type(arm) for arm in inner)
    if origin is tuple:
        return f"{len(inner)} {_type(inner[0])}" if inner[-1] is not Ellipsis else f"list of {_type(inner[0])}"
    if origin is dict:
        return f"map of {_type(inner[1])}"
    if is_dataclass(hint) or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return f"[{name}](#{name.lower()})"
    return {"str": "text", "int": "integer", "float": "number", "bool": "yes or no", "datetime": "time (UTC)"}[name]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _paragraphs(text: str) -> list[str]:
    import inspect

    return inspect.cleandoc(text).splitlines()
