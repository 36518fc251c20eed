"""Sets a line of text in any of the characters that readers answer, for pictures of results.

OpenCV carries a face of 20,000 characters with it; Pillow's own has those of western languages.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

_TRIED = 24
_ABSENT = "?"
"""What OpenCV draws for a character that none of its faces has."""
_REPLACED = {"\ufffd": "\u25a1"}


@cache
def _face() -> cv2.FontFace:
    return cv2.FontFace("uni")


def line_mask(text: str, size: float) -> Image.Image:
    """Coverage 0 to 255 of `text` with letters `size` pixels an em, cut to its width, 1.4 `size` high."""
    shown = "".join(_shape(sign) for sign in text) or " "
    height, baseline = max(1, round(1.4 * size)), round(1.05 * size)
    left, _, width, _ = cv2.getTextSize((0, 0), shown, (0, baseline), _face(), round(size))
    mask = np.zeros((height, max(1, left + width + 2), 3), dtype=np.uint8)
    cv2.putText(mask, shown, (0, baseline), (255, 255, 255), _face(), round(size))
    return Image.fromarray(mask[:, :, 0])


@cache
def _shape(sign: str) -> str:
    """The character, a plainer one in its place, or its number in Unicode where there is no shape for it."""
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    for candidate in (_REPLACED.get(sign, sign), plain):
        if candidate and all(part == " " or _is_drawn(part) for part in candidate):
            return candidate
    return "" if unicodedata.category(sign)[0] == "C" else f"[U+{ord(sign):04X}]"


@cache
def _is_drawn(sign: str) -> bool:
    if sign == _ABSENT:
        return True
    drawn = _tried(sign)
    return bool(drawn.any()) and not np.array_equal(drawn, _tried(_ABSENT))


def _tried(sign: str) -> npt.NDArray[np.uint8]:
    picture = np.zeros((2 * _TRIED, 3 * _TRIED, 3), dtype=np.uint8)
    cv2.putText(picture, sign, (_TRIED // 2, round(1.4 * _TRIED)), (255, 255, 255), _face(), _TRIED)
    return picture
