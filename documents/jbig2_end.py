"""JBIG2 pictures inside PDFs (ITU-T T.88): whether all of their segments are there, and are what was written.

The coding of most is arithmetic: behind a byte that was overwritten a decoder makes something of anything, and is
through with it before or behind the end of its data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents.ccitt_end import has_last_row
from documents.drawn_bits import drawn_bits
from documents.fax_rows import has_broken_rows

_UNKNOWN_LENGTH = 0xFFFFFFFF
_LARGE_PAGE_NUMBER = 0x40
_LONG_FORM = 7
_CODED = (0, 4, 6, 7, 16, 20, 22, 23, 36, 38, 39, 40, 42, 43)
"""Types of segments that hold something coded."""
_GENERIC = (36, 38, 39)
_REGION_HEAD = 17
_AS_FAX = 1
_UNNEEDED = 16
"""Bytes before a segment's end without which it may be the same."""
_FILLINGS = (b"\x55\xaa\x0f\xf0\x99\x66" * 4, b"\xd2\x39\xc4\x1b\x7e\x81" * 4)
_LEAST = 64
"""Bytes of a segment that says something."""
_MOST = 20
"""Segments that are looked at."""
_END = b"\xff\xac"
_LAST_ROWS = 0.02

Drawn = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    start: int
    """Of its data."""
    end: int


def is_whole_jbig2(data: bytes, size: tuple[int, int], shared: bytes = b"") -> bool:
    """Whether a picture of `size` (width, height) is all there and as it was written; `shared` are segments that stand
    elsewhere in the PDF. Call it with the engine's lock held.
    """
    if not has_all_segments(data):
        return False
    drawn = _drawn(data, size, shared)
    if drawn is None:
        return False
    for each in [segment for segment in _segments(data) if segment.kind in _CODED][:_MOST]:
        coded = data[each.start : each.end]
        if each.kind in _GENERIC and len(coded) > _REGION_HEAD and coded[_REGION_HEAD] & _AS_FAX:
            region = (int.from_bytes(coded[:4], "big"), int.from_bytes(coded[4:8], "big"))
            rows, told = coded[_REGION_HEAD + 1 :], {"/K": -1, "/Columns": region[0]}
            if not has_last_row(rows, region, told) or has_broken_rows(rows, region, told):
                return False
        elif len(coded) >= _LEAST and _is_displaced(data, each, size, shared, drawn):
            return False
    return True


def _is_displaced(data: bytes, each: _Segment, size: tuple[int, int], shared: bytes, drawn: Drawn) -> bool:
    """Whether a decoder is through with a segment before its end, or wants more than there is."""
    end = each.end - _UNNEEDED
    others = [_drawn(data[: end - len(filling)] + filling + data[end:], size, shared) for filling in _FILLINGS]
    if all(other is not None and np.array_equal(other, drawn) for other in others):
        return True
    mark = data.rfind(_END, each.end - len(_END) - _UNNEEDED, each.end)
    if mark < 0:
        return False
    rows = round((1 - _LAST_ROWS) * size[1])
    for filling in _FILLINGS:
        # As many bytes: the segment's length is told before it.
        longer = _drawn(data[:mark] + filling[: each.end - mark] + data[each.end :], size, shared)
        if longer is not None and not np.array_equal(longer[:rows], drawn[:rows]):
            return True
    return False


def _drawn(data: bytes, size: tuple[int, int], shared: bytes) -> Drawn | None:
    entries = b"/Filter /JBIG2Decode"
    return drawn_bits(data, size, entries + b" /DecodeParms <</JBIG2Globals 6 0 R>>" if shared else entries, shared)


def has_all_segments(data: bytes) -> bool:
    """Whether the data end where a segment does; also where one does not say how long it is, and so is the last."""
    end = 0
    for segment in _segments(data):
        end = segment.end
    # Some programs write a line's end behind the last one.
    return bool(data) and end <= len(data) and not data[end:].strip(b"\r\n\0")


def _segments(data: bytes) -> Iterator[_Segment]:
    """In their order; the last one ends beyond all data where something is missing."""
    place = 0
    while data[place:].strip(b"\r\n\0"):
        kind = data[place + 4] & 0x3F if place + 4 < len(data) else 0
        length, place = _segment(data, place)
        if length == _UNKNOWN_LENGTH:
            length = len(data) - place
        yield _Segment(kind, place, place + length)
        place += length


def _segment(data: bytes, place: int) -> tuple[int, int]:
    """The length of a segment's data, and where they begin; beyond all data for a header that is not whole."""
    number = int.from_bytes(data[place : place + 4], "big")
    flags, count = (data[place + 4 : place + 6] + b"\0\0")[:2]
    place += 5
    if count >> 5 == _LONG_FORM:
        referred = int.from_bytes(data[place : place + 4], "big") & 0x1FFFFFFF
        place += 4 + (referred + 8) // 8
    else:
        referred = count >> 5
        place += 1
    place += referred * (1 if number <= 256 else 2 if number <= 65536 else 4)
    place += 4 if flags & _LARGE_PAGE_NUMBER else 1
    if place + 4 > len(data):
        return 0, len(data) + 1
    return int.from_bytes(data[place : place + 4], "big"), place + 4
