"""Chains of TIFF directories, written byte by byte: every order and width, and every way to break off."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from documents.tiff import TiffFrame, read_tiff_frames
from schemas.errors import DocbeamError, ErrorCode

WIDTH, LENGTH, SUBFILE = 256, 257, 254
SHORT, LONG, LONG8 = 3, 4, 16
Entry = tuple[int, int, int]
"""Tag, type, value."""


def size(width: int, height: int, kind: int = LONG) -> list[Entry]:
    return [(WIDTH, kind, width), (LENGTH, kind, height)]


def thumbnail(width: int = 8, height: int = 8) -> list[Entry]:
    return [(SUBFILE, LONG, 1), *size(width, height)]


def tiff(*directories: list[Entry], order: str = "<", big: bool = False) -> bytes:
    """One directory after the other, each naming the next."""
    mark = b"II" if order == "<" else b"MM"
    offset, count, start = ("Q", "Q", 16) if big else ("I", "H", 8)
    head = struct.pack(order + "HHHQ", 43, 8, 0, start) if big else struct.pack(order + "HI", 42, start)
    out = mark + head
    for number, entries in enumerate(directories, start=1):
        body = struct.pack(order + count, len(entries))
        for tag, kind, value in entries:
            room = 8 if big else 4
            code = {SHORT: "H", LONG: "I", LONG8: "Q"}[kind]
            packed = struct.pack(order + code, value)[:room].ljust(room, b"\0")
            body += struct.pack(order + "HH" + offset, tag, kind, 1) + packed
        following = len(out) + len(body) + struct.calcsize(order + offset)
        out += body + struct.pack(order + offset, following if number < len(directories) else 0)
    return out


def frames(tmp_path: Path, content: bytes, max_pages: int = 3) -> tuple[TiffFrame, ...]:
    path = tmp_path / "document"
    path.write_bytes(content)
    return read_tiff_frames(path, max_pages)


def refusal(tmp_path: Path, content: bytes, max_pages: int = 3) -> ErrorCode:
    with pytest.raises(DocbeamError) as caught:
        frames(tmp_path, content, max_pages)
    return caught.value.code


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("big", "kind"), [(False, SHORT), (False, LONG), (True, SHORT), (True, LONG), (True, LONG8)])
def test_pages_are_found_in_every_order_and_width(tmp_path: Path, order: str, big: bool, kind: int) -> None:
    content = tiff(size(300, 200, kind), thumbnail(), size(30, 20, kind), order=order, big=big)
    assert frames(tmp_path, content) == (TiffFrame(0, 300, 200), TiffFrame(2, 30, 20))


def test_small_copies_are_the_pages_where_there_is_nothing_else(tmp_path: Path) -> None:
    assert frames(tmp_path, tiff(thumbnail(8, 9))) == (TiffFrame(0, 8, 9),)


def test_other_kinds_of_subfile_are_pages_and_masks_are_none(tmp_path: Path) -> None:
    """2 is a page of several, 4 a transparency mask (TIFF 6.0, NewSubfileType)."""
    content = tiff(*([(SUBFILE, LONG, kind), *size(10, 20)] for kind in (2, 3, 4, 6)))
    assert frames(tmp_path, content) == (TiffFrame(0, 10, 20),)


@pytest.mark.parametrize("big", [False, True])
def test_what_comes_before_a_break_in_the_chain_is_kept(tmp_path: Path, big: bool) -> None:
    first, second = tiff(size(10, 20), big=big), tiff(size(10, 20), size(30, 40), big=big)
    link = 8 if big else 4
    assert second.startswith(first[:-link])
    for cut in range(len(first) - link, len(second) - link):
        assert frames(tmp_path, second[:cut]) == (TiffFrame(0, 10, 20),), cut
    whole = (TiffFrame(0, 10, 20), TiffFrame(1, 30, 40))
    # The link behind the last page says that none follows; without it there is none to follow.
    for cut in range(len(second) - link, len(second) + 1):
        assert frames(tmp_path, second[:cut]) == whole, cut


@pytest.mark.parametrize("far", [2**31, 2**63, 2**64 - 1])
def test_a_link_to_nowhere_ends_the_chain(tmp_path: Path, far: int) -> None:
    content = tiff(size(10, 20), big=True)
    assert frames(tmp_path, content[:-8] + struct.pack("<Q", far)) == (TiffFrame(0, 10, 20),)


def test_a_directory_that_claims_more_entries_than_any_has_is_not_read(tmp_path: Path) -> None:
    """Of BigTIFF, whose count has room for what would take all memory."""
    content = bytearray(tiff(size(10, 20), big=True))
    struct.pack_into("<Q", content, 16, 2**16)
    assert refusal(tmp_path, bytes(content) + bytes(20 * 2**16)) == ErrorCode.DOCUMENT_CORRUPT
    struct.pack_into("<Q", content, 16, 2**16 - 1)
    assert frames(tmp_path, bytes(content) + bytes(20 * 2**16)) == (TiffFrame(0, 10, 20),)


@pytest.mark.parametrize(
    ("kind", "largest"), [(SHORT, 2**16 - 1), (LONG, 2**32 - 1), (LONG8, 2**64 - 1)], ids=["short", "long", "long8"]
)
def test_no_size_is_so_large_that_it_passes_for_a_small_one(tmp_path: Path, kind: int, largest: int) -> None:
    assert frames(tmp_path, tiff(size(largest, 1, kind), big=True)) == (TiffFrame(0, largest, 1),)


@pytest.mark.parametrize("kind", [1, 2, LONG8])
def test_a_size_of_a_kind_that_holds_none_is_unknown(tmp_path: Path, kind: int) -> None:
    content = tiff(size(10, 20)).replace(struct.pack("<HH", WIDTH, LONG), struct.pack("<HH", WIDTH, kind))
    assert frames(tmp_path, content) == (TiffFrame(0, 0, 20),)


@pytest.mark.parametrize("big", [False, True])
def test_a_file_that_ends_in_its_header_is_corrupt(tmp_path: Path, big: bool) -> None:
    content = tiff(size(10, 20), big=big)
    for cut in range(4, 16 if big else 8):
        assert refusal(tmp_path, content[:cut]) == ErrorCode.DOCUMENT_CORRUPT
    assert refusal(tmp_path, tiff(big=big)[: 16 if big else 8]) == ErrorCode.DOCUMENT_CORRUPT, "no page at all"


def test_more_pages_than_allowed_are_refused_and_so_are_copies_without_end(tmp_path: Path) -> None:
    page, copies = size(10, 20), [thumbnail()] * 11
    assert len(frames(tmp_path, tiff(page, page, page))) == 3
    assert refusal(tmp_path, tiff(page, page, page, page)) == ErrorCode.TOO_MANY_PAGES
    assert len(frames(tmp_path, tiff(*[page, *copies] * 3))) == 3, "each with eleven copies, as of a pyramid"
    assert refusal(tmp_path, tiff(*[page, *copies] * 3, thumbnail())) == ErrorCode.TOO_MANY_PAGES
