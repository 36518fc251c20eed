"""A blank without fields, as people print and scan them: lines, cells, boxes and combs with words beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from config.settings import DocumentSettings
from documents.media_type import PDF
from documents.rasterise import rasterise
from tests.documents.pdf_samples import pdf, stream

WIDTH, HEIGHT = 612, 792


@dataclass(frozen=True)
class Drawn:
    """What is drawn, in points from the top left."""

    kind: str
    label: str
    box: tuple[float, float, float, float]
    cells: int = 0


FIELDS = (
    Drawn("text", "Full name", (140, 136, 400, 150)),
    Drawn("date", "Date of birth", (140, 166, 260, 180)),
    Drawn("text", "City", (72, 213, 252, 230)),
    Drawn("text", "Country", (252, 213, 432, 230)),
    Drawn("comb", "Postcode", (140, 262, 230, 280), 5),
    Drawn("comb", "Account", (140, 302, 266, 320), 7),
    Drawn("checkbox", "I have read the terms", (72, 350, 84, 362)),
    Drawn("checkbox", "Send me news", (72, 380, 84, 392)),
    Drawn("signature", "Signature", (72, 585, 260, 600)),
    Drawn("date", "Date", (330, 585, 450, 600)),
)


def bare_pdf(path: Path, pages: int = 1, *, content: bytes | None = None) -> Path:
    """A PDF of `pages` equal pages that looks like a form and has no fields."""
    body = _content() if content is None else content
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(pages))
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 3 0 R /Resources <</Font <</F 4 0 R>>>>>>" % (
        WIDTH,
        HEIGHT,
    )
    path.write_bytes(
        pdf(
            [
                b"<</Type /Catalog /Pages 2 0 R>>",
                b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, pages),
                stream(body),
                b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
                *[page] * pages,
            ]
        )
    )
    return path


def drawn_page(path: Path, dpi: float = 200) -> Image.Image:
    """The first page of a PDF as a picture, grey."""
    return Image.fromarray(np.asarray(rasterise(path, PDF, 1, DocumentSettings(dpi=dpi)).pixels)).convert("L")


def _content() -> bytes:
    parts = [
        _text(72, 60, "Application for membership", 18),
        # A heading with a line under it is no place to write.
        _text(72, 100, "Part 1. About you"),
        _line(72, 104, 200, 104),
        _text(72, 148, "Full name"),
        _line(140, 150, 400, 150),
        _text(72, 178, "Date of birth"),
        _line(140, 180, 260, 180),
        _box(72, 200, 252, 230),
        _text(75, 210, "City", 8),
        _box(252, 200, 432, 230),
        _text(255, 210, "Country", 8),
        _text(72, 276, "Postcode"),
        *[_box(140 + 18 * cell, 262, 158 + 18 * cell, 280) for cell in range(5)],
        _text(72, 318, "Account"),
        _line(140, 320, 266, 320),
        *[_line(140 + 18 * cell, 314, 140 + 18 * cell, 320) for cell in range(8)],
        _box(72, 350, 84, 362),
        _text(92, 360, "I have read the terms"),
        _box(72, 380, 84, 392),
        _text(92, 390, "Send me news"),
        _text(72, 430, "We keep what you write here for as long as you are a member and give it to nobody else."),
        _text(72, 444, "You may ask at any time what is kept about you, and have it corrected."),
        _line(72, 600, 260, 600),
        _text(72, 611, "Signature", 8),
        _line(330, 600, 450, 600),
        _text(330, 611, "Date", 8),
    ]
    return b"1 w\n" + b"\n".join(parts)


def _text(x: float, y: float, text: str, size: float = 10) -> bytes:
    return b"BT /F %g Tf %g %g Td (%s) Tj ET" % (size, x, HEIGHT - y, text.encode())


def _line(x0: float, y0: float, x1: float, y1: float) -> bytes:
    return b"%g %g m %g %g l S" % (x0, HEIGHT - y0, x1, HEIGHT - y1)


def _box(left: float, top: float, right: float, bottom: float) -> bytes:
    return b"%g %g %g %g re S" % (left, HEIGHT - bottom, right - left, bottom - top)
