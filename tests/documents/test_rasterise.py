import io

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from config.settings import DocumentSettings
from documents.inspect import inspect
from documents.rasterise import RasterPage, rasterise
from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import encrypted_pdf, form_pdf, pages_pdf
from tests.documents.test_inspect import bomb_png, tiff_bytes

SETTINGS = DocumentSettings()


def read(tmp_path, content: bytes, page: int = 1, settings: DocumentSettings = SETTINGS) -> RasterPage:
    path = tmp_path / "document"
    path.write_bytes(content)
    raster = rasterise(path, inspect(path, settings).media_type, page, settings)
    assert raster.pixels.dtype == np.uint8
    assert raster.pixels.flags.c_contiguous
    assert raster.pixels.flags.owndata or raster.pixels.base.flags.owndata
    assert raster.pixels.shape[0] * raster.pixels.shape[1] <= settings.max_pixels
    return raster


def refusal(tmp_path, content: bytes, page: int = 1, settings: DocumentSettings = SETTINGS) -> ErrorCode:
    with pytest.raises(DocbeamError) as caught:
        read(tmp_path, content, page, settings)
    assert caught.value.page == page
    return caught.value.code


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def corner_marked(mode: str = "RGB", size: tuple[int, int] = (90, 60)) -> Image.Image:
    """White with a black block in the top left corner."""
    image = Image.new("RGB", size, "white")
    image.paste("black", (0, 0, size[0] // 3, size[1] // 3))
    return image.convert(mode)


def dark_corner(pixels: np.ndarray) -> str:
    height, width = pixels.shape[:2]
    rows, columns = np.nonzero(pixels.reshape(height, width, -1).mean(axis=2) < 100)
    assert rows.size
    return ("top " if rows.mean() < height / 2 else "bottom ") + ("left" if columns.mean() < width / 2 else "right")


# PDF


def test_a_pdf_page_is_drawn_at_the_resolution_asked_for(tmp_path):
    content = pages_pdf(2, (144, 72), b"1 0 0 rg 0 0 72 36 re f")
    raster = read(tmp_path, content, page=2, settings=DocumentSettings(dpi=100))
    assert raster.dpi == 100
    assert raster.pixels.shape == (100, 200, 3)
    assert tuple(raster.pixels[99, 0]) == (0, 0, 255)
    assert tuple(raster.pixels[0, 0]) == (255, 255, 255)


def test_a_page_without_colour_is_grey(tmp_path):
    assert read(tmp_path, pages_pdf(1, content=b"0.5 g 0 0 100 100 re f")).pixels.ndim == 2
    # One stroke of ink in a corner is enough to keep the colour.
    assert read(tmp_path, pages_pdf(1, content=b"0 0 1 rg 10 10 3 1 re f")).pixels.ndim == 3


@pytest.mark.parametrize(
    ("turn", "corner"), [(0, "top left"), (90, "top right"), (180, "bottom right"), (270, "bottom left")]
)
def test_the_turn_a_pdf_page_asks_for_is_done(tmp_path, turn, corner):
    content = pages_pdf(1, (200, 100), b"0 g 0 70 60 30 re f", b"/Rotate %d" % turn)
    pixels = read(tmp_path, content).pixels
    assert dark_corner(pixels) == corner
    assert (pixels.shape[0] > pixels.shape[1]) == (turn in (90, 270))


def test_only_the_crop_box_is_shown(tmp_path):
    content = pages_pdf(1, (400, 400), b"0 g 0 0 400 50 re f", b"/CropBox [100 100 300 200]")
    raster = read(tmp_path, content, settings=DocumentSettings(dpi=72))
    assert raster.pixels.shape == (100, 200)
    assert raster.pixels.min() == 255


@pytest.mark.parametrize("appearance", [None, b"/Tx BMC q BT /Helv 18 Tf 0 g 2 12 Td (Ada Lovelace) Tj ET Q EMC"])
def test_values_filled_into_a_form_are_visible(tmp_path, appearance):
    def ink(content: bytes) -> int:
        pixels = read(tmp_path, content, settings=DocumentSettings(dpi=72)).pixels
        grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        return int((grey[152:192, 100:300] < 100).sum())

    assert ink(form_pdf(b"")) == 0
    assert ink(form_pdf(b"Ada Lovelace", appearance)) > 100


def test_a_large_pdf_page_loses_resolution_and_a_huge_one_is_refused(tmp_path):
    raster = read(tmp_path, pages_pdf(1, (5000, 5000)))
    assert 36 <= raster.dpi < 200
    assert abs(raster.pixels.shape[0] - 5000 * raster.dpi / 72) <= 1
    huge = pages_pdf(1, (14_400, 14_400))
    assert len(huge) < 600
    assert refusal(tmp_path, huge) == ErrorCode.TOO_MANY_PIXELS


def test_an_owner_password_locks_nothing_we_need(tmp_path):
    assert read(tmp_path, encrypted_pdf(user_password=b"")).pixels.shape == (278, 556)


def test_pages_that_are_not_there_are_unreadable(tmp_path):
    broken_second = pages_pdf(2).replace(b"5 0 obj\n<</Type /Page ", b"5 0 obj\n<</Type /Pagf ", 1)
    assert read(tmp_path, broken_second, page=1).pixels.size
    assert refusal(tmp_path, pages_pdf(1), page=2) == ErrorCode.PAGE_UNREADABLE
    assert refusal(tmp_path, tiff_bytes(2), page=3) == ErrorCode.PAGE_UNREADABLE
    assert refusal(tmp_path, saved(corner_marked(), "PNG"), page=2) == ErrorCode.PAGE_UNREADABLE


def test_a_file_that_is_gone_is_no_fault_of_the_document(tmp_path):
    for media_type in ("application/pdf", "image/png", "image/tiff"):
        with pytest.raises(FileNotFoundError):
            rasterise(tmp_path / "gone", media_type, 1, SETTINGS)


# Images


def test_an_image_without_extent_is_unreadable(tmp_path):
    content = bytearray(saved(corner_marked(), "BMP"))
    content[18:22] = bytes(4)
    path = tmp_path / "flat"
    path.write_bytes(content)
    with pytest.raises(DocbeamError) as caught:
        rasterise(path, "image/bmp", 1, SETTINGS)
    assert caught.value.code == ErrorCode.PAGE_UNREADABLE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (1, "top left"), (2, "top right"), (3, "bottom right"), (4, "bottom left"),
        (5, "top left"), (6, "top right"), (7, "bottom right"), (8, "bottom left"),
    ],
)  # fmt: skip
def test_the_exif_turn_is_done_once(tmp_path, kind, orientation, corner):
    image = corner_marked()
    if kind == "TIFF":
        content = saved(image, kind, tiffinfo={274: orientation})
    else:
        exif = Image.Exif()
        exif[274] = orientation
        content = saved(image, kind, exif=exif)
    pixels = read(tmp_path, content).pixels
    assert dark_corner(pixels) == corner
    assert pixels.shape[:2] == ((90, 60) if orientation >= 5 else (60, 90))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"), ("1", "TIFF"), ("1", "BMP"), ("L", "PNG"), ("L", "JPEG"), ("P", "PNG"), ("P", "BMP"),
        ("RGB", "WEBP"), ("RGB", "BMP"), ("RGB", "TIFF"), ("RGBA", "PNG"), ("LA", "PNG"), ("RGBA", "WEBP"),
        ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("I;16", "PNG"), ("I;16", "TIFF"), ("F", "TIFF"),
        ("LAB", "TIFF"),
    ],
)  # fmt: skip
def test_every_kind_of_pixel_becomes_black_on_white(tmp_path, mode, kind):
    if mode == "I;16":
        levels = np.asarray(corner_marked("L")).astype(np.uint16) * 257
        image = Image.fromarray(levels)
    elif mode == "LAB":
        grey = corner_marked("L")
        neutral = Image.new("L", grey.size, 128)
        image = Image.merge("LAB", (grey, neutral, neutral))
    else:
        image = corner_marked(mode)
    pixels = read(tmp_path, saved(image, kind)).pixels
    grey = pixels if pixels.ndim == 2 else pixels.mean(axis=2)
    assert grey.shape == (60, 90)
    assert grey[5, 5] < 30
    assert grey[50, 80] > 225


