"""What a document is, by its first bytes; names and claims of clients count for nothing."""

from __future__ import annotations

from pathlib import Path

from schemas.errors import DocbeamError, ErrorCode

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
WEBP = "image/webp"
BMP = "image/bmp"

PILLOW_FORMATS = {PNG: "PNG", JPEG: "JPEG", TIFF: "TIFF", WEBP: "WEBP", BMP: "BMP"}
"""The one Pillow plug-in that may open each image type."""

_HEAD_BYTES = 1024
_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BMP_HEADER_SIZES = (12, 16, 40, 52, 56, 64, 108, 124)


def detect_media_type(path: Path) -> str:
    """The media type of the file at `path`, one of the six that are read.

    Raises DocbeamError(DOCUMENT_EMPTY) for no bytes, DocbeamError(UNSUPPORTED_MEDIA_TYPE) for anything else.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise DocbeamError(ErrorCode.DOCUMENT_EMPTY, "the document has no bytes; send one that has content")
    found = _image_type(head)
    if found is None and b"%PDF-" in head:
        # Readers accept leading junk before the header within the first 1024 bytes (ISO 32000, implementation notes).
        found = PDF
    if found is None:
        raise DocbeamError(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "by its content not a PDF, PNG, JPEG, TIFF, WebP or BMP; convert it to one",
        )
    return found


def _image_type(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(_TIFF_MAGICS):
        return TIFF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return BMP
    return None
