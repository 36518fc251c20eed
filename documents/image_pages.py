"""One page of an image file as pixels: turned by EXIF once, flattened on white, 8 bits, square pixels."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageChops

from config.settings import DocumentSettings
from documents.images import check_source_pixels, open_image
from documents.jpeg_end import is_damaged, with_end_marker, without_end_marker
from documents.media_type import JPEG, PNG, TIFF, WEBP
from documents.png_chunks import has_spoilt_picture
from documents.raster import Pixels, RasterPage, budget_scale, credible_dpi, grey_if_colourless
from documents.tiff import TiffFrame, read_tiff_frames
from documents.tiff_samples import is_misread, not_read, read_samples
from documents.tiff_strips import damaged_strip
from documents.webp_end import is_displaced
from schemas.errors import DocbeamError, ErrorCode

_SANE_DPI = (50.0, 1200.0)
_OBLONG = (1.05, 4.0)
"""Ratio of the two resolutions from which pixels count as oblong (fax: 204 x 98), and above which as nonsense."""
_SIDEWAYS = (5, 6, 7, 8)
_MOST_LEVELS = (1.0, *(float(2**bits - 1) for bits in (8, 10, 12, 14, 16)))
_SPOILT, _HARDLY = 8, 0.6
"""Pixels that do not tell how bright others may be; and a share of the levels that hardly anybody uses no more of."""
_POINTS = (1.0, 255.0, 65535.0)
"""Of what levels with a point are of, if they are not of any scale."""
_MOST_INK, _WHITE_INK, _ALL_OF_IT = 0.5, 200, 0.95
_COLOUR_MAP, _WORD = 320, 256
_PHOTOMETRIC, _WHITE_IS_ZERO, _YCBCR = 262, 0, 6
"""TIFF 6.0 section 8; Pillow heeds it for levels of up to 8 bits only."""
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


@dataclass(frozen=True, slots=True)
class _Target:
    """The size to reach, before any EXIF turn, and its resolution."""

    width: int
    height: int
    dpi: float | None


def rasterise_image_page(path: Path, media_type: str, page_number: int, settings: DocumentSettings) -> RasterPage:
    """Page `page_number` (from 1) of an image file; see `documents.rasterise.rasterise`."""
    if media_type == TIFF:
        return _rasterise_tiff_page(path, page_number, settings)
    if page_number != 1:
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, f"the image has 1 page, there is no {page_number}")
    whole = with_end_marker(path.read_bytes()) if media_type == JPEG and without_end_marker(path) else None
    damaged = {JPEG: is_damaged, PNG: has_spoilt_picture, WEBP: is_displaced}.get(media_type)
    if damaged is not None and damaged(path.read_bytes() if whole is None else whole):
        raise DocbeamError(
            ErrorCode.PAGE_UNREADABLE, "a part of the image's data is missing or overwritten; send it anew"
        )
    with open_image(path if whole is None else io.BytesIO(whole), media_type, ErrorCode.PAGE_UNREADABLE) as image:
        check_source_pixels(*image.size, settings)
        orientation = _orientation(image)
        target = _target(image, media_type, orientation, settings)
        with _decoding():
            if media_type == JPEG:
                image.draft(None, (target.width, target.height))
            image.load()
            pixels = _turn(_as_bgr(_resize(_to_array(image, target), target)), orientation)
    return RasterPage(grey_if_colourless(np.ascontiguousarray(pixels)), target.dpi)


def _rasterise_tiff_page(path: Path, page_number: int, settings: DocumentSettings) -> RasterPage:
    frames = read_tiff_frames(path, settings.max_pages)
    if not 1 <= page_number <= len(frames):
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, f"the image has {len(frames)} pages, there is no {page_number}")
    frame = frames[page_number - 1]
    check_source_pixels(frame.width, frame.height, settings)
    target = damage = None
    try:
        # Not by its name: Pillow would map the file, and give the size of pages that lie on their side the wrong way.
        with path.open("rb") as file, open_image(file, TIFF, ErrorCode.PAGE_UNREADABLE) as image:
            with _decoding():
                image.seek(frame.index)
            target = _target(image, TIFF, _orientation(image), settings)
            if is_misread(image):
                return _of_samples(path, frame, target, settings)
            damage = damaged_strip(path, image, (frame.width, frame.height))
            if damage is not None:
                raise DocbeamError(ErrorCode.PAGE_UNREADABLE, f"{damage}; send it anew")
            with _decoding():
                image.load()
                # Pillow turns TIFF pages itself while it loads them, and no other type.
                pixels = _as_bgr(_resize(_to_array(image, target), target))
    except DocbeamError as error:
        # What Pillow can open and not decode is damaged, and must not be shown in part; but it knows no bare YCbCr.
        bare = target is None or frame.photometric == _YCBCR
        if error.code is not ErrorCode.PAGE_UNREADABLE or damage is not None or not bare:
            raise
        return _of_samples(path, frame, target, settings)
    return RasterPage(grey_if_colourless(np.ascontiguousarray(pixels)), target.dpi)


def _of_samples(path: Path, frame: TiffFrame, target: _Target | None, settings: DocumentSettings) -> RasterPage:
    """A page that Pillow cannot read."""
    samples = read_samples(path, frame)
    if samples is None:
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, not_read(frame))
    height, width = samples.shape[:2]
    if target is None:
        scale = budget_scale(width, height, settings.max_pixels)
        target = _Target(max(1, math.floor(width * scale)), max(1, math.floor(height * scale)), None)
    if samples.dtype != np.uint8:
        samples = _stretch_levels(samples, frame.photometric == _WHITE_IS_ZERO)
    elif samples.ndim == 2 and frame.photometric == _WHITE_IS_ZERO:
        samples = 255 - samples
    pixels = _as_bgr(_resize(samples, target))
    return RasterPage(grey_if_colourless(np.ascontiguousarray(pixels)), target.dpi)


@contextmanager
def _decoding() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Decoders let every kind of exception out of broken files, MemoryError included.
        message = f"the image cannot be decoded entirely ({type(error).__name__}); save it anew"
        raise DocbeamError(ErrorCode.PAGE_UNREADABLE, message) from None


def _as_bgr(pixels: Pixels) -> Pixels:
    """Only when they are few, because at full size each copy costs half a gigabyte."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), dtype=np.uint8) if pixels.ndim == 3 else pixels


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
    else:
        across, down = _ratio(image)
    if _OBLONG[0] <= max(across, down) / min(across, down) <= _OBLONG[1]:
        stretch_x, stretch_y = max(across, down) / across, max(across, down) / down
    scale = budget_scale(width * stretch_x, height * stretch_y, settings.max_pixels)
    # Rounding down keeps the product within the budget.
    size = [max(1, math.floor(side * scale + 1e-9)) for side in (width * stretch_x, height * stretch_y)]
    return _Target(size[0], size[1], None if finer is None else credible_dpi(finer * scale, max(size)))


