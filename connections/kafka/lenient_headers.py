"""Let kafka-python read records whose header names are not UTF-8.

It decodes them strictly and, after the error, its next poll never returns (kafka-python 3.0.12): one record of one
careless client would hold its partition for ever.
"""

from __future__ import annotations

from typing import Any

from kafka.record.default_records import DefaultRecordBatch

_read_strictly = DefaultRecordBatch._read_msg


class _LenientBytes(bytes):
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        del errors
        return super().decode(encoding, "replace")


class _LenientBuffer:
    """Hands out slices that decode whatever they hold."""

    def __init__(self, buffer: Any) -> None:
        self._buffer = buffer

    def __getitem__(self, key: Any) -> Any:
        found = self._buffer[key]
        return _LenientBytes(found) if isinstance(key, slice) else found

    def __len__(self) -> int:
        return len(self._buffer)


def _read_leniently(batch: Any, *arguments: Any, **named: Any) -> Any:
    try:
        return _read_strictly(batch, *arguments, **named)
    except UnicodeDecodeError:
        # The position moves only after a whole record, so it can be read again.
        buffer = batch._buffer
        batch._buffer = _LenientBuffer(buffer)
        try:
            return _read_strictly(batch, *arguments, **named)
        finally:
            batch._buffer = buffer


def install() -> None:
    """Make every consumer of this process lenient; harmless when called again."""
    DefaultRecordBatch._read_msg = _read_leniently
