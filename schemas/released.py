"""The released Avro schemas in the package: what a reader falls back to when no registry answers.

`avro/NAME.vN.avsc` are released for good and never edited; a test holds that the newest is what the records say,
and that each can be read by the one after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from schemas.avro_schema import Schema
from schemas.writer_schema import WriterSchema, vetted_schema

_FOLDER = Path(__file__).parent / "avro"
_FILE = re.compile(r"(?P<name>[a-z_]+)\.v(?P<version>\d+)\.avsc")


@lru_cache(maxsize=8)
def released_schemas(name: str) -> Mapping[int, Schema]:
    """The released schemas of one contract by version, oldest first."""
    found = {}
    for path in _FOLDER.glob(f"{name}.v*.avsc"):
        match = _FILE.fullmatch(path.name)
        if match and match["name"] == name:
            found[int(match["version"])] = json.loads(path.read_text(encoding="utf-8"))
    return dict(sorted(found.items()))


@lru_cache(maxsize=8)
def released_writers(name: str) -> Sequence[WriterSchema]:
    """The released schemas of one contract to decode with, newest first."""
    return [vetted_schema(schema) for schema in reversed(list(released_schemas(name).values()))]


def newest_schema(name: str) -> Schema:
    """The schema that docbeam writes."""
    versions = released_schemas(name)
    return versions[max(versions)]


def write_released(name: str, schema: Schema) -> Path | None:
    """Add `schema` as the next version if it differs from the newest; the new file or None."""
    versions = released_schemas(name)
    if versions and versions[max(versions)] == schema:
        return None
    path = _FOLDER / f"{name}.v{max(versions, default=0) + 1}.avsc"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    released_schemas.cache_clear()
    released_writers.cache_clear()
    return path
