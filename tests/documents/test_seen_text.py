"""Characters that a PDF says and nobody sees are not on its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import DocumentSettings
from documents.pdf_content import pdf_content
from documents.rasterise import rasterise
from documents.seen_text import seen_text
from tests.documents.pdf_samples import pdf, stream

TYPED = b"BT /F 20 Tf 40 60 Td (Choice) Tj ET"


def page(content: bytes, root: bytes = b"") -> bytes:
    resources = (
        b"/Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>> /ExtGState <</E <</ca 0 /CA 0>>>> "
        b"/Properties <</L 5 0 R>>"
    )
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R %s>>" % root,
            b"<</Type /Pages /Kids [4 0 R] /Count 1>>",
            stream(b"BT /F 12 Tf 10 10 Td (seen) Tj ET " + content),
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 3 0 R /Resources <<%s>>>>" % resources,
            b"<</Type /OCG /Name (layer)>>",
        ]
    )


def said(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "page.pdf"
    path.write_bytes(content)
    raster = rasterise(path, "application/pdf", 1, DocumentSettings())
    return "".join(seen_text(pdf_content(path, 1), raster.pixels).text.split())


HIDDEN = {
    "invisible": page(b"3 Tr " + TYPED),
    "transparent": page(b"/E gs " + TYPED),
    "white": page(b"1 g " + TYPED),
    "outside": page(TYPED.replace(b"40 60", b"-90 60")),
    "under white": page(TYPED + b" 1 g 30 40 200 50 re f"),
    "cut away": page(b"0 0 2 2 re W n " + TYPED),
    "of a hidden layer": page(b"/OC /L BDC " + TYPED + b" EMC", b"/OCProperties <</OCGs [5 0 R] /D <</OFF [5 0 R]>>>>"),
}


@pytest.mark.parametrize("content", HIDDEN.values(), ids=list(HIDDEN))
def test_what_nobody_sees_is_not_said(tmp_path: Path, content: bytes) -> None:
    assert said(tmp_path, content) == "seen"


def test_what_anybody_sees_is(tmp_path: Path) -> None:
    layer = b"/OCProperties <</OCGs [5 0 R] /D <<>>>>"
    for content in (TYPED, b"0.9 g " + TYPED, b"1 Tr " + TYPED, b"/OC /L BDC " + TYPED + b" EMC"):
        assert said(tmp_path, page(content, layer)) == "seenChoice"
