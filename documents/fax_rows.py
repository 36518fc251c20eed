"""The rows of a fax (ITU-T T.4 and T.6): which of them cannot be what was written. Decoders say nothing of it.

Each row has to be as long as the page is wide. Where rows begin with a mark, a broken one costs itself and those that
are told by what differs from it; where they do not, it costs all that are below.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from documents.fax_codes import LEAST_MAKE_UP, LENGTH_BITS, RUNS, WINDOW

_COLUMNS = 1728
"""If a PDF does not say it."""
_MARK_ZEROS = 11
_TAGGED_MARK = 1
"""Zeros and a one behind a tag: the second of two marks that have one each."""
_LENGTH = (1 << LENGTH_BITS) - 1
STRETCH = 4
"""Rows: half a millimetre of a fine fax. Over bad lines faxes come with some broken ones, and are legible."""
_MANY = 0.03
"""Of all rows."""
_PASS, _HORIZONTAL = 8, 9
_MODES = {
    (1, 0b1): 0,
    (3, 0b011): 1,
    (6, 0b000011): 2,
    (7, 0b0000011): 3,
    (3, 0b010): -1,
    (6, 0b000010): -2,
    (7, 0b0000010): -3,
    (4, 0b0001): _PASS,
    (3, 0b001): _HORIZONTAL,
}
"""By length and bits of the code (T.4, table 4)."""
_LONGEST_MODE = 7


class _Broken(Exception):
    """A code that is none, or a row of another length."""


def has_broken_rows(data: bytes, size: tuple[int, int], parameters: Mapping[str, Any], stretch: int = STRETCH) -> bool:
    """Whether `stretch` rows one below the other, or many of all, are broken or missing; whether data that are over
    miss rows is seen elsewhere.

    `size` is (width, height); `parameters` are those of a PDF's filter (ISO 32000-1, 7.4.6).
    """
    coding = int(parameters.get("/K", 0))
    rows = _Rows(data, int(parameters.get("/Columns", _COLUMNS)), bool(parameters.get("/EncodedByteAlign")), coding)
    found = bad = here = 0
    while found < size[1] and not rows.at_end():
        try:
            rows.read()
            here = 0
        except _Broken:
            if rows.is_over():
                break
            bad, here = bad + 1, here + 1
            if here >= stretch or not rows.go_on_at_mark():
                return True
        found += 1
    # Rows whose marks were overwritten are missing at the end.
    return bad > 0 and (size[1] - found >= stretch or bad >= _MANY * size[1])


class _Rows:
    """Reads one row after the other."""

    def __init__(self, data: bytes, width: int, aligned: bool, coding: int) -> None:
        self._width, self._aligned, self._coding = width, aligned, coding
        bits = np.unpackbits(np.frombuffer(data, np.uint8))
        ones = np.flatnonzero(bits)
        zeros = np.diff(ones, prepend=-1) - 1
        self._marks: list[int] = (ones[zeros >= _MARK_ZEROS] + 1).tolist()
        """The bits behind marks."""
        self._zeros: list[int] = zeros[zeros >= _MARK_ZEROS].tolist()
        """In front of the one that ends a mark."""
        self._over = int(ones[-1]) + 1 if len(ones) else 0
        windows = _windows(data)
        self._next = windows.data
        self._runs = tuple(table[windows].data for table in RUNS)
        self._place = 0
        self._above: list[int] | None = []
        """Where the row above changes its colour; None if nobody knows."""

    def at_end(self) -> bool:
        """Whether there is nothing more, or two marks in one place. Goes behind a single one."""
        first = self._mark_here()
        if first and (self._mark_here() or (self._next[self._place] >> 1) == _TAGGED_MARK):
            return True
        return self._place >= self._over

    def _mark_here(self) -> bool:
        number = bisect_right(self._marks, self._place)
        if number == len(self._marks):
            return False
        behind = self._marks[number]
        here = self._place >= behind - 1 - self._zeros[number] and behind - 1 - self._place >= _MARK_ZEROS
        if here:
            self._place = behind
        return here

    def go_on_at_mark(self) -> bool:
        """Leave out what is before the next mark; False where there is none."""
        number = bisect_right(self._marks, self._place)
        if number == len(self._marks):
            return False
        self._place, self._above = self._marks[number] - 1 - self._zeros[number], None
        return True

    def is_over(self) -> bool:
        """Whether no code can follow."""
        return self._place + WINDOW > self._over

    def read(self) -> None:
        """Go behind the next row. Raises _Broken."""
        if self._aligned:
            self._place += -self._place % 8
        alone = self._coding >= 0
        if self._coding > 0:
            alone = bool(self._bits(1))
            self._place += 1
        changes = self._row() if alone else self._row_by_above()
        if changes[-1:] != [self._width]:
            raise _Broken
        self._above = changes

    def _bits(self, count: int) -> int:
        return self._next[self._place] >> (WINDOW - count) if self._place < self._over else 0

    def _run(self, colour: int) -> int:
        length = 0
        while self._place < self._over:
            entry = self._runs[colour][self._place]
            if not entry:
                raise _Broken
            self._place += entry & _LENGTH
            run = entry >> LENGTH_BITS
            length += run
            if run < LEAST_MAKE_UP:
                return length
        raise _Broken

    def _row(self) -> list[int]:
        changes: list[int] = []
        across = 0
        while across < self._width:
            across += self._run(len(changes) % 2)
            changes.append(across)
        return changes

    def _row_by_above(self) -> list[int]:
        if self._above is None:
            raise _Broken
        changes: list[int] = []
        across, passed = -1, False
        while max(across, 0) < self._width or passed:
            mode = self._mode()
            beyond = self._changes_above(across, len(changes) % 2)
            if mode == _PASS:
                across, passed = beyond[1], beyond[1] < self._width
                continue
            passed = False
            if mode == _HORIZONTAL:
                for _ in range(2):
                    across = max(across, 0) + self._run(len(changes) % 2)
                    changes.append(across)
            else:
                if beyond[0] + mode < max(across, 0):
                    raise _Broken
                across = beyond[0] + mode
                changes.append(across)
        return changes

    def _mode(self) -> int:
        for count in range(1, _LONGEST_MODE + 1):
            mode = _MODES.get((count, self._bits(count)))
            if mode is not None:
                self._place += count
                return mode
        raise _Broken

    def _changes_above(self, across: int, colour: int) -> tuple[int, int]:
        """The next one to the other colour, and the one behind it."""
        assert self._above is not None
        number = bisect_right(self._above, across)
        number += (number + colour) % 2
        first, second = (*self._above[number : number + 2], self._width, self._width)[:2]
        return first, second


def _windows(data: bytes) -> npt.NDArray[np.uint16]:
    """The next `WINDOW` bits at every bit."""
    told = np.frombuffer(data + bytes(3), np.uint8).astype(np.uint32)
    three = told[:-2] << 16 | told[1:-1] << 8 | told[2:]
    shifts = np.arange(24 - WINDOW, 24 - WINDOW - 8, -1, dtype=np.uint32)
    return ((three[:, None] >> shifts) & ((1 << WINDOW) - 1)).astype(np.uint16).ravel()
