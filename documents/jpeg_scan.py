"""The coded scans of a JPEG (ITU-T T.81, annex B): whether all of the picture is in them, and nothing else.

A block of data that was overwritten or lost puts a decoder out of step. It shows what it makes of the rest, displaced
and in other tones, and comes to the end of the picture before or behind the end of the data.
"""

from __future__ import annotations

import io
import math
import re
import struct
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

_END = b"\xff\xd9"
_BASELINE = (0xC0, 0xC1)
_FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
_SCAN, _INTERVAL = 0xDA, 0xDD
_EOI, _WITHOUT_LENGTH = 0xD9, (0x01, *range(0xD0, 0xD9))
_MOST_SCANS = 200
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_FILLINGS = (b"", b"\x55" * 64, bytes((7 * number * number + number) % 251 for number in range(64)))
"""The last one as good as by chance: of bits that repeat a decoder may make two equal pictures."""
_PADDING = b"\0\xff"
"""Before the end, some programs write a little of it."""
_UNNEEDED = 3
"""Bytes before the end without which the picture would be the same: cameras leave one or two, and nothing is wrong."""


@dataclass(frozen=True, slots=True)
class _Scan:
    start: int
    end: int
    restarts: int | None
    """As many markers are in it where nothing is missing; None where it is one of several."""


def is_out_of_step(data: bytes) -> bool | None:
    """Whether the picture's data end too early or too late, or some are missing between its restart markers.

    Of a picture of several scans, a progressive one, or with restart markers, only that they end too early is told.
    None for what has no scan, False for what cannot be decoded at all.
    """
    scans = _scans(data)
    if not scans:
        return None
    (scan, *others) = scans
    if others or scan.restarts is None:
        return _depends_on_filling(data, scans, reduced=False)
    coded = data[scan.start : scan.end]
    told = [marker[0] - 0xD0 for marker in _RESTART.findall(coded)]
    if told[: scan.restarts] != [number % 8 for number in range(scan.restarts)]:
        return True
    if _depends_on_filling(data, [scan], reduced=True):
        return True
    if scan.restarts:
        return False  # Where each of many short stretches ends is no clear sign.
    shorter = [replace(scan, end=scan.start + len(coded.rstrip(_PADDING)[:-_UNNEEDED].rstrip(b"\xff")))]
    # In an eighth of its size a picture does not show all that is read, but mostly that something is.
    return not any(_depends_on_filling(data, shorter, reduced=reduced) for reduced in (True, False))


def _scans(data: bytes) -> list[_Scan]:
    """Each in which the picture is coded; none where the file is built in another way."""
    found: list[_Scan] = []
    place, frame, interval, baseline = 2, b"", 0, True
    while place + 4 <= len(data):
        kind = data[place + 1]
        if data[place] != 0xFF or kind == _EOI:
            break
        if kind == 0xFF or kind in _WITHOUT_LENGTH:
            place += 1 if kind == 0xFF else 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        body = data[place + 4 : place + 2 + length]
        place += 2 + length
        if kind in _FRAMES:
            if len(body) < 6 or len(body) < 6 + 3 * body[5]:
                return []
            frame, baseline = body, kind in _BASELINE
        elif kind == _INTERVAL and len(body) >= 2:
            interval = int.from_bytes(body[:2], "big")
        elif kind == _SCAN:
            if not frame or not body or len(found) >= _MOST_SCANS:
                return []
            end = _MARKER.search(data, place)
            alone = baseline and body[0] == frame[5]
            restarts = max(0, math.ceil(_units(frame) / interval) - 1) if interval else 0
            found.append(_Scan(place, len(data) if end is None else end.start(), restarts if alone else None))
            if alone:
                break  # There is nothing behind it; what looks like a marker was overwritten.
            place = found[-1].end
    return found


def _units(frame: bytes) -> int:
    """The units that are coded one after the other (A.2)."""
    height, width = struct.unpack(">HH", frame[1:5])
    shares = [(frame[at] >> 4, frame[at] & 15) for at in range(7, 6 + 3 * frame[5], 3)]
    across, down = (1, 1) if len(shares) == 1 else (max(each[0] for each in shares), max(each[1] for each in shares))
    return int(math.ceil(width / (8 * across)) * math.ceil(height / (8 * down)))


def _depends_on_filling(data: bytes, scans: list[_Scan], *, reduced: bool) -> bool:
    """Whether a decoder still wants something where the data of scans, or those before restart markers, are over.

    What is behind the last of the scans is left out.
    """
    pictures = (_decoded(_refilled(data, scans, filling), reduced) for filling in _FILLINGS)
    first = next(pictures)
    return first is not None and any(each is not None and not np.array_equal(first, each) for each in pictures)


def _refilled(data: bytes, scans: list[_Scan], filling: bytes) -> bytes:
    parts, place = [], 0
    for scan in scans:
        parts += [data[place : scan.start], _filled(data[scan.start : scan.end], filling)]
        place = scan.end
    return b"".join([*parts, _END])


def _filled(coded: bytes, filling: bytes) -> bytes:
    return _RESTART.sub(lambda marker: filling + marker[0], coded) + filling


def _decoded(data: bytes, reduced: bool) -> npt.NDArray[np.uint8] | None:
    """`reduced`: in an eighth of its size, which costs less."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            if reduced:
                image.draft(None, (image.width // 8, image.height // 8))
            return np.asarray(image)
    except Exception:
        # Decoders let every kind of exception out of broken files.
        return None
