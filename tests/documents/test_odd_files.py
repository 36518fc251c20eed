"""Files as other programs write them: read as a viewer shows them, or refused for what is wrong with them."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject

from config.settings import DocumentSettings
from documents.inspect import inspect
from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import pages_pdf, pdf, stream
from tests.documents.test_rasterise import read, refusal, saved

SIDE = 300


def scan() -> Image.Image:
    """Paper with lines of something like print, none of which is at the edge."""
    pixels = np.full((SIDE, SIDE), 255, np.uint8)
    random = np.random.default_rng(5)
    for row in range(30, SIDE - 30, 24):
        pixels[row : row + 8, 30:-30] = np.where(random.random((8, SIDE - 60)) < 0.5, 0, 255)
    return Image.fromarray(pixels)


def levels(bits: int, *, white_is_zero: bool = False) -> bytes:
    """The scan as a TIFF of so many bits, in samples of 16."""
    most = 2**bits - 1
    values = np.asarray(scan(), np.float64) / 255 * most
    values = (most - values if white_is_zero else values).round().astype(np.uint16)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[262] = 0 if white_is_zero else 1
    return saved(Image.fromarray(values), "TIFF", tiffinfo=tags)


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_levels_of_any_depth_look_like_paper(tmp_path: Path, bits: int, white_is_zero: bool) -> None:
    raster = read(tmp_path, levels(bits, white_is_zero=white_is_zero))
    assert np.abs(raster.pixels.astype(int) - np.asarray(scan(), int)).max() <= 1


@pytest.mark.parametrize("tag", [{254: 1}, {255: 2}], ids=["today's tag", "the old one"])
def test_a_preview_in_a_tiff_is_no_page(tmp_path: Path, tag: dict[int, int]) -> None:
    page, preview = scan(), scan().resize((60, 60))
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for number, value in tag.items():
        tags[number] = value
    preview.encoderinfo = {"tiffinfo": tags}
    path = tmp_path / "scan.tiff"
    page.save(path, save_all=True, append_images=[preview])
    assert inspect(path, DocumentSettings()).page_count == 1


@pytest.mark.parametrize(("ratio", "shape"), [((2, 1), (600, 300)), ((1, 2), (300, 600)), ((1, 1), (300, 300))])
def test_pixels_whose_ratio_alone_is_told_become_squares(
    tmp_path: Path, ratio: tuple[int, int], shape: tuple[int, int]
) -> None:
    content = bytearray(saved(scan(), "JPEG", dpi=ratio))
    start = content.index(b"JFIF\0")
    content[start + 7] = 0
    raster = read(tmp_path, bytes(content))
    assert raster.pixels.shape == shape
    assert raster.dpi is None


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_a_jpeg_without_its_end_marker_is_whole_and_one_cut_off_is_not(
    tmp_path: Path, options: dict[str, bool]
) -> None:
    content = saved(scan(), "JPEG", quality=90, **options)
    assert content.endswith(b"\xff\xd9")
    whole = read(tmp_path, content).pixels
    assert np.array_equal(read(tmp_path, content[:-2]).pixels, whole)
    for share in (0.3, 0.6, 0.9):
        assert refusal(tmp_path, content[: int(len(content) * share)]) is ErrorCode.PAGE_UNREADABLE


def scan_pdf(data: bytes, encoding: str, points: tuple[int, int] = (108, 108), over: bytes = b"") -> bytes:
    """A page that is one picture of 300 x 300 pixels, with `over` drawn on it."""
    picture = b"/Type /XObject /Subtype /Image /Width 300 /Height 300 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    content = b"q %d 0 0 %d 0 0 cm /P Do Q %s" % (*points, over)
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [4 0 R] /Count 1>>",
            stream(content),
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 3 0 R "
            b"/Resources <</XObject <</P 5 0 R>>>>>>" % points,
            stream(data, picture + b" /Filter /" + encoding.encode()),
        ]
    )


JPEG = saved(scan(), "JPEG", quality=95)
FLATE = zlib.compress(scan().tobytes())


@pytest.mark.parametrize(("data", "encoding"), [(JPEG, "DCTDecode"), (FLATE, "FlateDecode")])
def test_a_damaged_scan_in_a_pdf_is_no_page(tmp_path: Path, data: bytes, encoding: str) -> None:
    assert read(tmp_path, scan_pdf(data, encoding)).pixels.min() == 0
    for share in (0.2, 0.5, 0.9):
        cut = data[: int(len(data) * share)]
        assert refusal(tmp_path, scan_pdf(cut, encoding)) is ErrorCode.PAGE_UNREADABLE


def test_a_scan_whose_head_is_lost_is_no_page_and_one_without_end_marker_is(tmp_path: Path) -> None:
    assert refusal(tmp_path, scan_pdf(b"\0" * 200 + JPEG[200:], "DCTDecode")) is ErrorCode.PAGE_UNREADABLE
    assert read(tmp_path, scan_pdf(JPEG[:-2], "DCTDecode")).pixels.min() < 10


@pytest.mark.parametrize(
    ("points", "shape", "dpi"),
    [
        ((108, 108), (300, 300), 200),
        ((54, 54), (300, 300), 400),
        ((216, 216), (300, 300), 100),
        ((432, 432), None, 200),
    ],
)
def test_a_page_that_is_one_picture_is_drawn_at_its_own_resolution(
    tmp_path: Path, points: tuple[int, int], shape: tuple[int, int] | None, dpi: float
) -> None:
    """Not where it is so coarse (50 dpi) that it can only be a background."""
    raster = read(tmp_path, scan_pdf(FLATE, "FlateDecode", points))
    assert raster.pixels.shape == (shape or (1200, 1200))
    assert raster.dpi == pytest.approx(dpi, rel=1e-4)


def test_what_is_drawn_over_a_coarse_picture_is_as_fine_as_elsewhere(tmp_path: Path) -> None:
    raster = read(tmp_path, scan_pdf(FLATE, "FlateDecode", (216, 216), b"0 0 40 40 re f"))
    assert raster.pixels.shape == (600, 600)


def test_a_large_scan_on_a_stamp_does_not_say_how_large_its_print_is(tmp_path: Path) -> None:
    content = scan_pdf(zlib.compress(scan().resize((900, 900)).tobytes()), "FlateDecode", (54, 54))
    content = content.replace(b"/Width 300 /Height 300", b"/Width 900 /Height 900")
    raster = read(tmp_path, content)
    assert raster.pixels.shape == (900, 900)
    assert raster.dpi is None


def portfolio(view: str | None, attached: bool = True) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pages_pdf(1, content=b"9 9 40 40 re f"))))
    if attached:
        writer.add_attachment("inside.pdf", pages_pdf(1))
    collection = DictionaryObject()
    if view is not None:
        collection[NameObject("/View")] = NameObject(view)
    writer.root_object[NameObject("/Collection")] = collection
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("view", [None, "/D", "/T"])
def test_a_portfolio_is_refused_with_what_to_send(tmp_path: Path, view: str | None) -> None:
    path = tmp_path / "portfolio.pdf"
    path.write_bytes(portfolio(view))
    with pytest.raises(DocbeamError, match="send those") as caught:
        inspect(path, DocumentSettings())
    assert caught.value.code is ErrorCode.DOCUMENT_PORTFOLIO


def test_files_attached_to_ordinary_pages_make_no_portfolio(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    for content in (portfolio("/H"), portfolio(None, attached=False)):
        path.write_bytes(content)
        assert inspect(path, DocumentSettings()).page_count == 1
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pages_pdf(1, content=b"9 9 40 40 re f"))))
    writer.add_attachment("invoice.xml", b"<invoice/>")
    with path.open("wb") as out:
        writer.write(out)
    assert inspect(path, DocumentSettings()).page_count == 1
