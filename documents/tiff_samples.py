"""TIFF pages whose samples Pillow does not know, or takes for others: read by OpenCV, which brings the TIFF library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from documents.tiff import TiffFrame

# It would write the names of files to standard error.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
_BITS, _PLANAR, _FORMAT = 258, 284, 339
_APART, _SIGNED, _FLOAT = 2, 2, 3
_GREY = (0, 1)
"""Values of the photometric tag: white is zero, black is zero."""


def is_misread(image: Image.Image) -> bool:
    """Whether Pillow opens the page and gets its levels wrong: signed ones, 32 bits without sign, 16 bits in planes."""
    tags: Any = getattr(image, "tag_v2", {})
    kind, bits = _first(tags.get(_FORMAT, 1)), _first(tags.get(_BITS, 1))
    return bool(kind == _SIGNED or (bits == 32 and kind != _FLOAT) or (bits == 16 and tags.get(_PLANAR) == _APART))


def read_samples(path: Path, frame: TiffFrame) -> npt.NDArray[Any] | None:
    """The page's levels, (h, w) grey of any kind or (h, w, 3) RGB, turned as it is shown; None where nobody can tell.

    Grey levels are as stored, also where white is zero.
    """
    if frame.samples == 2 and frame.has_alpha:
        return None  # It would come without what shows through.
    grey = frame.photometric in _GREY
    for flags in (cv2.IMREAD_UNCHANGED,) if grey else (cv2.IMREAD_COLOR, cv2.IMREAD_UNCHANGED):
        try:
            _, pages = cv2.imreadmulti(str(path), start=frame.index, count=1, flags=flags)
        except cv2.error:
            continue
        for page in pages:
            if page.ndim == 2:
                return np.asarray(page)
            if page.shape[2] >= 3:
                return np.ascontiguousarray(page[:, :, 2::-1])
    return None


def not_read(frame: TiffFrame) -> str:
    """What is said of a page that neither of the two can read."""
    return (
        "the TIFF is damaged, or its samples are of a kind that is not read (photometric "
        f"{frame.photometric}, {frame.samples} a pixel); save it anew, with 8 bits a sample"
    )


def has_samples(path: Path) -> bool:
    """Whether the file is a TIFF to OpenCV, whatever Pillow says; decodes nothing."""
    try:
        return bool(cv2.imcount(str(path), cv2.IMREAD_UNCHANGED) > 0)
    except cv2.error:
        return False


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value
