"""The pages of a TIFF file, from its chain of directories alone (TIFF 6.0 section 2; BigTIFF)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from schemas.errors import DocbeamError, ErrorCode

_SUBFILE_TYPE, _OLD_SUBFILE_TYPE, _WIDTH, _LENGTH = 254, 255, 256, 257
_REDUCED_IMAGE, _MASK, _OLD_REDUCED_IMAGE = 1, 4, 2
"""Bits of tag 254 (a mask says what of another image shows), and a value of tag 255, which TIFF 6.0 calls old and
writers still use."""
_PHOTOMETRIC, _SAMPLES, _EXTRA_SAMPLES = 262, 277, 338
_WANTED_TAGS = frozenset((_SUBFILE_TYPE, _OLD_SUBFILE_TYPE, _WIDTH, _LENGTH, _PHOTOMETRIC, _SAMPLES, _EXTRA_SAMPLES))
_SHORT, _LONG, _LONG8 = 3, 4, 16
_FRAMES_PER_PAGE = 12
"""Pyramids keep some ten reduced copies of a page; more directories than this for each page is no document."""


@dataclass(frozen=True, slots=True)
class TiffFrame:
    """One page of the file."""

    index: int
    """Of its directory in the chain, from 0."""
    width: int
    height: int
    photometric: int = 1
    """What the samples mean, as tag 262 has it."""
    samples: int = 1
    """Of a pixel."""
    has_alpha: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    order: str
    big: bool

    @property
    def first(self) -> int:
        return 8 if self.big else 4

    @property
    def offset(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "I"))

    @property
    def count(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @property
    def entry_bytes(self) -> int:
        return 20 if self.big else 12


def read_tiff_frames(path: Path, max_pages: int) -> tuple[TiffFrame, ...]:
    """The full-size pages in order, without reduced copies (thumbnails, pyramids) and masks if there is anything else.

    Reads directories only. Raises DocbeamError DOCUMENT_CORRUPT for a broken or looping chain without one readable
    page, TOO_MANY_PAGES for more than `max_pages`.
    """
    full: list[TiffFrame] = []
    others: list[TiffFrame] = []
    with path.open("rb") as file:
        layout, offset = _read_header(file)
        seen: set[int] = set()
        index = 0
        while offset and offset not in seen:
            if index >= max_pages * _FRAMES_PER_PAGE:
                raise _too_many(max_pages)
            seen.add(offset)
            directory = _read_directory(file, layout, offset)
            if directory is None:
                break
            tags, offset = directory
            kept = others if _is_of_another(tags) else full
            size = tags.get(_WIDTH, 0), tags.get(_LENGTH, 0)
            has_alpha = bool(tags.get(_EXTRA_SAMPLES, 0))
            kept.append(TiffFrame(index, *size, tags.get(_PHOTOMETRIC, 1), tags.get(_SAMPLES, 1), has_alpha))
            index += 1
    pages = tuple(full or others)
    if not pages:
        raise DocbeamError(ErrorCode.DOCUMENT_CORRUPT, "the TIFF has no readable page directory; save it anew")
    if len(pages) > max_pages:
        raise _too_many(max_pages)
    return pages


def _is_of_another(tags: Mapping[int, int]) -> bool:
    is_old = tags.get(_OLD_SUBFILE_TYPE) == _OLD_REDUCED_IMAGE
    return is_old or bool(tags.get(_SUBFILE_TYPE, 0) & (_REDUCED_IMAGE | _MASK))


def _read_header(file: BinaryIO) -> tuple[_Layout, int]:
    head = file.read(16)
    layout = _Layout("<" if head[:2] == b"II" else ">", big=b"+" in head[2:4])
    start = head[layout.first : layout.first + layout.offset.size]
    if len(start) < layout.offset.size:
        raise DocbeamError(ErrorCode.DOCUMENT_CORRUPT, "the TIFF ends inside its header; save it anew")
    return layout, layout.offset.unpack(start)[0]


def _read_directory(file: BinaryIO, layout: _Layout, offset: int) -> tuple[dict[int, int], int] | None:
    """The wanted tags and where the next directory is; None where the file ends before this one does."""
    try:
        file.seek(offset)
    except (ValueError, OverflowError, OSError):
        return None
    counted = file.read(layout.count.size)
    if len(counted) < layout.count.size:
        return None
    entries = layout.count.unpack(counted)[0]
    if entries > 0xFFFF:
        return None
    body = file.read(entries * layout.entry_bytes)
    if len(body) < entries * layout.entry_bytes:
        return None
    tags: dict[int, int] = {}
    for position in range(0, len(body), layout.entry_bytes):
        tag, kind = struct.unpack_from(layout.order + "HH", body, position)
        if tag in _WANTED_TAGS:
            tags[tag] = _inline_value(layout, kind, body, position)
    following = file.read(layout.offset.size)
    return tags, layout.offset.unpack(following)[0] if len(following) == layout.offset.size else 0


def _inline_value(layout: _Layout, kind: int, body: bytes, position: int) -> int:
    start = position + (12 if layout.big else 8)
    if kind == _SHORT:
        return int(struct.unpack_from(layout.order + "H", body, start)[0])
    if kind == _LONG:
        return int(struct.unpack_from(layout.order + "I", body, start)[0])
    if kind == _LONG8 and layout.big:
        return int(struct.unpack_from(layout.order + "Q", body, start)[0])
    return 0


def _too_many(max_pages: int) -> DocbeamError:
    return DocbeamError(ErrorCode.TOO_MANY_PAGES, f"the TIFF has more than {max_pages} pages; split it")
