"""What leaves for a topic, fitted as a whole: key, value, headers and frame together stay within the largest record.

Left out, in this order, and said in headers of ours: a value or key that is too large by itself, then the largest of
the headers that came from outside, then the key. Our own headers always stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.part import Header

VALUE_OMITTED = "docbeam.value_omitted_bytes"
KEY_OMITTED = "docbeam.key_omitted_bytes"
HEADERS_OMITTED = "docbeam.headers_omitted"
"""How many."""
FRAME_BYTES = 128
"""More than batch and record need round their fields (61 and at most 36 in format 2)."""
OWN_HEADERS = 14
"""So many of ours fit into the smallest `kafka.max_message_bytes`."""
_FIELD_BYTES = 5
_TOLD_BYTES = 3 * 64
_OWN_VALUE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """A record to be written."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()
    """Ours, at most `OWN_HEADERS`; values longer than 4096 bytes are cut."""
    carried: tuple[Header, ...] = ()
    """Those of the record that this one is about; they stand in front of ours."""


def size(record: OutgoingRecord) -> int:
    """The most bytes the record may take uncompressed, frame included."""
    return FRAME_BYTES + _fields(record.key, record.value) + headers_size((*record.carried, *record.headers))


def headers_size(headers: Sequence[Header]) -> int:
    """The most bytes that headers may take in a record."""
    return sum(_header_size(header) for header in headers)


def fitted(record: OutgoingRecord, max_bytes: int) -> OutgoingRecord:
    """The record with less in it where it would be larger than `max_bytes` (65,536 or more). Never raises."""
    own = tuple(_cut(header) for header in written(record.headers[:OWN_HEADERS]))
    key, value, carried = fitted_fields(
        record.key, record.value, written(record.carried), max_bytes - FRAME_BYTES - headers_size(own)
    )
    return replace(record, key=key, value=value, headers=own, carried=carried)


def fitted_fields(
    key: bytes | None, value: bytes | None, headers: tuple[Header, ...], max_bytes: int
) -> tuple[bytes | None, bytes | None, tuple[Header, ...]]:
    """Key, value and headers from outside, with less in them where all would be larger than `max_bytes`."""
    if _fields(key, value) + headers_size(headers) <= max_bytes:
        return key, value, headers
    budget = max_bytes - _TOLD_BYTES
    told: list[Header] = []
    if _fields(None, value) > budget:
        told.append((VALUE_OMITTED, str(len(value or b"")).encode()))
        value = None
    if _fields(key, None) > budget or _fields(key, value) > budget:
        told.append((KEY_OMITTED, str(len(key or b"")).encode()))
        key = None
    return key, value, (*fewer_headers(headers, budget - _fields(key, value)), *told)


def fewer_headers(headers: tuple[Header, ...], max_bytes: int) -> tuple[Header, ...]:
    """The headers without the largest and last of them, as far as `max_bytes` asks, and one that says how many."""
    left = headers_size(headers)
    if left <= max_bytes:
        return headers
    gone: set[int] = set()
    for index in sorted(range(len(headers)), key=lambda index: (_header_size(headers[index]), index), reverse=True):
        if left <= max_bytes:
            break
        left -= _header_size(headers[index])
        gone.add(index)
    kept = tuple(header for index, header in enumerate(headers) if index not in gone)
    return (*kept, (HEADERS_OMITTED, str(len(gone)).encode()))


def written(headers: Sequence[Header]) -> tuple[Header, ...]:
    """Names as UTF-8 can hold them: lone surrogates are escaped."""
    return tuple((name.encode("utf-8", "backslashreplace").decode(), value) for name, value in headers)


def _fields(key: bytes | None, value: bytes | None) -> int:
    return len(key or b"") + len(value or b"") + 2 * _FIELD_BYTES


def _header_size(header: Header) -> int:
    name, value = header
    return len(name.encode("utf-8", "backslashreplace")) + len(value or b"") + 2 * _FIELD_BYTES


def _cut(header: Header) -> Header:
    name, value = header
    return name, None if value is None else value[:_OWN_VALUE_BYTES]
