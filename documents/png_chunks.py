"""The chunks of PNG files (ISO/IEC 15948): which are spoilt, and whether a picture needs them. Pillow checks a few."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD, _SUM = 8, 4
_ANCILLARY = 0x20
"""A bit of the first letter of a chunk's name: the picture may be shown without it."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    whole: bytes
    needed: bool
    spoilt: bool


def without_spoilt_chunks(data: bytes) -> bytes | None:
    """The file without spoilt chunks that may be left out, as viewers do; None where there are none."""
    chunks = list(_chunks(data))
    kept = [chunk.whole for chunk in chunks if chunk.needed or not chunk.spoilt]
    if len(kept) == len(chunks):
        return None
    read = len(_SIGNATURE) + sum(len(chunk.whole) for chunk in chunks)
    return b"".join([_SIGNATURE, *kept, data[read:]])


def has_spoilt_picture(data: bytes) -> bool:
    """Whether a chunk that the picture needs was overwritten."""
    return any(chunk.needed and chunk.spoilt for chunk in _chunks(data))


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """In their order; without the last one where only its checksum is cut off."""
    place = len(_SIGNATURE) if data.startswith(_SIGNATURE) else len(data)
    while place + _HEAD + _SUM <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + _HEAD])
        end = place + _HEAD + length + _SUM
        chunk = data[place:end]
        if end > len(data):
            if end - _SUM > len(data):
                yield _Chunk(chunk, not name[0] & _ANCILLARY, spoilt=True)
            return
        spoilt = zlib.crc32(chunk[4:-_SUM]) != int.from_bytes(chunk[-_SUM:], "big")
        yield _Chunk(chunk, not name[0] & _ANCILLARY and name != b"IEND", spoilt)
        place = end
