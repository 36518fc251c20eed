"""Pages by hand that confidences are fitted on: every source, the same again, and words where they stand."""

from __future__ import annotations

import numpy as np
import pytest

from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from tests.synthesis.little_form import write_strokes
from training.ocr.written_pages import SOURCES, WrittenPages


@pytest.fixture(scope="module")
def pages(fonts: FontFolder, tmp_path_factory: pytest.TempPathFactory) -> WrittenPages:
    data = tmp_path_factory.mktemp("train")
    (data / "handwriting").mkdir()
    write_strokes(data / "handwriting")
    return WrittenPages(data, fonts, Part.TRAIN)


def test_every_source_is_drawn_with_its_words_in_the_page(pages: WrittenPages) -> None:
    drawn = list(pages.pages(1, 5))
    assert [page.source for page in drawn] == list(SOURCES)
    for page in drawn:
        assert len(page.words) > 10
        high, wide = page.pixels.shape
        assert all(0 <= word.x < wide and 0 <= word.y < high for word in page.words)
        paper = float(np.median(page.pixels))
        near = [
            page.pixels[round(w.y) - 12 : round(w.y) + 12, max(0, round(w.x) - 12) : round(w.x) + 12]
            for w in page.words
        ]
        assert np.mean([float(part.min()) < paper - 60 for part in near]) > 0.9


def test_a_page_is_the_same_for_the_same_seed(pages: WrittenPages) -> None:
    one, again = next(pages.pages(1, 7)), next(pages.pages(1, 7))
    assert np.array_equal(one.pixels, again.pixels)
    assert one.words == again.words
