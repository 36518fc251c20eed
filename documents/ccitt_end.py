"""Fax-coded pictures (ITU-T T.4 and T.6) inside PDFs: whether their data go to the last row, and no code is broken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from documents.drawn_bits import drawn_bits

_TAIL_BYTES = 512
"""Some programs fill up what is behind the end."""
_TWO_ENDS_OF_LINE = re.compile("0{11}11?0{11,}1")
"""An end of block, or of the page: no row has two."""
_END_OF_BLOCK = 24
"""Bits: two ends of line of T.6."""
_FEW_ROWS = 64
_DRAWS = "1" * 16 + "001011111" * 4096
"""As T.6 reads it: the row above again, until whatever code was cut is over, then bars. As T.4 reads it: bars."""
_FILLINGS = (b"\0" * 4096, b"\xff" * 4096, int(_DRAWS, 2).to_bytes(len(_DRAWS) // 8, "big"))
_MISSING = 0.02
"""Of the rows: some programs leave the last ones out."""
_PARAMETERS = ("/K", "/Columns", "/Rows", "/BlackIs1", "/EncodedByteAlign", "/EndOfLine", "/EndOfBlock")


def has_last_row(data: bytes, size: tuple[int, int], parameters: Mapping[str, Any], most_rows: int = 0) -> bool:
    """Whether the picture of `size` (width, height) is the same whatever stands behind its data, but for a row or two.

    In the coding of T.6, where no row can be read without the one above, the data must also be over about there: behind
    a code that is none a decoder makes other rows of them. They may have `most_rows`, where that is more than are
    shown. `parameters` are the filter's (ISO 32000-1, 7.4.6). Call it with the engine's lock held.
    """
    tail = _bits(data[-_TAIL_BYTES:])
    end = _TWO_ENDS_OF_LINE.search(tail)
    by_rows_above = parameters.get("/K", 0) < 0
    if end is not None and not by_rows_above:
        return True
    width, height = size
    coded = 8 * len(data) - (len(tail) - end.end() + _END_OF_BLOCK if end is not None else 0)
    beyond = max(height + height // 4, most_rows) + _FEW_ROWS if by_rows_above else height
    fillings = _FILLINGS[1:] if by_rows_above else _FILLINGS  # Of zeros T.6 makes nothing.
    drawn = [_drawn(_continued(data, coded, filling), (width, beyond), parameters) for filling in fillings]
    first = drawn[0]
    if first is None or any(each is None or each.shape != first.shape for each in drawn):
        return False
    differs = np.any([np.any(each != first, axis=1) for each in drawn if each is not None], axis=0)
    if not differs.any():
        return not by_rows_above
    # A page may be shorter than it was said to be; then its end is marked.
    return end is not None or bool(differs.argmax() >= (1 - _MISSING) * height)


def _bits(data: bytes) -> str:
    return f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}" if data else ""


def _continued(data: bytes, bits: int, filling: bytes) -> bytes:
    """The first `bits` of the data, and the filling right behind."""
    whole, more = divmod(bits, 8)
    if not more:
        return data[:whole] + filling
    rest = _bits(data[whole : whole + 1])[:more] + _bits(filling)
    rest = rest[: len(rest) // 8 * 8]
    return data[:whole] + int(rest, 2).to_bytes(len(rest) // 8, "big")


def _drawn(data: bytes, size: tuple[int, int], parameters: Mapping[str, Any]) -> npt.NDArray[np.uint8] | None:
    told = " ".join(f"{key} {str(parameters[key]).lower()}" for key in _PARAMETERS if key in parameters)
    return drawn_bits(data, size, f"/Filter /CCITTFaxDecode /DecodeParms <<{told}>>".encode())
