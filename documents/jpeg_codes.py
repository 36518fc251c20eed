"""The entropy-coded data of a baseline JPEG, read as ITU-T T.81 (annex F) says, without making a picture of them.

Decoders show what they make of damaged data, and say nothing where it happens to be codes again.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

_BASELINE = (0xC0, 0xC1)
_TABLES, _QUANTISATION, _SCAN, _INTERVAL = 0xC4, 0xDB, 0xDA, 0xDD
_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_MOST_BYTES = 1_500_000
"""Of coded data that are looked at: a second of work, and a hundred megabytes."""
_BLOCK = 64
_OVER, _NO_CODE = 100, 200
"""Coefficients that the end of a block seems to have, and bits that are no code."""
_PADDING = bytes(320)
"""No block is longer."""
_LEVELS = 8
"""Of a block's first coefficient: so much for each grey level."""
_BEYOND = 1.1 * 128 * _LEVELS
"""A first coefficient of more is of no picture of 8 bits."""
_SHIFT = 12
"""Levels."""
_ALIKE, _MOSTLY = 4, 0.8

Bits = npt.NDArray[np.uint16]


class _Damaged(Exception):
    """The data are not what was written."""


@dataclass(frozen=True, slots=True)
class _Component:
    blocks: int
    """In each unit."""
    direct: list[int]
    """By the next 16 bits: the length of the code and above four bits its size; 0 for no code."""
    others: int
    """Number of the other table."""
    step: int
    """Of the quantisation."""


@dataclass
class _Frame:
    body: bytes = b""
    interval: int = 0
    tables: dict[int, npt.NDArray[np.uint16]] = field(default_factory=dict)
    """By class and number: symbol and, below it, the length of the code."""
    steps: dict[int, int] = field(default_factory=dict)
    start: int = 0
    scan: bytes = b""


def is_miscoded(data: bytes) -> bool:
    """Whether the picture's data hold what no encoder writes: a block of more than 64 coefficients, bits that are no
    code, levels that no picture has, whole units behind the last one; or all that follows a unit within a row has
    another tone than what is above it.

    False also for what is not looked at: progressive pictures, those of several scans, and very large ones.
    """
    frame = _frame(data)
    if frame is None:
        return False
    end = _END.search(data, frame.start)
    coded = data[frame.start : len(data) if end is None else end.start()]
    if len(coded) > _MOST_BYTES:
        return False
    try:
        components, across, units = _components(frame)
        tones = _tones(coded, components, frame, units)
    except (KeyError, IndexError, ZeroDivisionError, struct.error):
        return False
    except _Damaged:
        return True
    return any(_is_shifted(each, across) for each in tones)


