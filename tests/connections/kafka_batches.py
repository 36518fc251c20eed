"""Batches of records as producers write them, and as nobody should."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import google_crc32c
from kafka.record.default_records import DefaultRecordBatchBuilder

HEAD = struct.Struct(">qiibIhiqqqhii")
Record = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]


def batch(records: Sequence[Record], *, base: int = 0, codec: int = 0, timestamp: int = 1_700_000_000_000) -> bytes:
    """A batch as kafka-python builds it, at offset `base`."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=2**40,
    )  # fmt: skip
    for index, (key, value, headers) in enumerate(records):
        builder.append(index, timestamp, key, value, list(headers))
    built = bytearray(builder.build())
    struct.pack_into(">q", built, 0, base)
    return bytes(built)


def sealed(
    body: bytes,
    *,
    base: int,
    last_delta: int,
    count: int,
    codec: int = 0,
    length: int | None = None,
    timestamp: int = 1000,
    newest: int | None = None,
    producer: int = -1,
) -> bytes:
    """A batch round any body, with a right checksum and whatever else is asked for.

    `codec` may hold more of a batch's attributes; `timestamp` is that of its first record, `newest` of its last.
    """
    newest = timestamp if newest is None else newest
    head = bytearray(HEAD.pack(base, 0, 3, 2, 0, codec, last_delta, timestamp, newest, producer, -1, -1, count))
    whole = head + body
    struct.pack_into(">i", whole, 8, len(whole) - 12 if length is None else length)
    struct.pack_into(">I", whole, 17, google_crc32c.value(bytes(whole[21:])))
    return bytes(whole)
