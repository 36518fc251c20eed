"""Crosses and strokes drawn as annotations that bring no picture of themselves are on the page, as in any viewer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.pdf_samples import pdf, stream
from tests.documents.test_rasterise import read

NOTES = {
    "a line": b"/Subtype /Line /L [20 20 180 80]",
    "lines": b"/Subtype /PolyLine /Vertices [20 20 100 80 180 20]",
    "a polygon": b"/Subtype /Polygon /Vertices [20 20 100 80 180 20]",
    "ink": b"/Subtype /Ink /InkList [[20 20 100 80 180 20]]",
    "text": b"/Subtype /FreeText /Contents (Ines Okonkwo) /DA (/Helv 20 Tf 0 g)",
}


def marked(note: bytes, flags: int = 4) -> bytes:
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [4 0 R] /Count 1>>",
            stream(b""),
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 3 0 R /Annots [5 0 R]>>",
            b"<</Type /Annot /F %d /Rect [10 10 190 90] /C [0 0 0] /BS <</W 3>> %s>>" % (flags, note),
        ]
    )


@pytest.mark.parametrize("note", NOTES.values(), ids=list(NOTES))
def test_what_an_annotation_says_is_drawn(tmp_path: Path, note: bytes) -> None:
    assert (read(tmp_path, marked(note)).pixels < 128).mean() > 0.005


@pytest.mark.parametrize("note", [NOTES["a line"], NOTES["ink"]])
@pytest.mark.parametrize("flags", [2, 32], ids=["hidden", "not viewed"])
def test_what_is_hidden_stays_hidden(tmp_path: Path, note: bytes, flags: int) -> None:
    assert read(tmp_path, marked(note, flags)).pixels.min() > 250
