"""One page of an image file as pixels: turned by EXIF once, flattened on white, 8 bits, square pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image

from config.settings import DocumentSettings
from documents.images import check_source_pixels, open_image
from documents.media_type import JPEG, TIFF
from documents.raster import Pixels, RasterPage, budget_scale, grey_if_colourless
from documents.tiff import read_tiff_frames
from schemas.errors import DocbeamError, ErrorCode

_SANE_DPI = (50.0, 1200.0)
_OBLONG = (1.05, 4.0)
"""Ratio of the two resolutions from which pixels count as oblong (fax: 204 x 98), and above which as nonsense."""
_SIDEWAYS = (5, 6, 7, 8)
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


@dataclass(frozen=True, slots=True)
class _Target:
    """The size to reach, before any EXIF turn, and its resolution."""

    width: int
    height: int
    dpi: float | None


def rasterise_image_page(path: Path, media_type: str, page_number: int, settings: DocumentSettings) -> RasterPage:
    """Page `page_number` (from 1) of an image file; see `documents.rasterise.rasterise`."""
    with open_image(path, media_type, ErrorCode.PAGE_UNREADABLE) as image:
        _select_page(image, path, media_type, page_number, settings)
        check_source_pixels(*image.size, settings)
        orientation = _orientation(image)
        try:
            target = _target(image, media_type, orientation, settings)
            if media_type == JPEG:
                image.draft(None, (target.width, target.height))
            image.load()
            pixels = _resize(_to_array(image, target), target)
            if pixels.ndim == 3:
                # Only now, because at full size each copy costs half a gigabyte.
                pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), dtype=np.uint8)
        except Exception as error:
            # Decoders let every kind of exception out of broken files, MemoryError included.
            message = f"the image cannot be decoded entirely ({type(error).__name__}); save it anew"
            raise DocbeamError(ErrorCode.PAGE_UNREADABLE, message) from None
    if media_type != TIFF:
        # Pillow turns TIFF pages itself while it loads them, and no other type.
        pixels = _turn(pixels, orientation)
    return RasterPage(grey_if_colourless(np.ascontiguousarray(pixels)), target.dpi)


def _select_page(image: Image.Image, path: Path, media_type: str, page_number: int, settings: DocumentSettings) -> None:
    frames = [frame.index for frame in read_tiff_frames(path, settings.max_pages)] if media_type == TIFF else [0]
    if not 1 <= page_number <= len(frames):
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, f"the image has {len(frames)} pages, there is no {page_number}")
    try:
        image.seek(frames[page_number - 1])
    except Exception as error:
        message = f"the image's page directory is damaged ({type(error).__name__})"
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, message) from None


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1 to 8 (Exif 2.32, tag 0x0112); 1 where there is none or it cannot be read."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        # Broken metadata must not cost the page.
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _target(image: Image.Image, media_type: str, orientation: int, settings: DocumentSettings) -> _Target:
    width, height = image.size
    across, down = _resolutions(image)
    if media_type == TIFF and orientation in _SIDEWAYS:
        # Pillow already gives the size as shown, the resolutions as stored.
        across, down = down, across
    stretch_x = stretch_y = 1.0
    finer = None
    if across is not None and down is not None:
        finer = max(across, down)
        if _OBLONG[0] <= finer / min(across, down) <= _OBLONG[1]:
            stretch_x, stretch_y = finer / across, finer / down
    scale = budget_scale(width * stretch_x, height * stretch_y, settings.max_pixels)
    # Rounding down keeps the product within the budget.
    size = [max(1, math.floor(side * scale + 1e-9)) for side in (width * stretch_x, height * stretch_y)]
    return _Target(size[0], size[1], finer * scale if finer is not None else None)


def _resolutions(image: Image.Image) -> tuple[float | None, float | None]:
    """Dots per inch across and down as stored, or None twice where metadata has nothing plausible."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None, None
    if not all(_SANE_DPI[0] <= value <= _SANE_DPI[1] for value in (across, down)):
        return None, None
    return across, down


def _to_array(image: Image.Image, target: _Target) -> Pixels:
    """(h, w) grey or (h, w, 3) RGB uint8 at or above the target's size."""
    if image.mode.startswith("I;16"):
        return (np.asarray(image) >> 8).astype(np.uint8)
    if image.mode in ("I", "F"):
        return _stretch_levels(np.asarray(image, dtype=np.float32))
    opaque = image.mode not in _WITH_ALPHA and "transparency" not in image.info
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode == "P" or not opaque:
        image = image.convert("RGB" if opaque else "RGBA")
    factor = min(image.width // target.width, image.height // target.height)
    if factor > 1:
        # Averages whole blocks in place of copying the full size; the rest is left to the area interpolation.
        image = image.reduce(factor)
    if not opaque:
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        image = white
    if image.mode == "L":
        return np.asarray(image)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _stretch_levels(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Pixels:
    """32-bit levels as 8 bits; the format does not say which level is white, so the largest seen decides."""
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    peak = float(values.max(initial=0.0))
    white = next((level for level in (1.0, 255.0, 65535.0) if peak <= level), peak)
    levels: Pixels = np.clip(values * (255.0 / white), 0, 255).astype(np.uint8)
    return levels


def _resize(pixels: Pixels, target: _Target) -> Pixels:
    height, width = pixels.shape[:2]
    if (width, height) == (target.width, target.height):
        return pixels
    shrinks = target.width <= width and target.height <= height
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(pixels, (target.width, target.height), interpolation=interpolation)
    return np.asarray(resized, dtype=np.uint8)


def _turn(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation; a view."""
    if orientation in _SIDEWAYS:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
