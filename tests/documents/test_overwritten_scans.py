"""Scans whose data are all there in number and wrong in the middle, and those that only notes and patterns show."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import numpy as np
import pytest

from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import stream
from tests.documents.test_damaged_scans import CODED, FAX, FLATE, G3, G4, GREY_8, WHOLE, ink, page
from tests.documents.test_odd_files import SIDE, scan
from tests.documents.test_pixel_formats import tiff
from tests.documents.test_rasterise import refusal, saved

DCT = GREY_8 + b"/Filter /DCTDecode"
DEFLATED = GREY_8 + b"/Filter /FlateDecode"
FAXED = FAX % -1 + b"/Filter /CCITTFaxDecode"
JPEG = saved(scan(), "JPEG", quality=85)


def overwritten(data: bytes, share: float, count: int, seed: int = 3) -> bytes:
    start = int(share * len(data))
    noise = np.random.default_rng(seed).integers(0, 255, count, np.uint8).tobytes()
    return data[:start] + noise + data[start + count :]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_jpeg_that_was_overwritten_in_the_middle_is_shown_in_no_part(tmp_path: Path, share: float) -> None:
    spoilt = overwritten(JPEG, share, 400)
    assert refusal(tmp_path, spoilt) is ErrorCode.PAGE_UNREADABLE
    assert refusal(tmp_path, page(DCT, spoilt)) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"subsampling": 0}, {"restart_marker_rows": 3}])
@pytest.mark.parametrize("quality", [40, 75, 97])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_whole_jpegs_of_every_make_are_shown(tmp_path: Path, mode: str, quality: int, options: dict[str, int]) -> None:
    coded = saved(scan().convert(mode), "JPEG", quality=quality, **options)
    for data in (coded, coded[:-2], coded[:-2] + bytes(900) + coded[-2:], coded + bytes(9000)):
        assert ink(tmp_path, data) == pytest.approx(WHOLE, abs=0.02)


def test_a_jpeg_that_lacks_an_interval_between_restart_markers_is_shown_in_no_part(tmp_path: Path) -> None:
    data = saved(scan(), "JPEG", quality=85, restart_marker_rows=3)
    places = [place for place in range(300, len(data)) if data[place] == 0xFF and 0xD0 <= data[place + 1] <= 0xD7]
    for lacking in (data[: places[3]] + data[places[4] :], data[: places[3] + 2] + data[places[3] + 400 :]):
        assert refusal(tmp_path, lacking) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_progressive_jpeg_that_lacks_some_of_a_scan_is_shown_in_no_part(tmp_path: Path, share: float) -> None:
    whole = saved(scan(), "JPEG", quality=85, progressive=True)
    start = int(share * len(whole))
    for spoilt in (whole[:start] + whole[start + 300 :], whole[:start] + b"\xff\xd9"):
        assert refusal(tmp_path, spoilt) is ErrorCode.PAGE_UNREADABLE
        assert refusal(tmp_path, page(DCT, spoilt)) is ErrorCode.PAGE_UNREADABLE
    for data in (whole, whole[:-2]):
        assert ink(tmp_path, page(DCT, data)) == pytest.approx(WHOLE, abs=0.02)


@pytest.mark.parametrize("compression", ["jpeg", "tiff_adobe_deflate", "tiff_lzw"])
def test_a_strip_of_a_tiff_that_was_overwritten_is_shown_in_no_part(tmp_path: Path, compression: str) -> None:
    whole = saved(scan(), "TIFF", compression=compression, tiffinfo={278: 96})
    assert ink(tmp_path, whole) == pytest.approx(WHOLE, abs=0.02)
    for share in (0.3, 0.5, 0.7):
        assert refusal(tmp_path, overwritten(whole, share, 200)) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("share", [0.25, 0.45, 0.65])
def test_a_fax_with_a_broken_code_is_shown_in_no_part(tmp_path: Path, share: float) -> None:
    sides = {"t256": SIDE, "t257": SIDE, "t278": SIDE, "t258": 1, "t259": 4, "t262": 1}
    for spoilt in (overwritten(G4, share, 30), G4[: int(share * len(G4))] + G4[int(share * len(G4)) + 60 :]):
        assert refusal(tmp_path, page(FAXED, spoilt)) is ErrorCode.PAGE_UNREADABLE
        assert refusal(tmp_path, tiff(spoilt, **sides)) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("filling", [b"", b"\0", bytes(300), b"\r\n"])
def test_a_fax_may_be_filled_up_behind_its_end(tmp_path: Path, filling: bytes) -> None:
    assert ink(tmp_path, page(FAXED, G4 + filling)) == pytest.approx(WHOLE, abs=0.02)


def test_a_fax_may_have_more_rows_than_are_shown_and_a_last_strip_that_is_filled_up(tmp_path: Path) -> None:
    content = page(FAXED, G4).replace(b"/Height 300", b"/Height 290").replace(b"/Rows 300", b"/Rows 290")
    assert ink(tmp_path, content) > 0
    sides = {"t256": SIDE, "t257": SIDE + 40, "t278": SIDE, "t258": 1, "t259": 4, "t262": 1}
    assert ink(tmp_path, tiff(G4, G4, **sides)) > 0


def test_deflated_rows_that_were_overwritten_are_no_page_and_a_missing_checksum_is_no_damage(tmp_path: Path) -> None:
    for share in (0.2, 0.5, 0.8):
        assert refusal(tmp_path, page(DEFLATED, overwritten(FLATE, share, 60))) is ErrorCode.PAGE_UNREADABLE
    assert refusal(tmp_path, page(DEFLATED, FLATE[:-1] + bytes([FLATE[-1] ^ 1]))) is ErrorCode.PAGE_UNREADABLE
    for data in (FLATE[:-4], FLATE[:-4] + bytes(4), FLATE + b"\r\n"):
        assert ink(tmp_path, page(DEFLATED, data)) == pytest.approx(WHOLE, abs=0.02)


def test_what_says_what_is_shown_may_be_wrapped_in_letters(tmp_path: Path) -> None:
    drawn = zlib.compress(b"q 108 0 0 108 0 0 cm /P Do Q " * 40 + bytes(range(97, 123)) * 9)
    plain = stream(b"q 108 0 0 108 0 0 cm /P Do Q")

    def of(coded: bytes) -> bytes:
        told = stream(base64.a85encode(coded) + b"~>", b"/Filter [/ASCII85Decode /FlateDecode]")
        return page(GREY_8, scan().tobytes()).replace(plain, told)

    assert refusal(tmp_path, of(drawn[: len(drawn) // 2])) is ErrorCode.PAGE_UNREADABLE


SHOWN = {
    "a stamp": (
        stream(
            b"q 108 0 0 108 0 0 cm /P Do Q",
            b"/Type /XObject /Subtype /Form /BBox [0 0 108 108] /Resources <</XObject <</P 5 0 R>>>>",
        ),
        b"<</Type /Annot /Subtype /Stamp /F 4 /Rect [0 0 108 108] /AP <</N 6 0 R>>>>",
        b"",
        (b"/Contents 3 0 R", b"/Contents 3 0 R /Annots [7 0 R]"),
    ),
    "a pattern": (
        stream(
            b"q 108 0 0 108 0 0 cm /P Do Q",
            b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 108 108] /XStep 108 /YStep 108 "
            b"/Resources <</XObject <</P 5 0 R>>>>",
        ),
        b"null",
        b"/Pattern cs /T scn 0 0 108 108 re f",
        (b"/XObject <<", b"/Pattern <</T 6 0 R>> /XObject <<"),
    ),
}


@pytest.mark.parametrize("entries", [DCT, DEFLATED, FAXED], ids=["JPEG", "Flate", "fax"])
@pytest.mark.parametrize("shown", SHOWN.values(), ids=list(SHOWN))
def test_a_scan_that_a_stamp_or_a_pattern_shows_is_looked_at_too(
    tmp_path: Path, shown: tuple[bytes, bytes, bytes, tuple[bytes, bytes]], entries: bytes
) -> None:
    *objects, content, (old, new) = shown
    data = {DCT: JPEG, DEFLATED: FLATE, FAXED: G4}[entries]

    def of(coded: bytes) -> bytes:
        return page(entries, coded, *objects, content=content).replace(old, new)

    assert ink(tmp_path, of(data)) == pytest.approx(WHOLE, abs=0.03)
    assert refusal(tmp_path, of(data[: len(data) // 2])) is ErrorCode.PAGE_UNREADABLE


def test_a_strip_of_a_few_rows_counts(tmp_path: Path) -> None:
    head = b"/Type /XObject /Subtype /Image /Width 300 /Height 5 /Filter /FlateDecode " + GREY_8
    rows = [zlib.compress(scan().tobytes()[start : start + 5 * SIDE]) for start in range(0, SIDE * SIDE, 5 * SIDE)]
    places = b" ".join(b"q 108 0 0 1.8 0 %.1f cm /X%d Do Q" % (108 - 1.8 * (n + 1), n + 6) for n in range(len(rows)))
    spoilt = [*rows[:20], rows[20][: len(rows[20]) // 2], *rows[21:]]
    for each, whole in ((rows, True), (spoilt, False)):
        content = page(GREY_8, scan().tobytes(), *(stream(row, head) for row in each), content=places)
        if whole:
            assert ink(tmp_path, content) == pytest.approx(WHOLE, abs=0.02)
        else:
            assert refusal(tmp_path, content) is ErrorCode.PAGE_UNREADABLE


def test_a_png_with_a_spoilt_remark_is_shown_and_one_with_a_spoilt_picture_is_not(tmp_path: Path) -> None:
    whole = saved(scan(), "PNG")
    remark = b"\0\0\0\4tEXtA\0bc\0\0\0\1"
    assert ink(tmp_path, whole[:33] + remark + whole[33:]) == pytest.approx(WHOLE, abs=0.02)
    assert ink(tmp_path, whole[:-12]) == pytest.approx(WHOLE, abs=0.02)
    start = len(whole) // 2
    for spoilt in (overwritten(whole, 0.5, 60), whole[:start] + whole[start + 200 :], whole[:start]):
        assert refusal(tmp_path, spoilt) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("options", [{"quality": 50}, {"quality": 85, "method": 0}])
def test_a_webp_picture_that_was_overwritten_is_shown_in_no_part(tmp_path: Path, options: dict[str, int]) -> None:
    """Its coding is arithmetic: every bit behind the place is another one."""
    for mode in ("L", "RGBA"):
        whole = saved(scan().convert(mode), "WEBP", **options)
        assert ink(tmp_path, whole) == pytest.approx(WHOLE, abs=0.02)
        for share in (0.3, 0.6, 0.8):
            for count in (1, 60):
                assert refusal(tmp_path, overwritten(whole, share, count)) is ErrorCode.PAGE_UNREADABLE


def test_a_jpeg_with_one_bit_changed_is_shown_as_it_was_or_in_no_part(tmp_path: Path) -> None:
    """Behind most a decoder falls into step again: what follows is displaced, or only of another tone."""
    whole = saved(scan(), "JPEG", quality=50)
    start = whole.index(b"\xff\xda") + 10
    refused = 0
    for number, place in enumerate(range(start + 200, len(whole) - 200, (len(whole) - start) // 40)):
        data = bytearray(whole)
        data[place] ^= 1 << number % 8
        try:
            shown = ink(tmp_path, bytes(data))
        except DocbeamError:
            refused += 1
        else:
            assert shown == pytest.approx(WHOLE, abs=0.02)
    assert refused >= 10


@pytest.mark.parametrize("share", [0.25, 0.45, 0.65])
def test_a_fax_in_the_older_coding_with_broken_rows_is_shown_in_no_part(tmp_path: Path, share: float) -> None:
    """The engine shows all behind one displaced; the TIFF library leaves out what is broken."""
    faxed = FAX % 0 + b"/Filter /CCITTFaxDecode"
    for count in (4, 300):
        assert refusal(tmp_path, page(faxed, overwritten(G3, share, count))) is ErrorCode.PAGE_UNREADABLE
    sides = {"t256": SIDE, "t257": SIDE, "t278": SIDE, "t258": 1, "t259": 3, "t262": 1}
    assert ink(tmp_path, page(faxed, G3)) == pytest.approx(WHOLE, abs=0.02)
    assert ink(tmp_path, tiff(G3, **sides)) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, tiff(overwritten(G3, share, 300), **sides)) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
def test_a_jbig2_picture_that_was_overwritten_is_shown_in_no_part(tmp_path: Path, share: float) -> None:
    entries, whole, _ = CODED["JBIG2"]
    assert ink(tmp_path, page(entries, whole)) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, page(entries, overwritten(whole, share, 30))) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "jpeg"])
def test_packed_rows_and_coloured_strips_that_were_overwritten_are_no_page(tmp_path: Path, compression: str) -> None:
    whole = saved(scan().convert("RGB"), "TIFF", compression=compression, tiffinfo={278: SIDE})
    assert ink(tmp_path, whole) == pytest.approx(WHOLE, abs=0.02)
    for share in (0.3, 0.5, 0.7):
        assert refusal(tmp_path, overwritten(whole, share, 100)) is ErrorCode.PAGE_UNREADABLE


def test_packed_pictures_in_pdfs_whose_codes_were_changed_are_no_page(tmp_path: Path) -> None:
    for name in ("LZW", "run length"):
        entries, data, _ = CODED[name]
        assert refusal(tmp_path, page(entries, overwritten(data, 0.5, 200))) is ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"108 0 0 108", b"108 0 \x8f\x11 108"),
        (b" cm /P", b" cmx/P"),
        (b"/P Do Q", b"/R Do Q"),
        (b"/Subtype /Image", b"/Subtype /Imgae"),
    ],
)
def test_what_says_what_is_shown_is_neither_overwritten_nor_names_what_is_not_there(
    tmp_path: Path, old: bytes, new: bytes
) -> None:
    drawn = b"q 108 0 0 108 0 0 cm /P Do Q % (as it says\nBT (\\(no\\) % (none)) Tj ET"
    content = page(GREY_8, scan().tobytes(), content=drawn)
    assert ink(tmp_path, content) == pytest.approx(WHOLE, abs=0.02)
    assert refusal(tmp_path, content.replace(old, new, 1)) is ErrorCode.PAGE_UNREADABLE


def test_a_page_whose_content_lost_its_beginning_is_not_blank(tmp_path: Path) -> None:
    content = page(GREY_8, scan().tobytes())
    assert refusal(tmp_path, content.replace(b"3 0 obj", b"3 0 \0\0\0", 1)) is ErrorCode.PAGE_UNREADABLE
