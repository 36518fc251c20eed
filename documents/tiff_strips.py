"""Coded strips and tiles of TIFF pages (TIFF 6.0 sections 10, 11, 22; deflated ones): whether they are damaged.

The TIFF library shows something else there without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from documents.ccitt_end import has_last_row
from documents.counted_bytes import unpacked_bits, unpacked_lzw
from documents.deflated import Deflated, inflated
from documents.fax_rows import has_broken_rows
from documents.jpeg_codes import is_miscoded
from documents.jpeg_scan import is_out_of_step
from documents.pdf import engine

_COMPRESSION, _FILL_ORDER, _STARTS, _ROWS, _SIZES, _OPTIONS = 259, 266, 273, 278, 279, 292
_TILE_STARTS, _TILE_SIZES, _JPEG_TABLES = 324, 325, 347
_BITS, _SAMPLES, _PLANES, _TILE_WIDTH = 258, 277, 284, 322
_ALIGNED, _GROUP_3, _GROUP_4, _LZW, _JPEG, _DEFLATED, _PACK_BITS = 2, 3, 4, 5, 7, (8, 32946), 32773
_OLD_LZW = b"\0\1"
_PADDED = 2
"""Bytes behind the last row that programs add."""
_TWO_DIMENSIONS, _LOW_BIT_FIRST = 1, 2
_MOST_STRIPS = 500
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_MARKER_BYTES = 2


def damaged_strip(path: Path, image: Image.Image, size: tuple[int, int]) -> str | None:
    """What is wrong with a page of `size` (width, height as stored); None where nothing is, and for other codings.

    Raises OSError for a file that cannot be read.
    """
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    coding = tags.get(_COMPRESSION)
    parameters = _parameters(tags, size[0])
    if parameters is not None:
        return (
            None if _is_whole_fax(path, tags, size, parameters) else "the fax ends before its last row, or is damaged"
        )
    if coding in _DEFLATED:
        whole = all(inflated(data) is Deflated.WHOLE for data in _coded(path, tags))
    elif coding == _JPEG:
        tables = bytes(tags.get(_JPEG_TABLES, b""))[:-_MARKER_BYTES]
        whole = not any(
            is_miscoded(whole) or is_out_of_step(whole)
            for whole in (tables + data[_MARKER_BYTES:] if tables else data for data in _coded(path, tags))
        )
    elif coding in (_LZW, _PACK_BITS):
        whole = all(_has_all_bytes(data, coding, tags, size) for data in _coded(path, tags))
    else:
        return None
    return None if whole else "a strip of the page is damaged"


def _has_all_bytes(data: bytes, coding: int, tags: Mapping[int, Any], size: tuple[int, int]) -> bool:
    """Whether whole rows are made of a strip's or tile's data, and no row is begun."""
    if data[:2] == _OLD_LZW:
        return True  # Its codes are written the other way round.
    bits = tags.get(_BITS, (1,))
    samples = bits[0] * (tags.get(_SAMPLES, 1) if tags.get(_PLANES, 1) == 1 else 1)
    row = -(-tags.get(_TILE_WIDTH, size[0]) * samples // 8)
    made = unpacked_lzw(data) if coding == _LZW else unpacked_bits(data)
    return made is not None and made % row <= _PADDED


def _is_whole_fax(path: Path, tags: Mapping[int, Any], size: tuple[int, int], parameters: Mapping[str, Any]) -> bool:
    width, height = size
    each = min(tags.get(_ROWS, height), height)
    with engine():
        for number, data in enumerate(_coded(path, tags)):
            # Some programs fill up the last strip.
            size = (width, min(each, height - number * each))
            if size[1] <= 0 or _TILE_STARTS in tags:
                break
            if not has_last_row(data, size, parameters, each) or has_broken_rows(data, size, parameters):
                return False
    return True


def _parameters(tags: Mapping[int, Any], width: int) -> Mapping[str, Any] | None:
    """As a PDF calls them."""
    coding = tags.get(_COMPRESSION)
    if coding == _GROUP_4:
        return {"/K": -1, "/Columns": width}
    if coding == _GROUP_3:
        return {"/K": 1 if tags.get(_OPTIONS, 0) & _TWO_DIMENSIONS else 0, "/Columns": width}
    return {"/K": 0, "/Columns": width, "/EncodedByteAlign": True} if coding == _ALIGNED else None


def _coded(path: Path, tags: Mapping[int, Any]) -> Iterator[bytes]:
    """The data of each strip or tile."""
    starts, sizes = (
        (tags.get(_TILE_STARTS, ()), tags.get(_TILE_SIZES, ()))
        if _TILE_STARTS in tags
        else (tags.get(_STARTS, ()), tags.get(_SIZES, ()))
    )
    with path.open("rb") as file:
        for start, length in list(zip(starts, sizes, strict=False))[:_MOST_STRIPS]:
            file.seek(start)
            data = file.read(length)
            yield data.translate(_REVERSED) if tags.get(_FILL_ORDER) == _LOW_BIT_FIRST else data