def _resolutions(image: Image.Image) -> tuple[float | None, float | None]:
    """Dots per inch across and down as stored, or None twice where metadata has nothing plausible."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None, None
    if not all(_SANE_DPI[0] <= value <= _SANE_DPI[1] for value in (across, down)):
        return None, None
    return across, down


def _ratio(image: Image.Image) -> tuple[float, float]:
    """The same where they are in no unit: only their ratio means something (JFIF unit 0, PNG's pHYs, TIFF unit 1)."""
    if image.info.get("jfif_unit") == 0 and "jfif_density" in image.info:
        told = image.info["jfif_density"]
    else:
        told = image.info.get("aspect", image.info.get("resolution"))
    try:
        across, down = (float(value) for value in told)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 1.0, 1.0
    sane = math.isfinite(across) and math.isfinite(down) and across > 0 and down > 0
    return (across, down) if sane else (1.0, 1.0)


def _to_array(image: Image.Image, target: _Target) -> Pixels:
    """(h, w) grey or (h, w, 3) RGB uint8 at or above the target's size."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image)
        levels = _stretch_levels(values, _tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO)
        return np.where(values == image.info["transparency"], 255, levels) if "transparency" in image.info else levels
    if image.mode == "1":
        clear = image.info.pop("transparency", None)
        image = image.convert("L")
        if clear is not None:
            image.info["transparency"] = 255 * bool(clear)
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        # Adobe's programs store how much ink is left out, and Pillow takes every file for one of theirs.
        image = ImageChops.invert(image)
    opaque = image.mode not in _WITH_ALPHA and "transparency" not in image.info
    if image.mode == "P":
        _heed_colours_of_bytes(image)
    if image.mode == "P" or not opaque:
        image = image.convert("RGB" if opaque else "RGBA")
    if not opaque and image.getextrema()[-1] == (0, 0):
        # Nothing would be seen: the writer left empty what it has no use for.
        opaque, image = True, image.convert("RGB")
    factor = min(image.width // target.width, image.height // target.height)
    if factor > 1:
        # Averages whole blocks in place of copying the full size; the rest is left to the area interpolation.
        image = image.reduce(factor)
    if not opaque:
        ground = Image.new("RGB", image.size, "black" if _is_white_ink(image) else "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    if image.mode == "L":
        return np.asarray(image)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _is_white_ink(image: Image.Image) -> bool:
    """Whether what shows of an RGBA image is white, and little of it: on white paper nobody would see anything."""
    shows = np.asarray(image.getchannel("A")) > 127
    if not 0 < float(shows.mean()) < _MOST_INK:
        return False
    return float((np.asarray(image.convert("L"))[shows] > _WHITE_INK).mean()) > _ALL_OF_IT


def _heed_colours_of_bytes(image: Image.Image) -> None:
    """Of a TIFF whose colour map has bytes where words are due, so that all of it would be black."""
    told = _tag(image, _COLOUR_MAP)
    if isinstance(told, tuple) and len(told) % 3 == 0 and 0 < max(told) < _WORD:
        image.putpalette(np.reshape(told, (3, -1)).T.astype(np.uint8).tobytes(), "RGB")


def _stretch_levels(told: npt.NDArray[Any], white_is_zero: bool) -> Pixels:
    """Levels of more than 8 bits, or with a sign, as 8 bits.

    The largest seen tells how many bits count: scanners of 10, 12 and 14 bits store theirs in 16, and say so or not.
    """
    values = np.nan_to_num(np.asarray(told, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    peak = _highest(values)
    most = next((level for level in _MOST_LEVELS if peak <= level), peak)
    if np.issubdtype(told.dtype, np.signedinteger):
        most = min(most, float(np.iinfo(told.dtype).max))
    elif np.issubdtype(told.dtype, np.floating) and not any(_HARDLY * level <= peak <= level for level in _POINTS):
        most = peak or 1.0
    levels: Pixels = np.clip(values * (255.0 / most), 0, 255).astype(np.uint8)
    return 255 - levels if white_is_zero else levels


def _highest(values: npt.NDArray[np.float32]) -> float:
    """But for a few, which a sensor or the way has spoilt."""
    peak = float(values.max(initial=0.0))
    level = next((level for level in reversed(_MOST_LEVELS) if level < peak), peak)
    if np.count_nonzero(values > level) > _SPOILT:
        return peak
    return float(values[values <= level].max(initial=0.0)) or peak


def _tag(image: Image.Image, number: int) -> object:
    """The value of a TIFF tag; None for other files and where there is none."""
    tags = getattr(image, "tag_v2", None)
    return None if tags is None else tags.get(number)


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
