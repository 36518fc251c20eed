"""Opening image files: one Pillow plug-in for each type, sizes checked before a pixel is decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from config.settings import DocumentSettings
from documents.media_type import PILLOW_FORMATS, PNG
from documents.png_chunks import without_spoilt_chunks
from schemas.errors import DocbeamError, ErrorCode

# Our own limit is checked on every image; Pillow's error above 178 956 970 pixels stays as a second ceiling.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@contextmanager
def open_image(path: Path | BinaryIO, media_type: str, failure: ErrorCode) -> Iterator[Image.Image]:
    """The image at `path`, or in an open file, header read, pixels not yet decoded; closed at the end of the block.

    Raises DocbeamError TOO_MANY_PIXELS above Pillow's own ceiling and `failure` when the header cannot be read.
    Raises FileNotFoundError for a file that is gone.
    """
    try:
        image = _opened(path, media_type)
    except Image.DecompressionBombError:
        raise DocbeamError(
            ErrorCode.TOO_MANY_PIXELS, "the image exceeds what is ever decoded; send it smaller"
        ) from None
    except FileNotFoundError:
        raise
    except Exception as error:
        # Pillow's plug-ins let every kind of exception out of broken headers.
        raise DocbeamError(failure, f"the {media_type} header cannot be read ({type(error).__name__})") from None
    with image:
        yield image


def _opened(path: Path | BinaryIO, media_type: str) -> Image.Image:
    formats = (PILLOW_FORMATS[media_type],)
    try:
        return Image.open(path, formats=formats)
    except (UnidentifiedImageError, SyntaxError):
        sound = without_spoilt_chunks(path.read_bytes()) if media_type == PNG and isinstance(path, Path) else None
        if sound is None:
            raise
        return Image.open(io.BytesIO(sound), formats=formats)


def check_source_pixels(width: int, height: int, settings: DocumentSettings, page: int | None = None) -> None:
    """Raise DocbeamError(TOO_MANY_PIXELS) for an image that is larger as stored than may be decoded."""
    if width * height > settings.max_source_pixels:
        raise DocbeamError(
            ErrorCode.TOO_MANY_PIXELS,
            f"an image of {width} x {height} pixels exceeds {settings.max_source_pixels} pixels; send it smaller",
            page=page,
        )
