"""Deflated data (RFC 1950): whether all of them are there, and as they were written."""

from __future__ import annotations

import zlib
from enum import Enum, auto

_HEAD = 2
_AT_ONCE = 1 << 20


class Deflated(Enum):
    """What becomes of deflated data."""

    WHOLE = auto()
    CUT = auto()
    """They end before their last block does; what is there is right."""
    DAMAGED = auto()


def inflated(data: bytes, enough: int | None = None) -> Deflated:
    """What becomes of `data`; with `enough` bytes made of them nothing is missing, whatever stands behind.

    The checksum behind them may be left out, or zero, as some programs do; another one than theirs is damage.
    """
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, made, checksum = data[_HEAD:], 0, 1
    try:
        while rest and not inflating.eof:
            part = inflating.decompress(rest, _AT_ONCE)
            made, checksum = made + len(part), zlib.adler32(part, checksum)
            rest = inflating.unconsumed_tail
        part = inflating.flush()
        made, checksum = made + len(part), zlib.adler32(part, checksum)
    except zlib.error:
        return Deflated.WHOLE if enough is not None and made >= enough else Deflated.DAMAGED
    if not inflating.eof:
        return Deflated.WHOLE if not data or (enough is not None and made >= enough) else Deflated.CUT
    if enough is not None and made < enough:
        return Deflated.CUT
    told = inflating.unused_data[:4]
    wrong = len(told) == 4 and any(told) and int.from_bytes(told, "big") != checksum
    return Deflated.DAMAGED if wrong else Deflated.WHOLE
