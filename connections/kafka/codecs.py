"""Unpack a compressed batch of records up to a bound.

kafka-python unpacks whatever a batch holds, in one piece: 1.2 GB of zeros are 1.2 MB of gzip on the wire.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import lz4.frame
import snappy
import zstandard

_XERIAL_MAGIC = b"\x82SNAPPY\x00"
_XERIAL_HEADER_BYTES = 16
_BLOCK_LENGTH = struct.Struct(">i")
_ZSTD_WINDOW_BYTES = 2**27
"""What the largest window of zstd's own levels needs; a frame may ask for 16 times as much."""
_ZSTD_PIECE = 2**20


class Unpackable(Exception):
    """The bytes are not what their codec writes."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The start of what was packed."""

    data: bytes
    whole: bool
    """Whether that is all."""


def unpack(codec: int, packed: bytes, limit: int) -> Unpacked:
    """At most `limit` bytes of what `packed` holds; needs about twice as much memory.

    `codec` is numbered as in a batch's attributes: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    Raises Unpackable, and nothing else for any bytes.
    """
    if codec == 0:
        return Unpacked(packed, True)
    if codec not in _CODECS:
        raise Unpackable(f"no codec has the number {codec}")
    try:
        return _CODECS[codec](packed, limit)
    except Unpackable:
        raise
    except Exception as error:
        # Each library has errors of its own, some of them bare RuntimeErrors.
        raise Unpackable(type(error).__name__) from error


def _gzip(packed: bytes, limit: int) -> Unpacked:
    found: list[bytes] = []
    left = limit
    while packed:
        member = zlib.decompressobj(wbits=31)
        # One byte more, so that what fills the bound exactly still reaches its end.
        piece = member.decompress(packed, left + 1)
        if len(piece) > left:
            return Unpacked(b"".join([*found, piece[:left]]), False)
        if not member.eof:
            raise Unpackable("the gzip data ends early")
        found.append(piece)
        left -= len(piece)
        packed = member.unused_data.lstrip(b"\x00")
    return Unpacked(b"".join(found), True)


def _snappy(packed: bytes, limit: int) -> Unpacked:
    if not packed.startswith(_XERIAL_MAGIC):
        # One block: all or nothing.
        return Unpacked(b"", False) if _snappy_length(packed) > limit else Unpacked(snappy.decompress(packed), True)
    found: list[bytes] = []
    left, position = limit, _XERIAL_HEADER_BYTES
    while position < len(packed):
        (length,) = _BLOCK_LENGTH.unpack_from(packed, position)
        position += _BLOCK_LENGTH.size
        if not 0 < length <= len(packed) - position:
            raise Unpackable("a snappy block is longer than the batch")
        block = packed[position : position + length]
        if _snappy_length(block) > left:
            return Unpacked(b"".join(found), False)
        found.append(snappy.decompress(block))
        left -= len(found[-1])
        position += length
    return Unpacked(b"".join(found), True)


def _snappy_length(block: bytes) -> int:
    """What a block says it unpacks to: a varint in front of it, for which the library allocates at once."""
    length = 0
    for index, byte in enumerate(block[:5]):
        length |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return length
    raise Unpackable("a snappy block has no length")


def _lz4(packed: bytes, limit: int) -> Unpacked:
    frame = lz4.frame.LZ4FrameDecompressor()
    data = frame.decompress(packed, max_length=limit + 1)
    if len(data) > limit:
        return Unpacked(data[:limit], False)
    if not frame.eof:
        raise Unpackable("the lz4 data ends early")
    return Unpacked(data, True)


def _zstd(packed: bytes, limit: int) -> Unpacked:
    found = bytearray()
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
    with unpacker.stream_reader(io.BytesIO(packed), read_across_frames=True) as stream:
        # Without an end of the bound's own size, since `read(n)` allocates n bytes whatever comes.
        while piece := stream.read(min(_ZSTD_PIECE, limit + 1 - len(found))):
            found += piece
            if len(found) > limit:
                return Unpacked(bytes(memoryview(found)[:limit]), False)
    return Unpacked(bytes(found), True)


_CODECS: dict[int, Callable[[bytes, int], Unpacked]] = {1: _gzip, 2: _snappy, 3: _lz4, 4: _zstd}
