"""Scans inside PDFs, of every filter and build, that are not all there: never drawn as if the rest were blank paper."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from schemas.errors import ErrorCode
from tests.documents.pdf_samples import pdf, stream
from tests.documents.test_odd_files import SIDE, scan
from tests.documents.test_rasterise import read, refusal, saved

GREY = scan().tobytes()
BITS = np.packbits(np.asarray(scan()) > 127, axis=1).tobytes()
ROW = (SIDE + 7) // 8
SHARES = (0.2, 0.5, 0.9)


def fax(compression: str) -> bytes:
    """The scan as a fax codes it; with the mark behind its last row."""
    content = saved(
        scan().convert("1", dither=Image.Dither.NONE), "TIFF", compression=compression, tiffinfo={278: SIDE}
    )
    with Image.open(io.BytesIO(content)) as image:
        (start,), (length,) = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
        return content[start : start + length]


G4, G3 = fax("group4"), fax("group3")


def lzw(data: bytes) -> bytes:
    """Every byte for itself, with a clear code before codes get longer."""
    codes = [code for start in range(0, len(data), 250) for code in (256, *data[start : start + 250])] + [257]
    bits = "".join(f"{code:09b}" for code in codes)
    return int(bits.ljust((len(bits) + 7) // 8 * 8, "0"), 2).to_bytes((len(bits) + 7) // 8, "big")


def run_length(data: bytes) -> bytes:
    return b"".join(bytes([len(part) - 1]) + part for part in chunks(data, 128)) + b"\x80"


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def jbig2() -> bytes:
    """A page and one region in the coding of faxes."""
    page = struct.pack(">IIII", SIDE, SIDE, 0, 0) + b"\0\0\0"
    region = struct.pack(">IIII", SIDE, SIDE, 0, 0) + b"\0" + b"\x01" + G4
    return b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data
        for number, (kind, data) in enumerate([(48, page), (38, region)])
    )


FLATE = zlib.compress(GREY)
PNG_ROWS = zlib.compress(b"".join(b"\0" + row for row in chunks(GREY, SIDE)))
TIFF_ROWS = zlib.compress(np.diff(np.asarray(scan()), axis=1, prepend=np.uint8(0)).tobytes())
JPEG = saved(scan(), "JPEG", quality=95)
JPX = saved(scan(), "JPEG2000")
GREY_8, BIT = b"/BitsPerComponent 8 /ColorSpace /DeviceGray", b"/BitsPerComponent 1 /ColorSpace /DeviceGray"
FAX = b"/BitsPerComponent 1 /ColorSpace /DeviceGray /DecodeParms <</K %d /Columns 300 /Rows 300>>"

CODED: dict[str, tuple[bytes, bytes, Callable[[bytes], bytes]]] = {
    "raw": (GREY_8, GREY, lambda data: data),
    "Flate": (GREY_8 + b"/Filter /FlateDecode", FLATE, lambda data: data),
    "Flate, PNG rows": (
        GREY_8 + b"/Filter /FlateDecode /DecodeParms <</Predictor 15 /Columns 300>>", PNG_ROWS, lambda data: data
    ),
    "Flate, TIFF rows": (
        GREY_8 + b"/Filter /FlateDecode /DecodeParms <</Predictor 2 /Columns 300>>", TIFF_ROWS, lambda data: data
    ),
    "LZW": (GREY_8 + b"/Filter /LZWDecode", lzw(GREY), lambda data: data),
    "run length": (GREY_8 + b"/Filter /RunLengthDecode", run_length(GREY), lambda data: data),
    "ASCII85 of Flate": (
        GREY_8 + b"/Filter [/ASCII85Decode /FlateDecode]", FLATE, lambda data: base64.a85encode(data) + b"~>"
    ),
    "ASCII hex of JPEG": (
        GREY_8 + b"/Filter [/ASCIIHexDecode /DCTDecode]", JPEG, lambda data: data.hex().encode() + b">"
    ),
    "Flate of JPEG": (GREY_8 + b"/Filter [/FlateDecode /DCTDecode]", JPEG, zlib.compress),
    "JPEG": (GREY_8 + b"/Filter /DCTDecode", JPEG, lambda data: data),
    "JPEG 2000": (GREY_8 + b"/Filter /JPXDecode", JPX, lambda data: data),
    "fax, group 4": (FAX % -1 + b"/Filter /CCITTFaxDecode", G4, lambda data: data),
    "fax, group 3": (FAX % 0 + b"/Filter /CCITTFaxDecode", G3, lambda data: data),
    "Flate of fax": (
        b"/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter [/FlateDecode /CCITTFaxDecode] "
        b"/DecodeParms [null <</K -1 /Columns 300>>]", G4, zlib.compress,
    ),
    "JBIG2": (BIT + b"/Filter /JBIG2Decode", jbig2(), lambda data: data),
    "bits": (BIT + b"/Filter /FlateDecode", zlib.compress(BITS), lambda data: data),
}  # fmt: skip
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources <</XObject <</P 5 0 R>>>>"


def page(entries: bytes, data: bytes, *more: bytes, content: bytes = b"q 108 0 0 108 0 0 cm /P Do Q") -> bytes:
    """A page of one picture of 300 x 300 pixels, and objects from the sixth on."""
    picture = b"/Type /XObject /Subtype /Image /Width 300 /Height 300 "
    names = b"/P 5 0 R " + b" ".join(b"/X%d %d 0 R" % (number, number) for number in range(6, 6 + len(more)))
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [4 0 R] /Count 1>>",
            stream(content),
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 108 108] /Contents 3 0 R "
            b"/Resources <</XObject <<%s>>>>>>" % names,
            stream(data, picture + entries),
            *more,
        ]
    )  # fmt: skip


def ink(path: Path, content: bytes) -> float:
    return float((read(path, content).pixels < 128).mean())


WHOLE = float((np.asarray(scan()) < 128).mean())


@pytest.mark.parametrize(("entries", "data", "wrap"), CODED.values(), ids=list(CODED))
def test_a_picture_that_is_cut_off_is_no_page_and_a_whole_one_is(
    tmp_path: Path, entries: bytes, data: bytes, wrap: Callable[[bytes], bytes]
) -> None:
    assert ink(tmp_path, page(entries, wrap(data))) == pytest.approx(WHOLE, abs=0.02)
    for share in SHARES:
        cut = data[: int(len(data) * share)]
        assert refusal(tmp_path, page(entries, wrap(cut))) is ErrorCode.PAGE_UNREADABLE
    if wrap(data) != data:
        assert refusal(tmp_path, page(entries, wrap(data)[: len(wrap(data)) // 2])) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("bits", [8, 24, 25, 26, 27, 28, 29, 30, 31, 32])
def test_a_fax_may_lack_the_mark_behind_its_last_row(tmp_path: Path, bits: int) -> None:
    """Which may begin at any bit; and a blank strip above it does not hide that rows are missing."""
    number = int.from_bytes(G4, "big") >> bits << bits
    coded = number.to_bytes(len(G4), "big")
    assert ink(tmp_path, page(FAX % -1 + b"/Filter /CCITTFaxDecode", coded)) == pytest.approx(WHOLE, abs=0.02)
    for end in range(len(G4) // 2, len(G4) * 3 // 4, 37):
        assert refusal(tmp_path, page(FAX % -1 + b"/Filter /CCITTFaxDecode", G4[:end])) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("rows", [15, 50, 100])
def test_a_page_in_strips_lacks_none(tmp_path: Path, rows: int) -> None:
    head = b"/Type /XObject /Subtype /Image /Width 300 /Height %d /Filter /FlateDecode %s" % (rows, GREY_8)
    coded = [zlib.compress(part) for part in chunks(GREY, rows * SIDE)]
    high = 108 * rows // SIDE if rows >= 50 else 5.4
    places = b" ".join(
        b"q 108 0 0 %.1f 0 %.1f cm /X%d Do Q" % (high, 108 - high * (place + 1), place + 6)
        for place in range(len(coded))
    )

    def of(strips: list[bytes]) -> bytes:
        return page(GREY_8, GREY, *(stream(each, head) if each else b"null" for each in strips), content=places)

    assert ink(tmp_path, of(coded)) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, of([*coded[:2], coded[2][: len(coded[2]) // 2], *coded[3:]])) is ErrorCode.PAGE_UNREADABLE
    assert refusal(tmp_path, of([*coded[:-1], b""])) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("name", ["Flate", "JPEG", "fax, group 4", "JBIG2"])
def test_a_picture_in_a_form_is_looked_at_too(tmp_path: Path, name: str) -> None:
    entries, data, _ = CODED[name]
    content = b"q 108 0 0 108 0 0 cm /X6 Do Q"
    form = stream(b"/P Do", FORM)
    assert ink(tmp_path, page(entries, data, form, content=content)) == pytest.approx(WHOLE, abs=0.02)
    cut = page(entries, data[: len(data) // 2], form, content=content)
    assert refusal(tmp_path, cut) is ErrorCode.PAGE_UNREADABLE
    missing = page(entries, data, stream(b"/Q Do", FORM.replace(b"/P 5", b"/Q 99")), content=content)
    assert refusal(tmp_path, missing) is ErrorCode.PAGE_UNREADABLE


def test_what_says_what_is_shown_is_not_cut_either(tmp_path: Path) -> None:
    words = b"% " + bytes(np.random.default_rng(1).integers(65, 90, 4000, np.uint8)) + b"\n"
    drawn = b"q 108 0 0 108 0 0 cm /P Do Q " + words
    for coded, whole in ((zlib.compress(drawn), True), (zlib.compress(words + drawn)[:2000], False)):
        content = page(GREY_8, GREY).replace(
            stream(b"q 108 0 0 108 0 0 cm /P Do Q"), stream(coded, b"/Filter /FlateDecode")
        )
        if whole:
            assert ink(tmp_path, content) == pytest.approx(WHOLE, abs=0.02)
        else:
            assert refusal(tmp_path, content) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("key", [b"/SMask", b"/Mask"])
def test_a_mask_that_is_cut_off_hides_what_it_should_show(tmp_path: Path, key: bytes) -> None:
    shown = zlib.compress(b"\xff" * SIDE * SIDE if key == b"/SMask" else bytes(ROW * SIDE))
    kind = GREY_8 if key == b"/SMask" else b"/ImageMask true /BitsPerComponent 1"
    head = b"/Type /XObject /Subtype /Image /Width 300 /Height 300 /Filter /FlateDecode " + kind
    entries = GREY_8 + key + b" 6 0 R"
    assert ink(tmp_path, page(entries, GREY, stream(shown, head))) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, page(entries, GREY, stream(shown[: len(shown) // 2], head))) is ErrorCode.PAGE_UNREADABLE
    assert refusal(tmp_path, page(entries, GREY, b"null")) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("name", ["Flate", "fax, group 4"])
def test_a_stencil_that_is_cut_off_is_no_page(tmp_path: Path, name: str) -> None:
    entries, data, _ = CODED[name]
    data = data if "fax" in name else zlib.compress(BITS)
    entries = entries.replace(b"/ColorSpace /DeviceGray", b"/ImageMask true").replace(b"Component 8", b"Component 1")
    assert ink(tmp_path, page(entries, data)) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, page(entries, data[: len(data) // 2])) is ErrorCode.PAGE_UNREADABLE


def test_a_picture_in_the_content_itself_is_not_cut_off(tmp_path: Path) -> None:
    def inline(data: bytes) -> bytes:
        head = b"q 108 0 0 108 0 0 cm BI /W 300 /H 300 /BPC 1 /CS /G /F [/AHx /Fl] ID "
        return page(GREY_8, GREY, content=head + data.hex().encode() + b"> EI Q")

    coded = zlib.compress(BITS)
    assert ink(tmp_path, inline(coded)) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, inline(coded[: len(coded) // 2])) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("name", ["Flate", "JPEG", "fax, group 4", "JBIG2"])
def test_a_file_that_ends_too_early_shows_no_page(tmp_path: Path, name: str) -> None:
    entries, data, _ = CODED[name]
    # As in files for the web, whose catalogue is told at the beginning.
    content = page(entries, data).replace(b"%PDF-1.7\n", b"%PDF-1.7\ntrailer <</Root 1 0 R>>\n", 1)
    assert ink(tmp_path, content) == pytest.approx(WHOLE, abs=0.02)
    start = content.index(data)
    for end in (start - 10, *(start + int(share * len(data)) for share in SHARES)):
        assert refusal(tmp_path, content[:end]) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
@pytest.mark.parametrize("name", ["JPEG", "fax, group 4", "JBIG2"])
def test_a_scan_that_anybody_may_open_and_nobody_change_is_looked_at_too(
    tmp_path: Path, name: str, algorithm: str
) -> None:
    entries, data, _ = CODED[name]

    def locked(content: bytes) -> bytes:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
        writer.encrypt("", "owner", algorithm=algorithm)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    assert ink(tmp_path, locked(page(entries, data))) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, locked(page(entries, data[: len(data) // 2]))) is ErrorCode.PAGE_UNREADABLE


def test_a_form_that_shows_nothing_is_whole(tmp_path: Path) -> None:
    content = page(
        GREY_8, GREY, stream(b"", FORM + b"/Filter /FlateDecode"), content=b"q 108 0 0 108 0 0 cm /P Do /X6 Do Q"
    )
    assert ink(tmp_path, content) == pytest.approx(WHOLE, abs=0.02)


def test_resources_that_lead_nowhere_are_missing(tmp_path: Path) -> None:
    content = page(GREY_8, GREY).replace(b"/XObject <</P 5 0 R >>", b"/XObject 99 0 R")
    assert b"99 0 R" in content
    assert refusal(tmp_path, content) is ErrorCode.PAGE_UNREADABLE


def test_what_is_not_shown_may_be_missing(tmp_path: Path) -> None:
    content = page(GREY_8, GREY, b"null").replace(b"/XObject <<", b"/XObject <</Unused 99 0 R ")
    assert ink(tmp_path, content) == pytest.approx(WHOLE, abs=0.02)


def test_what_cannot_be_read_is_not_quoted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = page(*CODED["JBIG2"][:2]).replace(b"%PDF-1.7\n", b"%PDF-1.7\ntrailer <</Root 1 0 R>>\n", 1)
    assert refusal(tmp_path, content[: content.index(b"/JBIG2Decode") + 5]) is ErrorCode.PAGE_UNREADABLE
    assert not [record for record in caplog.records if record.name.startswith("pypdf.")]


def test_a_jpeg_with_a_hole_in_it_is_shown_in_no_part(tmp_path: Path) -> None:
    """A block of data that was lost on the way; the marker at the end is there."""
    data = JPEG
    for place in (0.5, 0.7, 0.9):
        start = int(place * len(data))
        holed = data[:start] + data[start + len(data) // 20 :]
        assert refusal(tmp_path, holed) is ErrorCode.PAGE_UNREADABLE
        assert refusal(tmp_path, page(GREY_8 + b"/Filter /DCTDecode", holed)) is ErrorCode.PAGE_UNREADABLE
