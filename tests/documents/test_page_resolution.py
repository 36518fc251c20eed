"""A scan is drawn as finely as it was scanned, wherever on a page of whatever size a program has put it."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from tests.documents.pdf_samples import pdf, stream
from tests.documents.test_odd_files import scan
from tests.documents.test_rasterise import read

PIXELS = 900
SCAN = zlib.compress(scan().resize((PIXELS, PIXELS)).tobytes())
GREY = b"/BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode"
POINTS = 54
"""A stamp: at the usual 200 dpi it would have 150 pixels."""


def picture(data: bytes, width: int, height: int, entries: bytes = GREY) -> bytes:
    return stream(data, b"/Type /XObject /Subtype /Image /Width %d /Height %d %s" % (width, height, entries))


def form(content: bytes, side: float) -> bytes:
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 %g %g] /Resources <</XObject <</P 5 0 R>>>>" % (side, side)
    return stream(content, head)


def document(
    content: bytes, *objects: bytes, box: bytes = b"/MediaBox [0 0 54 54]", of_all: bytes = b"", more: bytes = b""
) -> bytes:
    """One page; objects from the fifth on are P, X6, X7 ... to it."""
    names = b"/P 5 0 R " + b" ".join(b"/X%d %d 0 R" % (number, number) for number in range(6, 5 + len(objects)))
    font = b"/Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>"
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [4 0 R] /Count 1 %s>>" % of_all,
            stream(content),
            b"<</Type /Page /Parent 2 0 R %s /Contents 3 0 R /Resources <<%s /XObject <<%s>>>> %s>>"
            % (box, font, names, more),
            *objects,
        ]
    )


ALL = picture(SCAN, PIXELS, PIXELS)
DRAWN = b"q 54 0 0 54 0 0 cm /P Do Q"
STRIPS = [
    picture(zlib.compress(scan().resize((PIXELS, PIXELS)).tobytes()[start : start + 90 * PIXELS]), PIXELS, 90)
    for start in range(0, PIXELS * PIXELS, 90 * PIXELS)
]
EXACT = {
    "in a form": document(b"/X6 Do", ALL, form(DRAWN, 54)),
    "in a form that is scaled": document(
        b"q .5 0 0 .5 0 0 cm /X6 Do Q", ALL, form(b"q 108 0 0 108 0 0 cm /P Do Q", 108)
    ),
    "in strips": document(
        b" ".join(b"q 54 0 0 5.4 0 %.1f cm /X%d Do Q" % (54 - 5.4 * (n + 1), n + 6) for n in range(10)), ALL, *STRIPS
    ),
    "of a size that all pages have": document(DRAWN, ALL, box=b"", of_all=b"/MediaBox [0 0 54 54]"),
    "of a cropping that all pages have": document(
        b"q 54 0 0 54 100 100 cm /P Do Q", ALL, box=b"/MediaBox [0 0 612 792]", of_all=b"/CropBox [100 100 154 154]"
    ),
    "cropped to more than there is": document(DRAWN, ALL, more=b"/CropBox [-9 -9 700 700]"),
    "beside the origin": document(b"q 54 0 0 54 -90 -70 cm /P Do Q", ALL, box=b"/MediaBox [-90 -70 -36 -16]"),
    "on white": document(b"1 g 0 0 54 54 re f " + DRAWN, ALL),
    "with text that was recognised": document(DRAWN + b" BT 3 Tr /F 2 Tf 5 5 Td (Request) Tj ET", ALL),
    "under a stamp": document(DRAWN + b" BT /F 2 Tf 5 5 Td (received) Tj ET", ALL),
}


@pytest.mark.parametrize("content", EXACT.values(), ids=list(EXACT))
def test_a_scan_is_drawn_at_its_own_resolution(tmp_path: Path, content: bytes) -> None:
    raster = read(tmp_path, content)
    assert raster.pixels.shape == (PIXELS, PIXELS)
    assert raster.dpi is None


def test_a_mask_over_a_coarse_ground_is_drawn_as_finely_as_the_mask(tmp_path: Path) -> None:
    ground = picture(zlib.compress(bytes([250]) * 80 * 80), 80, 80)
    bits = scan().resize((PIXELS, PIXELS)).convert("1").tobytes()
    mask = picture(zlib.compress(bits), PIXELS, PIXELS, b"/ImageMask true /BitsPerComponent 1 /Filter /FlateDecode")
    for high in (54, 40):
        content = document(b"q 54 0 0 54 0 0 cm /X6 Do Q q 54 0 0 %d 0 0 cm 0 g /P Do Q" % high, mask, ground)
        assert max(read(tmp_path, content).pixels.shape) >= PIXELS


def test_a_scan_within_margins_is_seen_as_finely(tmp_path: Path) -> None:
    raster = read(tmp_path, document(b"q 46 0 0 46 4 4 cm /P Do Q", ALL))
    assert raster.pixels.shape[0] == pytest.approx(PIXELS * 54 / 46, abs=2)


def test_a_photo_on_a_page_does_not_make_all_of_it_finer(tmp_path: Path) -> None:
    box = b"/MediaBox [0 0 612 792]"
    assert read(tmp_path, document(b"q 108 0 0 108 40 600 cm /P Do Q", ALL, box=box)).pixels.shape == (2200, 1700)
    # Nor does one of half of it cost more than can be seen.
    assert max(read(tmp_path, document(b"q 60 0 0 30 40 600 cm /P Do Q", ALL, box=box)).pixels.shape) <= 3600


@pytest.mark.parametrize("unit", [b"", b"/UserUnit 8"])
def test_small_print_on_a_small_page_can_be_read(tmp_path: Path, unit: bytes) -> None:
    lines = b" ".join(b"1 0 0 1 4 %d Tm (Request for a permit) Tj" % (44 - 4 * n) for n in range(8))
    raster = read(tmp_path, document(b"BT /F 2.5 Tf %s ET" % lines, ALL, more=unit))
    rows = (raster.pixels < 128).any(axis=1)
    letters = int(rows.sum()) / 8
    assert letters >= 14
    assert max(raster.pixels.shape) <= 1600


def test_a_small_page_of_ordinary_print_is_drawn_as_ever(tmp_path: Path) -> None:
    lines = b" ".join(b"1 0 0 1 20 %d Tm (Request for a permit) Tj" % (130 - 16 * n) for n in range(6))
    content = document(b"BT /F 14 Tf %s ET" % lines, ALL, box=b"/MediaBox [0 0 240 150]")
    assert read(tmp_path, content).pixels.shape == (417, 667)
