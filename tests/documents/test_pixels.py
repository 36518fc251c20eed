"""What becomes of pixels on their way to 8 bits, grey or colour, within the limits of what can be warped."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from config.settings import DocumentSettings
from documents.rasterise import rasterise
from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import pages_pdf, pdf, stream
from tests.documents.test_rasterise import corner_marked, dark_corner, read, saved


def levels(top: float, dtype: str = "float32") -> Image.Image:
    """A page whose left half is `top` and whose right half is none."""
    page = np.zeros((20, 40), dtype)
    page[:, :20] = top
    return Image.fromarray(page)


def test_one_pixel_of_colour_keeps_the_colour_of_a_page(tmp_path):
    page = Image.new("RGB", (60, 60), "white")
    page.putpixel((37, 23), (255, 0, 0))
    assert read(tmp_path, saved(page, "PNG")).pixels.ndim == 3


def test_channels_a_few_levels_apart_are_grey(tmp_path):
    """As JPEG leaves them, all over a page."""
    for other in (96, 104):
        assert read(tmp_path, saved(Image.new("RGB", (60, 60), (100, other, 100)), "PNG")).pixels.ndim == 2
    for colour in ((100, 105, 100), (105, 100, 100), (100, 100, 105)):
        assert read(tmp_path, saved(Image.new("RGB", (60, 60), colour), "PNG")).pixels.ndim == 3


@pytest.mark.parametrize("size", [(40_000, 20), (20, 40_000)])
def test_a_page_longer_than_can_be_warped_is_scaled_down(tmp_path, size):
    raster = read(tmp_path, saved(Image.new("1", size, 1), "PNG", dpi=(300, 300)))
    assert max(raster.pixels.shape) == 30_000
    assert min(raster.pixels.shape) == 15
    assert raster.dpi == pytest.approx(225, abs=0.1)


def test_a_long_pdf_page_is_scaled_down_too(tmp_path):
    raster = read(tmp_path, pages_pdf(1, (14_400, 20)), settings=DocumentSettings(dpi=200))
    assert 29_900 <= raster.pixels.shape[1] <= 30_000


@pytest.mark.parametrize("max_pixels", range(10_000, 10_060, 7))
def test_rounding_takes_no_page_above_the_budget(tmp_path, max_pixels):
    """Sides are whole pixels, which a PDF engine rounds up; `read` compares with the budget."""
    tight = DocumentSettings(max_pixels=max_pixels)
    for size in ((101, 67), (67, 101), (97, 97)):
        raster = read(tmp_path, pages_pdf(1, size), settings=tight)
        assert raster.pixels.size > 0.95 * max_pixels
    raster = read(tmp_path, saved(Image.new("L", (613, 791), 255), "PNG"), settings=tight)
    assert raster.pixels.size > 0.95 * max_pixels


def test_the_lowest_resolution_that_can_be_asked_for_is_drawn(tmp_path):
    assert read(tmp_path, pages_pdf(1, (144, 72)), settings=DocumentSettings(dpi=36)).pixels.shape == (36, 72)


def test_notes_and_stamps_on_a_pdf_page_are_drawn(tmp_path):
    """They are not part of the page's content, but of what its readers see."""
    content = pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Annots [4 0 R]>>",
            b"<</Type /Annot /Subtype /Stamp /F 4 /Rect [0 0 36 36] /AP <</N 5 0 R>>>>",
            stream(b"0 g 0 0 36 36 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 36 36] /Resources <<>>"),
        ]
    )
    pixels = read(tmp_path, content, settings=DocumentSettings(dpi=72)).pixels
    assert (pixels[60, 10], pixels[10, 60]) == (0, 255)


@pytest.mark.parametrize("top", [1.0, 255.0, 65_535.0, 1_000_000.0])
def test_the_highest_level_seen_tells_which_one_is_white(tmp_path, top):
    pixels = read(tmp_path, saved(levels(top), "TIFF")).pixels
    assert pixels[10, 5] >= 254
    assert pixels[10, 35] == 0
    half = np.asarray(levels(top)).copy()
    half[:, 30:] = top / 2
    assert read(tmp_path, saved(Image.fromarray(half), "TIFF")).pixels[10, 35] == 127


