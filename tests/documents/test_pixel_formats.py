"""Every way in which image formats store levels, colours and what shows through: as a viewer shows it, or refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import pdf, stream
from tests.documents.test_damaged_scans import G3, G4
from tests.documents.test_odd_files import SIDE, scan
from tests.documents.test_rasterise import read, saved

Levels = npt.NDArray[Any]
GREY: Levels = np.asarray(scan().crop((0, 0, 300, 240))).copy()
GREY[:16, :8] = 0
"""With a mark in its upper left, so that no turn of it looks like another."""
HEIGHT, WIDTH = GREY.shape
COLOUR: Levels = np.dstack([GREY] * 3).copy()
COLOUR[60:100, 40:120] = (200, 30, 30)
INK = 255 - GREY
_KINDS = {3: "H", 4: "I"}


def tiff(*strips: bytes, order: str = "<", **tags: int | tuple[int, ...]) -> bytes:
    """A TIFF of one page; tags by number, as `t258=8`."""
    told: dict[int, tuple[int, ...]] = {256: (WIDTH,), 257: (HEIGHT,), 259: (1,), 277: (1,), 278: (HEIGHT,)}
    told |= {int(name[1:]): value if isinstance(value, tuple) else (value,) for name, value in tags.items()}
    starts = [8 + sum(map(len, strips[:place])) for place in range(len(strips))]
    told |= {273: tuple(starts), 279: tuple(map(len, strips))}
    data = b"".join(strips)
    data += b"\0" * (len(data) % 2)
    body, far = b"", b""
    behind = 8 + len(data) + 2 + 12 * len(told) + 4
    for tag in sorted(told):
        kind = 4 if tag in (256, 257, 273, 278, 279) else 3
        raw = struct.pack(order + _KINDS[kind] * len(told[tag]), *told[tag])
        if len(raw) > 4:
            place, far = behind + len(far), far + raw + b"\0" * (len(raw) % 2)
            raw = struct.pack(order + "I", place)
        body += struct.pack(order + "HHI", tag, kind, len(told[tag])) + raw.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8 + len(data))
    return head + data + struct.pack(order + "H", len(told)) + body + b"\0" * 4 + far


def packed(levels: Levels, bits: int) -> bytes:
    """Rows of so many bits a sample, each filled up to a byte."""
    shifts = np.arange(bits - 1, -1, -1)
    rows = (levels.reshape(len(levels), -1)[..., None].astype(np.int64) >> shifts & 1).reshape(len(levels), -1)
    return np.packbits(rows.astype(np.uint8), axis=1).tobytes()


def scaled(bits: int) -> Levels:
    return np.round(GREY / 255 * (2**bits - 1)).astype(np.uint64)


def shown(tmp_path: Path, content: bytes) -> Levels:
    """(h, w, 3) RGB."""
    pixels = read(tmp_path, content).pixels
    return np.dstack([pixels] * 3) if pixels.ndim == 2 else pixels[..., ::-1]


def check(tmp_path: Path, content: bytes, truth: Levels, within: float = 1.5) -> None:
    found = shown(tmp_path, content)
    wanted = truth if truth.ndim == 3 else np.dstack([truth] * 3)
    assert found.shape == wanted.shape
    assert float(np.abs(found.astype(int) - wanted.astype(int)).mean()) <= within


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 10, 12, 14])
def test_grey_of_any_depth(tmp_path: Path, bits: int, white_is_zero: bool) -> None:
    levels = 2**bits - 1 - scaled(bits) if white_is_zero else scaled(bits)
    check(tmp_path, tiff(packed(levels, bits), t258=bits, t262=0 if white_is_zero else 1), GREY)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [16, 32])
def test_grey_of_whole_bytes_in_both_orders(tmp_path: Path, bits: int, white_is_zero: bool, order: str) -> None:
    levels = 2**bits - 1 - scaled(bits) if white_is_zero else scaled(bits)
    content = levels.astype(f"{order}u{bits // 8}").tobytes()
    check(tmp_path, tiff(content, order=order, t258=bits, t262=0 if white_is_zero else 1), GREY)


@pytest.mark.parametrize(
    ("kind", "bits", "sample_format", "top"),
    [("f4", 32, 3, 1.0), ("f4", 32, 3, 255.0), ("f8", 64, 3, 1.0), ("i1", 8, 2, 127), ("i2", 16, 2, 32767)],
)
def test_grey_with_a_sign_or_a_point(tmp_path: Path, kind: str, bits: int, sample_format: int, top: float) -> None:
    content = (GREY / 255 * top).astype("<" + kind).tobytes()
    check(tmp_path, tiff(content, t258=bits, t262=1, t339=sample_format), GREY)


def test_a_few_spoilt_pixels_do_not_tell_how_bright_paper_is(tmp_path: Path) -> None:
    levels = scaled(12).astype("<u2")
    levels[0, :3] = 65535
    found = shown(tmp_path, tiff(levels.tobytes(), t258=16, t262=1))
    assert float(np.abs(found[2:, :, 0].astype(int) - GREY[2:]).mean()) <= 1.5


@pytest.mark.parametrize("top", [0.4, 100.0, 3000.0])
def test_points_are_on_any_scale(tmp_path: Path, top: float) -> None:
    check(tmp_path, tiff((GREY / 255 * top).astype("<f4").tobytes(), t258=32, t262=1, t339=3), GREY)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("most", [255, 65535], ids=["bytes", "words"])
def test_a_palette_of_words_or_of_bytes(tmp_path: Path, bits: int, most: int) -> None:
    ramp = tuple(int(level) for level in np.linspace(0, most, 2**bits))
    check(tmp_path, tiff(packed(scaled(bits), bits), t258=bits, t262=3, t320=ramp * 3), GREY)


WIDE = (COLOUR.astype(np.uint16) * 257).astype("<u2")
CMY = 255 - COLOUR
BLACK = CMY.min(axis=2)
CMYK = np.dstack([CMY - BLACK[..., None], BLACK]).astype(np.uint8)
CLEAR = np.where(GREY == 255, 0, 255).astype(np.uint8)
CLEAR[60:100, 40:120] = 255
NONE = np.zeros_like(GREY)
YCBCR = np.asarray(Image.fromarray(COLOUR).convert("YCbCr"))
QUARTERS = np.stack(
    [*(YCBCR[row::2, column::2, 0] for row in (0, 1) for column in (0, 1)), YCBCR[::2, ::2, 1], YCBCR[::2, ::2, 2]], -1
)


def without_adobe(content: bytes) -> bytes:
    start = content.index(b"Adobe") - 4
    return content[:start] + content[start + 2 + int.from_bytes(content[start + 2 : start + 4], "big") :]


RGB = {"t258": (8, 8, 8), "t262": 2, "t277": 3}
FOUR = {"t258": (8, 8, 8, 8), "t277": 4}
COLOURED: dict[str, bytes] = {
    "planes": tiff(*(COLOUR[..., place].tobytes() for place in range(3)), **RGB, t284=2),
    "16 bits": tiff(WIDE.tobytes(), t258=(16, 16, 16), t262=2, t277=3),
    "planes of 16 bits": tiff(
        *(WIDE[..., place].tobytes() for place in range(3)), t258=(16,) * 3, t262=2, t277=3, t284=2
    ),
    "with a point": tiff((COLOUR / 255).astype("<f4").tobytes(), t258=(32,) * 3, t262=2, t277=3, t339=(3, 3, 3)),
    "CMYK": tiff(CMYK.tobytes(), t262=5, **FOUR),
    "planes of CMYK": tiff(*(CMYK[..., place].tobytes() for place in range(4)), t262=5, t284=2, **FOUR),
    "Lab": tiff(
        (cv2.cvtColor(COLOUR, cv2.COLOR_RGB2LAB).astype(np.uint8) ^ np.uint8([0, 128, 128])).tobytes(),
        **{**RGB, "t262": 8},
    ),
    "YCbCr": tiff(YCBCR.tobytes(), **{**RGB, "t262": 6}, t530=(1, 1)),
    "YCbCr of quarters": tiff(QUARTERS.tobytes(), **{**RGB, "t262": 6}, t530=(2, 2)),
    "what shows through": tiff(np.dstack([COLOUR, CLEAR]).tobytes(), t262=2, t338=2, **FOUR),
    "the same, multiplied": tiff(
        np.dstack([(COLOUR * (CLEAR[..., None] / 255)).astype(np.uint8), CLEAR]).tobytes(), t262=2, t338=1, **FOUR
    ),
    "a sample for nothing": tiff(np.dstack([COLOUR, NONE]).tobytes(), t262=2, t338=0, **FOUR),
    "a sample nobody explains": tiff(np.dstack([COLOUR, NONE]).tobytes(), t262=2, **FOUR),
    "alpha that hides all": saved(Image.fromarray(np.dstack([COLOUR, NONE])), "PNG"),
    "JPEG of CMYK by nobody known": without_adobe(saved(Image.fromarray(255 - CMYK, "CMYK"), "JPEG", quality=97)),
    "JPEG of CMYK": saved(Image.fromarray(CMYK, "CMYK"), "JPEG", quality=97),
}  # fmt: skip


@pytest.mark.parametrize("content", COLOURED.values(), ids=list(COLOURED))
def test_colour_of_any_kind(tmp_path: Path, content: bytes) -> None:
    check(tmp_path, content, COLOUR, within=6)


def png(kind: int, bits: int, rows: Levels | bytes, *more: tuple[bytes, bytes]) -> bytes:
    raw = rows if isinstance(rows, bytes) else rows.tobytes()
    size = len(raw) // HEIGHT
    lines = b"".join(b"\0" + raw[start : start + size] for start in range(0, len(raw), size))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, kind, 0, 0, 0)
    chunks = [(b"IHDR", head), *more, (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_level_of_a_png_that_stands_for_nothing_is_white(tmp_path: Path, bits: int) -> None:
    rows = packed(scaled(bits), bits)
    check(tmp_path, png(0, bits, rows, (b"tRNS", struct.pack(">H", 2**bits - 1))), GREY)
    check(tmp_path, png(0, bits, rows, (b"tRNS", struct.pack(">H", 0))), np.full_like(GREY, 255))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_png_through_which_paper_shows(tmp_path: Path, bits: int) -> None:
    kind = np.uint8 if bits == 8 else np.dtype(">u2")
    factor = 1 if bits == 8 else 257
    check(tmp_path, png(4, bits, (np.dstack([NONE, INK]).astype(kind) * factor).astype(kind)), GREY)
    check(tmp_path, png(6, bits, (np.dstack([NONE] * 3 + [INK]).astype(kind) * factor).astype(kind)), GREY)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_white_ink_on_nothing_is_seen(tmp_path: Path, kind: str) -> None:
    white = np.dstack([NONE + 255] * 3 + [INK])
    found = shown(tmp_path, saved(Image.fromarray(white), kind, lossless=True))[..., 0]
    differs = np.abs(found.astype(int) - int(np.median(found))) > 100
    assert float((differs == (GREY < 128)).mean()) > 0.97


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["bytes", "16 bits", "fax", "PNG", "JPEG", "WEBP"])
def test_a_page_stored_in_any_orientation(tmp_path: Path, kind: str, orientation: int) -> None:
    stored = np.ascontiguousarray(
        {
            1: GREY, 2: GREY[:, ::-1], 3: GREY[::-1, ::-1], 4: GREY[::-1], 5: GREY.T,
            6: np.rot90(GREY), 7: GREY[::-1, ::-1].T, 8: np.rot90(GREY, -1),
        }[orientation]
    )  # fmt: skip
    size = {"t256": stored.shape[1], "t257": stored.shape[0], "t278": stored.shape[0]}
    if kind == "bytes":
        content = tiff(stored.tobytes(), t258=8, t262=1, t274=orientation, **size)
    elif kind == "16 bits":
        content = tiff((stored.astype("<u2") * 257).tobytes(), t258=16, t262=1, t274=orientation, **size)
    elif kind == "fax":
        image = Image.fromarray(stored).convert("1")
        content = saved(image, "TIFF", compression="group4", tiffinfo={274: orientation})
    else:
        exif = Image.Exif()
        exif[274] = orientation
        content = saved(Image.fromarray(stored), kind, exif=exif, quality=98)
    check(tmp_path, content, GREY, within=6)


UNREAD = {
    "halves": tiff((GREY / 255).astype("<f2").tobytes(), t258=16, t262=1, t339=3),
    "colour of 4 bits": tiff(packed(COLOUR // 17, 4), t258=(4, 4, 4), t262=2, t277=3),
    "CMYK that shows through": tiff(np.dstack([CMYK, CLEAR]).tobytes(), t258=(8,) * 5, t262=5, t277=5, t338=2),
    "grey multiplied": tiff(np.dstack([GREY // 255 * 0, CLEAR]).tobytes(), t258=(8, 8), t262=1, t277=2, t338=1),
}


@pytest.mark.parametrize("content", UNREAD.values(), ids=list(UNREAD))
def test_what_is_not_read_says_what_it_is_and_what_to_do(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DocbeamError, match="8 bits a sample") as refused:
        read(tmp_path, content)
    assert refused.value.code in (ErrorCode.PAGE_UNREADABLE, ErrorCode.DOCUMENT_CORRUPT)


@pytest.mark.parametrize("bits", [8, 12, 32])
def test_a_tiff_cut_off_is_shown_in_no_part(tmp_path: Path, bits: int) -> None:
    content = packed(scaled(bits), bits) if bits < 32 else scaled(bits).astype("<u4").tobytes()
    whole = tiff(content, t258=bits, t262=1)
    for share in (0.3, 0.9):
        # The directory comes first, so that only levels are missing.
        cut = int(len(content) * share)
        moved = bytearray(whole)
        place = moved.index(struct.pack("<HHII", 273, 4, 1, 8))
        struct.pack_into("<I", moved, place + 8, len(whole))
        with pytest.raises(DocbeamError) as refused:
            read(tmp_path, bytes(moved) + content[:cut])
        assert refused.value.code is ErrorCode.PAGE_UNREADABLE


def test_a_bitmap_of_windows_with_an_unused_byte(tmp_path: Path) -> None:
    rows = np.dstack([COLOUR[::-1, :, ::-1], NONE]).tobytes()
    head = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 32, 0, len(rows), 2835, 2835, 0, 0)
    file = b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + head + rows
    check(tmp_path, file, COLOUR)


@pytest.mark.parametrize("reversed_bits", [False, True])
@pytest.mark.parametrize(("coded", "coding"), [(G4, 4), (G3, 3)], ids=["group 4", "group 3"])
def test_a_fax_that_was_cut_off_is_shown_in_no_part(
    tmp_path: Path, coded: bytes, coding: int, reversed_bits: bool
) -> None:
    def of(data: bytes) -> bytes:
        stored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in data) if reversed_bits else data
        sides = {"t256": SIDE, "t257": SIDE, "t278": SIDE}
        return tiff(stored, t258=1, t259=coding, t262=1, t266=2 if reversed_bits else 1, **sides)

    check(tmp_path, of(coded), np.asarray(scan()))
    for share in (0.2, 0.6, 0.9):
        with pytest.raises(DocbeamError, match="last row") as refused:
            read(tmp_path, of(coded[: int(share * len(coded))]))
        assert refused.value.code is ErrorCode.PAGE_UNREADABLE


IN_PDF = {
    "2 bits": (2, b"/DeviceGray", packed(scaled(2), 2), b""),
    "4 bits": (4, b"/DeviceGray", packed(scaled(4), 4), b""),
    "16 bits": (16, b"/DeviceGray", scaled(16).astype(">u2").tobytes(), b""),
    "16 bits of colour": (16, b"/DeviceRGB", (WIDE.astype(">u2")).tobytes(), b""),
    "indices of 4 bits": (
        4, b"[/Indexed /DeviceGray 15 <00112233445566778899AABBCCDDEEFF>]", packed(scaled(4), 4), b""
    ),
    "CMYK": (8, b"/DeviceCMYK", CMYK.tobytes(), b""),
    "Lab": (
        8, b"[/Lab <</WhitePoint [0.95 1 1.09] /Range [-128 127 -128 127]>>]",
        np.dstack([GREY, NONE + 128, NONE + 128]).tobytes(), b"",
    ),
    "one ink": (
        8, b"[/Separation /Black /DeviceCMYK <</FunctionType 2 /Domain [0 1] /C0 [0 0 0 0] /C1 [0 0 0 1] /N 1>>]",
        INK.tobytes(), b"",
    ),
    "two inks": (8, b"[/DeviceN [/Black /Gold] /DeviceCMYK 6 0 R]", np.dstack([INK, NONE]).tobytes(), b""),
    "a key": (8, b"/DeviceGray", GREY.tobytes(), b"/Mask [250 255]"),
}  # fmt: skip


@pytest.mark.parametrize(("bits", "space", "data", "more"), IN_PDF.values(), ids=list(IN_PDF))
def test_pictures_of_any_kind_in_a_pdf_are_whole_and_cut_ones_are_not(
    tmp_path: Path, bits: int, space: bytes, data: bytes, more: bytes
) -> None:
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent %d /ColorSpace %s %s"
    ink = stream(b"{pop 0 exch 0 exch 0 exch}", b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1 0 1]")

    def of(coded: bytes) -> bytes:
        entries = head % (WIDTH, HEIGHT, bits, space, more) + b" /Filter /FlateDecode"
        return pdf(
            [
                b"<</Type /Catalog /Pages 2 0 R>>",
                b"<</Type /Pages /Kids [4 0 R] /Count 1>>",
                stream(b"q %d 0 0 %d 0 0 cm /P Do Q" % (WIDTH, HEIGHT)),
                b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 3 0 R "
                b"/Resources <</XObject <</P 5 0 R>>>>>>" % (WIDTH, HEIGHT),
                stream(coded, entries),
                ink,
            ]
        )

    coded = zlib.compress(data)
    found = shown(tmp_path, of(coded))
    truth = COLOUR if len(data) in (COLOUR.size * 2, CMYK.size) else np.dstack([GREY] * 3)
    assert float(np.abs(found.astype(int) - truth.astype(int)).mean()) <= 12
    for cut in (coded[: len(coded) // 2], zlib.compress(data[: len(data) // 2])):
        with pytest.raises(DocbeamError) as refused:
            read(tmp_path, of(cut))
        assert refused.value.code is ErrorCode.PAGE_UNREADABLE
