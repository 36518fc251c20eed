"""What stands between a live BigQuery table and the schema: what may be changed in place, and what may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Column = Mapping[str, Any]

_SAME_TYPE = {"BOOL": "BOOLEAN", "INT64": "INTEGER", "FLOAT64": "FLOAT", "STRUCT": "RECORD"}


@dataclass(slots=True)
class Difference:
    """Between a live table and what it should be; column names are dotted paths."""

    added: list[str] = field(default_factory=list)
    """To be added; nullable, as BigQuery allows for nothing else."""
    relaxed: list[str] = field(default_factory=list)
    """Required now, to be nullable."""
    refused: list[str] = field(default_factory=list)
    """Sentences: what cannot be changed in place."""
    columns: list[dict[str, Any]] = field(default_factory=list)
    """The live columns with the additions: what the table is updated to."""

    @property
    def is_none(self) -> bool:
        """The table needs no change."""
        return not (self.added or self.relaxed or self.refused)


def difference(live: Sequence[Column], wanted: Sequence[Column]) -> Difference:
    """Compare columns in the form of the REST API (`name`, `type`, `mode`, `fields`).

    Columns only the live table has are kept; they stand in the way only if they are required, because rows would
    lack them. A live column may be nullable where the schema says required.
    """
    found = Difference()
    found.columns = _merged(live, wanted, "", found)
    return found


def _merged(live: Sequence[Column], wanted: Sequence[Column], path: str, found: Difference) -> list[dict[str, Any]]:
    # BigQuery names columns without regard to case.
    wanted_by_name = {column["name"].lower(): column for column in wanted}
    merged = []
    for column in live:
        name = path + column["name"]
        target = wanted_by_name.pop(column["name"].lower(), None)
        if target is not None:
            merged.append(_changed(column, target, name, found))
            continue
        if _mode(column) == "REQUIRED":
            found.refused.append(f"{name} is required in the table and unknown to docbeam: every row would be refused")
        merged.append(dict(column))
    for target in wanted_by_name.values():
        found.added.append(path + target["name"])
        merged.append(_nullable(target))
    return merged


def _changed(live: Column, wanted: Column, name: str, found: Difference) -> dict[str, Any]:
    result = dict(live)
    live_type, wanted_type = _type(live), _type(wanted)
    live_mode, wanted_mode = _mode(live), _mode(wanted)
    if live_type != wanted_type:
        found.refused.append(f"{name} is {live_type} in the table and {wanted_type} in the schema")
    elif (live_mode == "REPEATED") != (wanted_mode == "REPEATED"):
        found.refused.append(f"{name} is {live_mode} in the table and {wanted_mode} in the schema")
    else:
        if live_mode == "REQUIRED" and wanted_mode == "NULLABLE":
            found.relaxed.append(name)
            result["mode"] = "NULLABLE"
        if wanted_type == "RECORD":
            result["fields"] = _merged(live.get("fields", ()), wanted["fields"], f"{name}.", found)
    return result


def _nullable(column: Column) -> dict[str, Any]:
    """A column as it may be added to a table that has rows."""
    result = dict(column)
    if _mode(column) == "REQUIRED":
        result["mode"] = "NULLABLE"
    if "fields" in column:
        # Inside a new record required fields are allowed: no row has the record yet.
        result["fields"] = [dict(inner) for inner in column["fields"]]
    return result


def _type(column: Column) -> str:
    name = str(column["type"]).upper()
    return _SAME_TYPE.get(name, name)


def _mode(column: Column) -> str:
    return str(column.get("mode") or "NULLABLE").upper()