def test_colours_come_out_in_their_order(tmp_path):
    for kind in ("PNG", "TIFF", "BMP"):
        assert tuple(read(tmp_path, saved(Image.new("RGB", (20, 20), (10, 100, 200)), kind)).pixels[3, 3]) == (
            200,
            100,
            10,
        )
    cmyk = read(tmp_path, saved(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG", quality=95)).pixels
    assert cmyk[3, 3, 2] > 200
    assert cmyk[3, 3, 0] < 60


def test_what_is_transparent_is_white(tmp_path):
    clear = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (10, 10, 20, 20))
    palette = Image.new("P", (30, 30), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.paste(1, (10, 10, 20, 20))
    for content in (saved(clear, "PNG"), saved(clear, "WEBP", lossless=True)):
        pixels = read(tmp_path, content).pixels
        assert (pixels[0, 0], pixels[15, 15]) == (255, 0)
    pixels = read(tmp_path, saved(palette, "PNG", transparency=0)).pixels
    assert tuple(pixels[0, 0]) == (255, 255, 255)
    assert tuple(pixels[15, 15]) == (0, 0, 255)


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "1"), ("PNG", "RGBA"), ("TIFF", "P")]
)
def test_an_image_above_the_budget_is_scaled_down_with_its_resolution(tmp_path, kind, mode):
    tight = DocumentSettings(max_pixels=20_000)
    raster = read(tmp_path, saved(corner_marked(mode, (900, 600)), kind, dpi=(300, 300)), settings=tight)
    height, width = raster.pixels.shape[:2]
    assert width * height > 19_000
    assert width / height == pytest.approx(1.5, rel=0.02)
    assert raster.dpi == pytest.approx(300 * width / 900, rel=0.02)
    assert dark_corner(raster.pixels) == "top left"


