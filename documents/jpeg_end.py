"""JPEG data that end before their end marker, or lack something before it: whether any of the picture is missing."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from documents.jpeg_codes import is_miscoded
from documents.jpeg_scan import is_out_of_step

_END = b"\xff\xd9"
_TAIL_BYTES = 4096
"""Some programs write a little behind the marker."""
_FILLINGS = (b"", b"\x55" * 64, b"\xaa" * 64)


def without_end_marker(path: Path) -> bool:
    """Whether the file has no end marker near its end. Raises OSError for a file that cannot be read."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        return _END not in file.read()


def with_end_marker(start: bytes) -> bytes | None:
    """The data as they should have ended, where their picture is whole; None where part of it is missing."""
    return start + _END if _is_one_picture(start, reduced=False) else None


def is_damaged(data: bytes) -> bool:
    """Whether a picture still wants data at its end marker, or has some too many: they were lost or overwritten.

    False for what cannot be decoded at all.
    """
    if is_miscoded(data):
        return True
    out_of_step = is_out_of_step(data)
    if out_of_step is not None:
        return out_of_step
    end = data.rfind(_END)
    return end >= 0 and _is_one_picture(data[:end], reduced=True) is False


def _is_one_picture(start: bytes, *, reduced: bool) -> bool | None:
    """Whether the picture is the same with several fillings before the marker; None where it cannot be decoded.

    A decoder that still has to read something shows whatever stands there. `reduced`: looked at in an eighth of its
    size, which shows as well whether anything is read and costs less.
    """
    pictures = []
    for filling in _FILLINGS:
        try:
            with Image.open(io.BytesIO(start + filling + _END), formats=("JPEG",)) as image:
                if reduced:
                    image.draft(None, (image.width // 8, image.height // 8))
                pictures.append(np.asarray(image))
        except Exception:
            # Decoders let every kind of exception out of broken files.
            return None
    return all(np.array_equal(pictures[0], picture) for picture in pictures)
