"""Pages that nobody signed: two sets that share nothing, the same at every draw, signed only where asked for."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from synthesis.draw_unsigned import UnsignedPages, write
from synthesis.fonts import (
    UNSIGNED_DISPLAY,
    UNSIGNED_DISPLAY_ASIDE,
    UNSIGNED_HANDS,
    UNSIGNED_HANDS_ASIDE,
    UNSIGNED_SCRIPTS_ASIDE,
    FontFolder,
)
from tests.synthesis.little_form import write_strokes


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    (folder / "handwriting").mkdir()
    write_strokes(folder / "handwriting")
    return folder


@pytest.mark.parametrize("aside", [False, True])
def test_every_thing_puts_ink_on_a_page_and_the_same_again(fonts: FontFolder, data: Path, aside: bool) -> None:
    pages = UnsignedPages(data, fonts, aside=aside)
    for thing in pages.things:
        page = pages.page(thing, 0, signed=False)
        assert page.signed is None
        assert (page.pixels < np.median(page.pixels) - 30).any()
        assert np.array_equal(page.pixels, pages.page(thing, 0, signed=False).pixels)


def test_what_measures_shares_neither_things_nor_faces_with_what_is_chosen_on(fonts: FontFolder, data: Path) -> None:
    chosen, aside = (set(UnsignedPages(data, fonts, aside=aside).things) for aside in (False, True))
    assert not chosen & aside
    faces = {*UNSIGNED_DISPLAY_ASIDE, *UNSIGNED_HANDS_ASIDE, *UNSIGNED_SCRIPTS_ASIDE}
    assert not {*UNSIGNED_DISPLAY, *UNSIGNED_HANDS} & faces


def test_an_unusual_signature_tells_where_it_is(fonts: FontFolder, data: Path) -> None:
    pages = UnsignedPages(data, fonts, aside=True, unusual=True)
    for thing in pages.things:
        page = pages.page(thing, 0, signed=False)
        assert page.signed is not None
        left, top, right, bottom = page.signed
        part = page.pixels[max(0, top) : bottom, max(0, left) : right]
        assert (part < np.median(page.pixels) - 30).any()


def test_signed_pages_tell_where_in_a_folder_that_can_be_measured(
    fonts: FontFolder, data: Path, tmp_path: Path
) -> None:
    pages = UnsignedPages(data, fonts, aside=False)
    assert write(iter([pages.page("stamp", 1, signed=True), pages.page("logo", 0, signed=False)]), tmp_path) == 2
    rows = list(csv.DictReader((tmp_path / "index.csv").open(encoding="utf-8")))
    assert [(row["label"], row["subset"]) for row in rows] == [("1", "stamp"), ("0", "logo")]
    (box,) = json.loads((tmp_path / rows[0]["truth"]).read_text(encoding="utf-8"))["boxes"]
    left, top, right, bottom = box["box"]
    assert box["kind"] == "signature"
    assert 0 <= left < right
    assert 0 <= top < bottom
