import io
import struct
import zlib

import pytest
from PIL import Image

from config.settings import DocumentSettings
from documents.inspect import Inspection, inspect
from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import encrypted_pdf, pages_pdf, pdf

SETTINGS = DocumentSettings(max_pages=5)


def image_bytes(kind: str, size: tuple[int, int] = (30, 20), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def tiff_bytes(pages: int) -> bytes:
    frames = [Image.new("1", (30, 20 + number)) for number in range(pages)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def bomb_png() -> bytes:
    """20 000 x 20 000 white pixels of one bit in 49 kB."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress((b"\0" + b"\xff" * 2500) * 20_000, 9)
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def seen(tmp_path, content: bytes, settings: DocumentSettings = SETTINGS) -> Inspection:
    # A name that says nothing true: only content counts.
    path = tmp_path / "document.docx"
    path.write_bytes(content)
    return inspect(path, settings)


def refusal(tmp_path, content: bytes, settings: DocumentSettings = SETTINGS) -> ErrorCode:
    with pytest.raises(DocbeamError) as caught:
        seen(tmp_path, content, settings)
    return caught.value.code


@pytest.mark.parametrize(
    ("content", "media_type", "page_count"),
    [
        (image_bytes("PNG"), "image/png", 1),
        (image_bytes("PNG", save_all=True, append_images=[Image.new("RGB", (30, 20), "red")]), "image/png", 1),
        (image_bytes("JPEG"), "image/jpeg", 1),
        (image_bytes("MPO", save_all=True, append_images=[Image.new("RGB", (30, 20))]), "image/jpeg", 1),
        (image_bytes("WEBP"), "image/webp", 1),
        (image_bytes("BMP"), "image/bmp", 1),
        (image_bytes("TIFF"), "image/tiff", 1),
        (image_bytes("TIFF", big_tiff=True), "image/tiff", 1),
        (tiff_bytes(5), "image/tiff", 5),
        (pages_pdf(3), "application/pdf", 3),
        (pages_pdf(5), "application/pdf", 5),
        (b"junk\r\n" * 100 + pages_pdf(2), "application/pdf", 2),
        (encrypted_pdf(user_password=b""), "application/pdf", 1),
    ],
)
def test_type_and_pages_come_from_the_content(tmp_path, content, media_type, page_count):
    assert seen(tmp_path, content) == Inspection(media_type, page_count)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ErrorCode.DOCUMENT_EMPTY),
        (b"hello", ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (b"PK\x03\x04" + b"\0" * 100, ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (b"BM but a letter, not a bitmap", ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (b"x" * 1024 + pages_pdf(), ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 100, ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (image_bytes("GIF"), ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (image_bytes("ICO", (32, 32)), ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (image_bytes("JPEG2000"), ErrorCode.UNSUPPORTED_MEDIA_TYPE),
        (b"%PDF-1.7\nnothing else", ErrorCode.DOCUMENT_CORRUPT),
        (image_bytes("PNG")[:20], ErrorCode.DOCUMENT_CORRUPT),
        (image_bytes("JPEG")[:20], ErrorCode.DOCUMENT_CORRUPT),
        (image_bytes("TIFF")[:6], ErrorCode.DOCUMENT_CORRUPT),
        (b"II+\0\x08\0\0\0" + b"\xff" * 8 + b"\0" * 50, ErrorCode.DOCUMENT_CORRUPT),
        (b"II*\0\xff\xff\xff\xff" + b"\0" * 50, ErrorCode.DOCUMENT_CORRUPT),
        (pages_pdf(6), ErrorCode.TOO_MANY_PAGES),
        (tiff_bytes(6), ErrorCode.TOO_MANY_PAGES),
        (pages_pdf(0), ErrorCode.DOCUMENT_EMPTY),
        (pdf([b"<</Type /Catalog>>"]), ErrorCode.DOCUMENT_EMPTY),
        (encrypted_pdf(user_password=b"secret"), ErrorCode.DOCUMENT_ENCRYPTED),
        (bomb_png(), ErrorCode.TOO_MANY_PIXELS),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_code(tmp_path, content, code):
    assert refusal(tmp_path, content) == code


def test_one_document_leaves_no_error_for_the_next(tmp_path):
    for before in (encrypted_pdf(user_password=b"secret"), b"%PDF-1.7\nnothing else"):
        refusal(tmp_path, before)
        assert refusal(tmp_path, pages_pdf(0)) == ErrorCode.DOCUMENT_EMPTY


def test_a_file_that_is_gone_is_no_fault_of_the_document(tmp_path):
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "gone", SETTINGS)


def test_the_pixel_limit_holds_for_every_image_and_every_page(tmp_path):
    tight = DocumentSettings(max_source_pixels=10_000)
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF"):
        assert seen(tmp_path, image_bytes(kind, (100, 100)), tight).page_count == 1
        assert refusal(tmp_path, image_bytes(kind, (101, 100)), tight) == ErrorCode.TOO_MANY_PIXELS
    second_page_large = io.BytesIO()
    Image.new("L", (5, 5)).save(second_page_large, "TIFF", save_all=True, append_images=[Image.new("L", (101, 100))])
    with pytest.raises(DocbeamError) as caught:
        seen(tmp_path, second_page_large.getvalue(), tight)
    assert (caught.value.code, caught.value.page) == (ErrorCode.TOO_MANY_PIXELS, 2)


def test_a_chain_of_tiff_directories_that_loops_is_walked_once(tmp_path):
    content = bytearray(tiff_bytes(1))
    first = struct.unpack_from("<I", content, 4)[0]
    entries = struct.unpack_from("<H", content, first)[0]
    struct.pack_into("<I", content, first + 2 + 12 * entries, first)
    assert seen(tmp_path, bytes(content)) == Inspection("image/tiff", 1)


def test_small_copies_of_a_tiff_page_are_no_pages(tmp_path):
    out = io.BytesIO()
    thumbnail = Image.new("L", (10, 10))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    Image.new("L", (100, 100)).save(out, "TIFF", save_all=True, append_images=[thumbnail])
    assert seen(tmp_path, out.getvalue()).page_count == 1