def test_whole_numbers_of_32_bits_are_levels_too(tmp_path):
    page = np.asarray(levels(65_535, "int32")).copy()
    page[:, 30:] = 128 * 257
    pixels = read(tmp_path, saved(Image.fromarray(page), "TIFF")).pixels
    assert (pixels[10, 5], pixels[10, 25], pixels[10, 35]) == (255, 0, 128)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_levels_of_16_bits_keep_their_eight_highest(tmp_path, kind):
    steps = np.tile(np.arange(256, dtype=np.uint16) * 257, (20, 1))
    pixels = read(tmp_path, saved(Image.fromarray(steps), kind)).pixels
    assert pixels[10].tolist() == list(range(256))


def test_levels_of_16_bits_are_averaged_where_a_page_is_scaled_down(tmp_path):
    checks = (np.indices((400, 400)).sum(axis=0) % 2 * 65_535).astype(np.uint16)
    pixels = read(tmp_path, saved(Image.fromarray(checks), "PNG"), settings=DocumentSettings(max_pixels=15_000)).pixels
    assert pixels.min() >= 90
    assert pixels.max() <= 165


def test_levels_that_are_no_numbers_are_black(tmp_path):
    page = np.full((20, 40), 255, "float32")
    page[0, :4] = (np.nan, np.inf, -np.inf, -7)
    pixels = read(tmp_path, saved(Image.fromarray(page), "TIFF")).pixels
    assert pixels[0, :4].tolist() == [0, 0, 0, 0]
    assert (pixels[1:] == 255).all()


def test_a_page_of_one_level_of_nothing_is_black(tmp_path):
    assert not read(tmp_path, saved(levels(0.0), "TIFF")).pixels.any()


@pytest.mark.parametrize(
    ("stated", "shape", "dpi"),
    [
        ((300, 299), (60, 90), 300),
        ((300, 150), (120, 90), 300),
        ((150, 300), (60, 180), 300),
        ((1200, 100), (60, 90), 1200),
        ((300, 9999), (60, 90), None),
        ((9999, 300), (60, 90), None),
        ((50, 50), (60, 90), 50),
        ((1200, 1200), (60, 90), 1200),
    ],
)
def test_pixels_are_stretched_to_squares_where_that_is_what_they_are(tmp_path, stated, shape, dpi):
    """Not for the rounding of metric units, and not for numbers that no scanner has."""
    raster = read(tmp_path, saved(corner_marked("L"), "TIFF", dpi=stated))
    assert raster.pixels.shape == shape
    assert raster.dpi == (None if dpi is None else pytest.approx(dpi))


@pytest.mark.parametrize("stated", [(300, 150), (150, 300)])
def test_a_page_that_is_stretched_stays_in_the_budget(tmp_path, stated):
    """`read` compares with it."""
    content = saved(corner_marked("L", (900, 600)), "TIFF", dpi=stated)
    raster = read(tmp_path, content, settings=DocumentSettings(max_pixels=20_000))
    assert raster.pixels.size > 19_000
    assert raster.pixels.shape[1] / raster.pixels.shape[0] == pytest.approx(1.5 * stated[1] / stated[0], rel=0.02)


def exif(kind: int, count: int, value: bytes) -> bytes:
    """Of an orientation written so (TIFF 6.0, types of fields)."""
    entry = struct.pack("<HHHI4sI", 1, 274, kind, count, value.ljust(4, b"\0"), 0)
    return b"Exif\0\0II*\0\x08\0\0\0" + entry


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "metadata",
    [
        b"Exif\0\0XXnot metadata",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        exif(3, 1, b"\x00"),
        exif(3, 1, b"\x09"),
        exif(2, 2, b"6"),
        exif(5, 1, b"\x06"),
        exif(11, 1, struct.pack("<f", 6.0)),
    ],
    ids=["none", "no place", "0", "9", "text", "a ratio", "a fraction"],
)
def test_an_orientation_that_is_none_turns_nothing(tmp_path, kind, metadata):
    pixels = read(tmp_path, saved(corner_marked(), kind, exif=metadata)).pixels
    assert pixels.shape[:2] == (60, 90)
    assert dark_corner(pixels) == "top left"


def test_there_is_no_page_before_the_first(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(saved(corner_marked(), "PNG"))
    with pytest.raises(DocbeamError) as caught:
        rasterise(path, "image/png", 0, DocumentSettings())
    assert (caught.value.code, caught.value.page) == (ErrorCode.PAGE_UNREADABLE, 0)
