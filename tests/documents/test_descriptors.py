"""Documents that cannot be opened leave nothing open: one process sees thousands of them."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path

import pytest

from config.settings import DocumentSettings
from documents.inspect import inspect
from documents.rasterise import rasterise
from schemas.errors import DocbeamError, ErrorCode
from tests.documents.pdf_samples import pages_pdf, pdf

NO_PAGES = pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])
BROKEN = {
    "no pages": NO_PAGES,
    "no catalogue": pdf([b"<</Type/Nothing>>"]),
    "a count that is wrong": pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count -5>>"]),
    "pages that are no pages": pdf([b"<</Type/Catalog/Pages 9 0 R>>"]),
    "half a file": pages_pdf()[:200],
    "nothing behind the name": b"%PDF-1.7",
    "half a PNG": b"\x89PNG\r\n\x1a\n" + b"\0" * 20,
    "half a JPEG": b"\xff\xd8\xff\xe0" + b"\0" * 20,
    "half a TIFF": b"II*\0\x08\0\0\0\x01\0",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_document_leaves_no_descriptor_open(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken"
    path.write_bytes(content)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        with contextlib.suppress(DocbeamError):
            inspect(path, DocumentSettings())
    # Threads of tests before this one open and close some of their own meanwhile, never one for each document.
    assert len(os.listdir("/proc/self/fd")) < before + 50
    assert str(path) not in _open_files()


def test_innocent_documents_open_after_three_hundred_without_pages(tmp_path: Path) -> None:
    guilty, innocent = tmp_path / "guilty.pdf", tmp_path / "innocent.pdf"
    guilty.write_bytes(NO_PAGES)
    innocent.write_bytes(pages_pdf(2))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 60, limits[1]))
    try:
        for _ in range(300):
            with pytest.raises(DocbeamError) as refused:
                inspect(guilty, DocumentSettings())
            assert refused.value.code is ErrorCode.DOCUMENT_EMPTY
        assert inspect(innocent, DocumentSettings()).page_count == 2
        assert rasterise(innocent, "application/pdf", 2, DocumentSettings()).pixels.size
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_want_of_descriptors_is_no_fault_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "innocent.pdf"
    path.write_bytes(pages_pdf(2))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        while len(taken) < 100 and (descriptor := _opened(path)) is not None:
            taken.append(descriptor)
        with pytest.raises(OSError, match="Too many open files"):
            inspect(path, DocumentSettings())
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def _open_files() -> set[str]:
    """What the descriptors of this process are open on."""
    targets = set()
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            targets.add(os.readlink(f"/proc/self/fd/{descriptor}"))
    return targets


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None
