"""Words of a PDF's own text layer: where they stand on the page as a viewer shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from config.settings import DocumentSettings
from documents.media_type import PDF
from documents.printed_words import printed_words
from documents.rasterise import rasterise
from tests.documents.pdf_samples import pages_pdf, pdf, stream

_FONT = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"


def page_of(path: Path, content: bytes, entries: bytes = b"") -> Path:
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 3 0 R /Resources <</Font <</F 5 0 R>>>> %s>>"
    pages = b"<</Type /Pages /Kids [4 0 R] /Count 1>>"
    path.write_bytes(pdf([b"<</Type /Catalog /Pages 2 0 R>>", pages, stream(content), page % entries, _FONT]))
    return path


@pytest.mark.parametrize(
    "entries", [b"", b"/Rotate 90", b"/Rotate 180", b"/Rotate 270", b"/CropBox [40 30 380 280] /Rotate 90"]
)
def test_a_word_lies_on_its_ink_however_the_page_is_shown(tmp_path: Path, entries: bytes) -> None:
    path = page_of(tmp_path / "page.pdf", b"BT /F 20 Tf 100 200 Td (Signature) Tj ET", entries)
    (word,) = printed_words(path, 1)
    assert word.text == "Signature"
    pixels = rasterise(path, PDF, 1, DocumentSettings(dpi=144)).pixels
    rows, columns = np.nonzero(pixels < 128)
    height, width = pixels.shape[:2]
    ink = (columns.min() / width, rows.min() / height, columns.max() / width, rows.max() / height)
    assert np.allclose(word.box, ink, atol=0.01)


def test_underscores_and_gaps_part_words(tmp_path: Path) -> None:
    content = b"BT /F 10 Tf 20 200 Td (Signed:____ Date ___) Tj 0 -40 Td [(Na) 10 (me) -3000 (City)] TJ ET"
    assert [word.text for word in printed_words(page_of(tmp_path / "page.pdf", content), 1)] == [
        "Signed:",
        "Date",
        "Name",
        "City",
    ]


def test_a_page_without_text_has_no_words(tmp_path: Path) -> None:
    path = tmp_path / "empty.pdf"
    path.write_bytes(pages_pdf())
    assert printed_words(path, 1) == ()
