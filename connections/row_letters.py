"""The value of a refused row's dead letter: the row as JSON, and back."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

from schemas.bigquery import result_row
from schemas.part import Header
from schemas.result import AnalysisResult

ROW_ID = "docbeam.row_id"
_ENCODING = "content-encoding"
_PLAIN_BYTES = 10_000
"""Rows up to here are left readable."""
_LARGEST = 200_000_000


def letter_of(result: AnalysisResult, row_id: str) -> tuple[bytes | None, tuple[Header, ...]]:
    """Value and headers; no value if no row can be made of the result. Numbers JSON has no word for become null."""
    headers: tuple[Header, ...] = (
        (ROW_ID, row_id.encode("utf-8", "backslashreplace")),
        ("docbeam.result", b"on the results topic"),
        ("content-type", b"application/json"),
    )
    try:
        value = json.dumps(_finite(result_row(result, row_id)), allow_nan=False).encode()
    except Exception:
        return None, headers
    if len(value) <= _PLAIN_BYTES:
        return value, headers
    return gzip.compress(value, mtime=0), (*headers, (_ENCODING, b"gzip"))


def row_of(value: bytes | None, headers: Mapping[str, bytes | None]) -> dict[str, Any] | None:
    """The row in a dead letter, whoever wrote it; None if there is none."""
    try:
        if headers.get(_ENCODING) == b"gzip":
            value = zlib.decompressobj(wbits=31).decompress(value or b"", _LARGEST)
        row = json.loads(value or b"")
    except (ValueError, zlib.error, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value
