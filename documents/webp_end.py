"""Lossy WebP pictures (RFC 6386 in RFC 9649): whether a decoder comes to the end of the picture where the data end.

The coding is arithmetic: behind a byte that was overwritten a decoder makes a picture of anything, without a word.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image

_RIFF_HEAD, _CHUNK_HEAD, _FRAME_HEAD = 12, 8, 16
_PICTURE_HEAD = 10
"""Bytes of the tag, the start code and the size (RFC 6386, 9.1)."""
_UNNEEDED = 16
"""Bytes before the end without which the picture may be the same: encoders fill up their last word, and the last blocks
may look the same for several codes."""
_FILLINGS = (b"\x55\xaa\x0f\xf0\x99\x66" * 4, b"\xd2\x39\xc4\x1b\x7e\x81" * 4)
_LEAST = 64
"""Bytes of a picture that says something."""


def is_displaced(data: bytes) -> bool:
    """Whether something other than the picture stands where its data should end. False for lossless pictures."""
    picture = _picture(data, _RIFF_HEAD, len(data))
    if picture is None:
        return False
    start, end = picture
    first = start + _PICTURE_HEAD + (int.from_bytes(data[start : start + 3], "little") >> 5)
    whole = _decoded(data)
    begins = {first: start, end: first}
    return whole is not None and any(
        _is_unread(data, behind, whole) for behind, begin in begins.items() if begin + _LEAST <= behind <= end
    )


def _picture(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Where the first lossy picture is."""
    for name, at, length in _chunks(data, start, end):
        if name == b"VP8 ":
            return at, at + length
        if name == b"ANMF":
            return _picture(data, at + _FRAME_HEAD, at + length)
    return None


def _chunks(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + _CHUNK_HEAD <= end:
        length = int.from_bytes(data[start + 4 : start + _CHUNK_HEAD], "little")
        yield data[start : start + 4], start + _CHUNK_HEAD, length
        start += _CHUNK_HEAD + length + length % 2


def _is_unread(data: bytes, end: int, whole: npt.NDArray[np.uint8]) -> bool:
    """Whether other bytes before `end` would make the same picture; the decoder notices most of those it reads."""
    end -= _UNNEEDED
    for filling in _FILLINGS:
        other = _decoded(data[: end - len(filling)] + filling + data[end:])
        if other is None or not np.array_equal(other, whole):
            return False
    return True


def _decoded(data: bytes) -> npt.NDArray[np.uint8] | None:
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
            return np.asarray(image)
    except Exception:
        # Decoders let every kind of exception out of broken files.
        return None
