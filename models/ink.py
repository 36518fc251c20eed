"""What of a page is ink, whatever the paper's shade."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.pieces import pieces_of

Ink = npt.NDArray[np.float32]
"""(height, width), 0 where there is paper, up to 1 where there is ink."""

FAINTEST = 0.12
"""What is less dark than this is taken for paper."""
_DARKEST_PAPER = 32
_BACKGROUND_SHRINK = 8
_FEWEST_LETTERS = 30
_RAREST = 0.04
"""Share of the commonest size of print that another must reach to count."""


def grey_of(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Grey pixels of a grey or blue-green-red picture; a grey one is given back as it is."""
    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def grey_page(pixels: npt.NDArray[np.uint8], longest: int) -> npt.NDArray[np.uint8]:
    """The page as grey pixels whose longer side is at most `longest`."""
    grey = grey_of(pixels)
    scale = longest / max(grey.shape)
    if scale >= 1:
        return np.ascontiguousarray(grey)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def ink_of(grey: npt.NDArray[np.uint8], faintest: float = FAINTEST) -> Ink:
    """How much darker each pixel is than the paper around it, as a share of the paper's brightness.

    Large dark areas (scanner edges, photographs) have no bright paper around them and so are no ink.
    """
    background = _paper_around(grey, 5)
    ink = background - grey
    np.divide(ink, np.maximum(background, _DARKEST_PAPER, out=background), out=ink)
    return np.asarray(cv2.threshold(ink, faintest, 0, cv2.THRESH_TOZERO)[1], dtype=np.float32)


def relative_darkness(grey: npt.NDArray[np.uint8], reach: int = 5) -> Ink:
    """As `ink_of`, but with nothing cut off, and on dark paper (below 48 of 255) less steep.

    `reach` is how far the paper is looked for, in steps of 8 pixels; wide pen strokes want more.
    """
    around = np.maximum(_paper_around(grey, reach), 48)
    np.divide(grey, around, out=around)
    np.subtract(1, around, out=around)
    return np.asarray(np.clip(around, 0, 1, out=around), dtype=np.float32)


def ink_threshold(darkness: Ink, paper: float, share: float, limits: tuple[float, float], usual: float) -> float:
    """The darkness from which a pixel is ink: `share` of Otsu's level over all that is darker than `paper`.

    Kept within `limits`; `usual` where there is hardly anything but paper.
    """
    sample = darkness[::2, ::2]
    inked = (sample[sample > paper] * 255).astype(np.uint8)
    if inked.size < 50:
        return usual
    level, _ = cv2.threshold(inked.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.clip(share * level / 255, *limits))


def letter_height(mask: npt.NDArray[np.uint8], smallest: int, largest: int) -> float | None:
    """The commonest height of what looks like letters, in pixels, from `smallest` to below `largest`.

    None where there are fewer than 30 such things. The kernel widens with height, so that specks of many sizes do
    not win.
    """
    sizes = sizes_of_print(heights_of_letters(mask, smallest, largest), smallest, largest, apart=float("inf"))
    return sizes[0][0] if sizes else None


def sizes_of_print(
    heights: npt.NDArray[np.float64], smallest: int, largest: int, apart: float
) -> list[tuple[float, int]]:
    """As `letter_height`, of the heights of what looks like letters, for each size: `apart` times others, counted.

    The commonest first. A size that hardly occurs, beside another, is left out.
    """
    found: list[tuple[float, int]] = []
    if heights.size < _FEWEST_LETTERS:
        return found
    levels = np.arange(smallest, largest, dtype=np.float64)
    counts = np.array([np.sum(np.abs(heights - level) <= 0.12 * level + 0.5) for level in levels])
    while levels.size:
        best = int(np.argmax(counts))
        if found and counts[best] < max(_FEWEST_LETTERS, _RAREST * found[0][1]):
            break
        found.append((float(levels[best]), int(counts[best])))
        far = np.maximum(levels / levels[best], levels[best] / levels) >= apart
        levels, counts = levels[far], counts[far]
    return found


def heights_of_letters(mask: npt.NDArray[np.uint8], smallest: int, largest: int) -> npt.NDArray[np.float64]:
    """Heights of whatever looks like letters, one by one, from `smallest` to below `largest` pixels."""
    pieces = pieces_of(mask)
    width, height = pieces.boxes[1:, 2:].astype(np.float64).T
    area = pieces.areas[1:].astype(np.float64)
    like = (height >= smallest) & (width >= 2) & (height < largest) & (width < 2.2 * height) & (height < 6 * width)
    like &= (area > 0.15 * width * height) & (area < 0.85 * width * height)
    return np.asarray(height[like])


def _paper_around(grey: npt.NDArray[np.uint8], reach: int) -> Ink:
    """Brightness of the paper around each pixel, 0..255."""
    height, width = grey.shape
    small_size = (max(1, width // _BACKGROUND_SHRINK), max(1, height // _BACKGROUND_SHRINK))
    small = cv2.resize(grey, small_size, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((reach, reach), np.uint8)), (5, 5), 0)
    return np.asarray(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