def test_scaling_down_averages(tmp_path):
    checks = np.indices((400, 400)).sum(axis=0) % 2 * 255
    content = saved(Image.fromarray(checks.astype(np.uint8)), "PNG")
    pixels = read(tmp_path, content, settings=DocumentSettings(max_pixels=10_000)).pixels
    assert pixels.min() >= 120
    assert pixels.max() <= 135


@pytest.mark.parametrize(("stated", "dpi"), [((300, 300), 300), ((72, 72), 72), ((1, 1), None), ((9999, 9999), None)])
def test_resolution_is_told_when_it_is_plausible(tmp_path, stated, dpi):
    for kind in ("PNG", "JPEG", "TIFF"):
        found = read(tmp_path, saved(corner_marked(), kind, dpi=stated)).dpi
        assert found == (dpi if dpi is None else pytest.approx(dpi, abs=0.5))
    assert read(tmp_path, saved(corner_marked(), "BMP", dpi=stated)).dpi == (
        None if dpi is None else pytest.approx(dpi, abs=1)
    )
    assert read(tmp_path, saved(corner_marked(), "WEBP")).dpi is None


@pytest.mark.parametrize("orientation", [1, 6])
def test_fax_pixels_are_made_square(tmp_path, orientation):
    """Standard fax: 204 dots an inch across, 98 down."""
    image = corner_marked("1", (204, 98))
    content = saved(image, "TIFF", compression="group4", dpi=(204, 98), tiffinfo={274: orientation})
    raster = read(tmp_path, content)
    assert raster.pixels.shape == (204, 204)
    assert raster.dpi == pytest.approx(204)


def test_each_page_of_a_tiff_is_its_own(tmp_path):
    content = tiff_bytes(4)
    assert [read(tmp_path, content, page).pixels.shape[0] for page in (1, 2, 3, 4)] == [20, 21, 22, 23]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_half_an_image_is_unreadable(tmp_path, kind):
    noise = np.random.default_rng(3).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(noise), kind)
    # TIFF writes its directory before the pixels here, so that only pixels are missing.
    path = tmp_path / "half"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DocbeamError) as caught:
        rasterise(path, f"image/{kind.lower()}", 1, SETTINGS)
    assert caught.value.code == ErrorCode.PAGE_UNREADABLE


def test_a_bomb_is_refused_again_where_pixels_are_made(tmp_path):
    path = tmp_path / "bomb"
    path.write_bytes(bomb_png())
    with pytest.raises(DocbeamError) as caught:
        rasterise(path, "image/png", 1, SETTINGS)
    assert caught.value.code == ErrorCode.TOO_MANY_PIXELS


def test_broken_metadata_does_not_cost_the_page(tmp_path):
    content = saved(corner_marked(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff broken")
    assert dark_corner(read(tmp_path, content).pixels) == "top left"
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[282], info[283] = TiffImagePlugin.IFDRational(1, 0), TiffImagePlugin.IFDRational(1, 0)
    assert read(tmp_path, saved(corner_marked(), "TIFF", tiffinfo=info)).dpi is None
