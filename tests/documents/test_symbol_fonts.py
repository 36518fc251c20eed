"""Characters of symbol fonts are told by what they show, whatever the font calls itself and however it is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.pdf_content import pdf_content
from tests.documents.pdf_samples import pages_pdf


def shown(folder: Path, font: bytes, drawing: bytes) -> str:
    """The visible characters of a page on which that content stream draws with the font as /F."""
    resources = b"/Resources <</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /%s>>>>>>" % font
    path = folder / "symbols.pdf"
    path.write_bytes(pages_pdf(content=drawing).replace(b"/Resources <<>>", resources))
    return "".join(pdf_content(path, 1).text.split())


@pytest.mark.parametrize("font", [b"ZapfDingbats", b"ITCZapfDingbats", b"Dingbats", b"ITC-Zapf-Dingbats-Medium"])
def test_zapf_dingbats_is_known_by_all_its_names(tmp_path: Path, font: bytes) -> None:
    assert shown(tmp_path, font, b"BT /F 14 Tf 72 700 Td (no4) Tj ET") == "■❏✔"


def test_a_crossed_box_of_wingdings_is_one(tmp_path: Path) -> None:
    assert shown(tmp_path, b"Wingdings", b"BT /F 14 Tf 72 700 Td (xo) Tj ET") == "⌧□"


@pytest.mark.parametrize("mode", [1, 5])
def test_the_outline_of_a_solid_square_is_an_empty_box(tmp_path: Path, mode: int) -> None:
    assert shown(tmp_path, b"ZapfDingbats", b"BT /F 14 Tf %d Tr 72 700 Td (no) Tj ET" % mode) == "□❏"


def test_letters_of_other_fonts_stay_letters(tmp_path: Path) -> None:
    assert shown(tmp_path, b"Helvetica", b"BT /F 14 Tf 72 700 Td (no) Tj ET") == "no"
