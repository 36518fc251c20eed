"""JBIG2 pictures inside PDFs: whether all of their segments are there (ITU-T T.88, 7.2)."""

from __future__ import annotations

_UNKNOWN_LENGTH = 0xFFFFFFFF
_LARGE_PAGE_NUMBER = 0x40
_LONG_FORM = 7


def has_all_segments(data: bytes) -> bool:
    """Whether the data end where a segment does; also where one does not say how long it is, and so is the last."""
    place = 0
    while place < len(data):
        length, place = _segment(data, place)
        if length == _UNKNOWN_LENGTH:
            return True
        place += length
        # Some programs write a line's end behind the last one.
        if not data[place:].strip(b"\r\n\0"):
            return place <= len(data)
    return bool(data)


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