def _frame(data: bytes) -> _Frame | None:
    """None for other pictures than those of one baseline scan."""
    frame, place = _Frame(), 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        kind = data[place + 1]
        if kind == 0xFF or 0xD0 <= kind <= 0xD8 or kind == 1:
            place += 1 if kind == 0xFF else 2
            continue
        body = data[place + 4 : place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")]
        place += 4 + len(body)
        if kind in _BASELINE:
            frame.body = body
        elif 0xC0 <= kind <= 0xCF and kind != _TABLES:
            return None
        elif kind == _INTERVAL:
            frame.interval = int.from_bytes(body[:2], "big")
        elif kind == _TABLES:
            frame.tables.update(_huffman(body))
        elif kind == _QUANTISATION:
            frame.steps.update(_first_steps(body))
        elif kind == _SCAN:
            frame.start, frame.scan = place, body
            whole = len(frame.body) >= 6 and frame.body[0] == 8 and body[:1] == frame.body[5:6]
            return frame if whole else None
    return None


def _first_steps(body: bytes) -> Iterator[tuple[int, int]]:
    while body:
        size = 2 if body[0] >> 4 else 1
        yield body[0] & 15, int.from_bytes(body[1 : 1 + size], "big")
        body = body[1 + _BLOCK * size :]


def _huffman(body: bytes) -> Iterator[tuple[int, npt.NDArray[np.uint16]]]:
    while len(body) > 17:
        counts, symbols = body[1:17], iter(body[17:])
        table = np.zeros(1 << 16, np.uint16)
        place = 0
        for length, count in enumerate(counts, 1):
            for _ in range(count):
                each = 1 << (16 - length)
                table[place : place + each] = next(symbols, 0) << 8 | length
                place += each
        yield body[0], table
        body = body[17 + sum(counts) :]


def _components(frame: _Frame) -> tuple[list[_Component], int, int]:
    """In their order, with the units in a row, and in all."""
    height, width = struct.unpack(">HH", frame.body[1:5])
    told = {frame.body[at]: frame.body[at + 1 : at + 3] for at in range(6, 6 + 3 * frame.body[5], 3)}
    shares = [(each[0] >> 4, each[0] & 15) for each in told.values()]
    wide, high = (1, 1) if len(told) == 1 else (max(each[0] for each in shares), max(each[1] for each in shares))
    found = []
    for at in range(1, 1 + 2 * frame.scan[0], 2):
        sampling, quantisation = told[frame.scan[at]]
        tables = frame.scan[at + 1]
        direct = frame.tables[tables >> 4]
        found.append(
            _Component(
                1 if len(told) == 1 else (sampling >> 4) * (sampling & 15),
                ((direct >> 8) << 5 | (direct & 31)).tolist(),
                0x10 | tables & 15,
                frame.steps[quantisation],
            )
        )
    across, down = -(-width // (8 * wide)), -(-height // (8 * high))
    return found, across, across * down


def _tones(coded: bytes, components: list[_Component], frame: _Frame, units: int) -> list[npt.NDArray[np.float64]]:
    """The mean level of each unit, by component. Raises _Damaged."""
    each = frame.interval or units
    levels: list[list[int]] = [[] for _ in components]
    for stretch in _RESTART.split(coded):
        left = min(each, units - len(levels[0]) // components[0].blocks)
        if left <= 0:
            break
        _Stretch(stretch.replace(b"\xff\0", b"\xff"), components, frame.tables).read(left, levels)
    return [
        np.reshape(told[: len(told) // one.blocks * one.blocks], (-1, one.blocks)).mean(axis=1) * one.step / _LEVELS
        for told, one in zip(levels, components, strict=True)
    ]


class _Stretch:
    """Coded data without a restart in them."""

    def __init__(self, data: bytes, components: list[_Component], tables: dict[int, npt.NDArray[np.uint16]]) -> None:
        self._data, self._components, self._bits = data + _PADDING, components, 8 * len(data)
        windows = _windows(self._data)
        places = np.arange(len(windows), dtype=np.int32)
        self._steps = {
            number: _steps(tables[number][windows], places) for number in {each.others for each in components}
        }

    def read(self, units: int, levels: list[list[int]]) -> None:
        """Appends the first coefficient of each block, by component. Raises _Damaged."""
        place, before = 0, [0] * len(self._components)
        for _ in range(units):
            place = self._unit(place, before, levels)
            if place > self._bits:
                return  # Too few data: whether what is missing matters is seen elsewhere.
        self._check_rest(place, before)

    def _check_rest(self, place: int, before: list[int]) -> None:
        """Behind the last unit the last byte is filled up, and more where a program likes to; a unit was displaced."""
        whole = -(-place // 8)
        last = self._data[whole - 1] & ((1 << (8 * whole - place)) - 1)
        filled = last in (0, (1 << (8 * whole - place)) - 1)
        if filled and set(self._data[whole : self._bits // 8]) in (set(), {0}, {0xFF}):
            return
        try:
            behind = self._unit(place, list(before), [[] for _ in before])
        except _Damaged:
            return
        if behind <= self._bits:
            raise _Damaged

    def _unit(self, place: int, before: list[int], levels: list[list[int]]) -> int:
        for number, component in enumerate(self._components):
            further, places = self._steps[component.others]
            for _ in range(component.blocks):
                next_bits = int.from_bytes(self._data[place >> 3 : (place >> 3) + 5], "big")
                next_bits = next_bits >> (8 - (place & 7)) & 0xFFFFFFFF
                entry = component.direct[next_bits >> 16]
                length, size = entry & 31, entry >> 5
                if not entry or size > 15:
                    raise _Damaged
                if size:
                    told = next_bits >> (32 - length - size) & ((1 << size) - 1)
                    before[number] += told if told >> (size - 1) else told - (1 << size) + 1
                place += length + size
                if place < self._bits and abs(before[number]) * component.step > _BEYOND + component.step:
                    raise _Damaged
                levels[number].append(before[number])
                count = 1
                while count < _BLOCK:
                    count += further[place]
                    place = places[place]
                if count != _BLOCK and not _OVER < count < _OVER + _BLOCK and place <= self._bits:
                    raise _Damaged
        return place


def _windows(data: bytes) -> Bits:
    """The next 16 bits at every bit, but for the last ones."""
    told = np.frombuffer(data, np.uint8).astype(np.uint32)
    three = told[:-2] << 16 | told[1:-1] << 8 | told[2:]
    return ((three[:, None] >> np.arange(8, 0, -1, dtype=np.uint32)) & 0xFFFF).astype(np.uint16).ravel()


def _steps(entries: Bits, places: npt.NDArray[np.int32]) -> tuple[memoryview, memoryview]:
    """By place: how many coefficients further a code leads, and where the next one is."""
    length, symbol = entries & 0xFF, entries >> 8
    run, size = symbol >> 4, symbol & 15
    further = (run + 1).astype(np.uint8)
    further[(size == 0) & (run < 15)] = _OVER
    further[length == 0] = _NO_CODE
    return further.data, np.minimum(places + length + size, places[-1]).astype(np.int32).data


def _is_shifted(tones: npt.NDArray[np.float64], across: int) -> bool:
    """Whether from a unit on, that does not begin a row, all differ alike from those above them.

    What is drawn has no such edge: it goes on for a whole row from the middle of one into the next.
    """
    differs = tones[across:] - tones[:-across]
    if len(differs) <= across or across < 8:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(differs, across)
    shift = np.median(windows, axis=1)
    for start in np.flatnonzero(np.abs(shift) >= _SHIFT):
        like = np.abs(windows[start] - shift[start]) <= _ALIKE
        begins = int(start + np.argmax(like))
        ends = int(start + across - np.argmax(like[::-1]))
        is_row_long = ends - begins == across and like.mean() >= _MOSTLY
        if begins % across and is_row_long and _is_alone(differs, begins, ends, shift[start]):
            return True
    return False


def _is_alone(differs: npt.NDArray[np.float64], start: int, end: int, shift: float) -> bool:
    """Whether what is before and behind is like what is above it, and nothing of it differs by `shift`."""
    for around, nearest in ((differs[max(0, start - 5) : start], -1), (differs[end : end + 5], 0)):
        if len(around) and (np.median(np.abs(around)) > _ALIKE or abs(around[nearest] - shift) <= _ALIKE):
            return False
    return True
