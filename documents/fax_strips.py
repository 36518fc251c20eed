"""Fax-coded TIFF pages (TIFF 6.0 sections 10, 11): whether each strip goes to its last row; libtiff never says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from documents.ccitt_end import has_last_row
from documents.pdf import engine

_COMPRESSION, _FILL_ORDER, _STARTS, _ROWS, _SIZES, _OPTIONS = 259, 266, 273, 278, 279, 292
_ALIGNED, _GROUP_3, _GROUP_4 = 2, 3, 4
_TWO_DIMENSIONS, _LOW_BIT_FIRST = 1, 2
_MOST_STRIPS = 500
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def has_all_strips(path: Path, image: Image.Image, size: tuple[int, int]) -> bool:
    """Whether all rows of a page of `size` (width, height as stored) are in the file; True for other codings.

    Raises OSError for a file that cannot be read.
    """
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    parameters = _parameters(tags, size[0])
    if parameters is None:
        return True
    with engine():
        return all(
            has_last_row(data, (size[0], rows), parameters) for data, rows in _strips(path, tags, size[1]) if rows > 0
        )


def _parameters(tags: Mapping[int, Any], width: int) -> Mapping[str, Any] | None:
    """As a PDF calls them."""
    coding = tags.get(_COMPRESSION)
    if coding == _GROUP_4:
        return {"/K": -1, "/Columns": width}
    if coding == _GROUP_3:
        return {"/K": 1 if tags.get(_OPTIONS, 0) & _TWO_DIMENSIONS else 0, "/Columns": width}
    return {"/K": 0, "/Columns": width, "/EncodedByteAlign": True} if coding == _ALIGNED else None


def _strips(path: Path, tags: Mapping[int, Any], height: int) -> Iterator[tuple[bytes, int]]:
    """The data of each strip and its rows."""
    starts, sizes = tags.get(_STARTS, ()), tags.get(_SIZES, ())
    each = min(tags.get(_ROWS, height), height)
    with path.open("rb") as file:
        for number, (start, length) in enumerate(list(zip(starts, sizes, strict=False))[:_MOST_STRIPS]):
            file.seek(start)
            data = file.read(length)
            if tags.get(_FILL_ORDER) == _LOW_BIT_FIRST:
                data = data.translate(_REVERSED)
            yield data, min(each, height - number * each)
