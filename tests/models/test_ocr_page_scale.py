"""Which strips of a page the text detector looks at."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalog.ocr.page.scale import MAX_INPUT_PIXELS, STRIDE, plan_strips

sides = st.integers(1, 12_000)


@settings(deadline=None)
@given(sides, sides)
def test_strips_cover_the_page_own_every_row_once_and_fit_in_memory(width, height):
    strips = plan_strips(width, height)
    assert strips[0].top == 0
    assert strips[-1].bottom == height
    assert all(after.top < before.bottom for before, after in pairwise(strips))
    for row in {0, height // 3, height // 2, height - 1}:
        assert sum(strip.owns(row + 0.5) for strip in strips) == 1
    for strip in strips:
        assert strip.input_width % STRIDE == 0
        assert strip.input_height % STRIDE == 0
        assert strip.input_width * strip.input_height <= 1.2 * MAX_INPUT_PIXELS


@settings(deadline=None)
@given(st.integers(1500, 2600), st.integers(2100, 3600))
def test_an_ordinary_page_passes_whole_and_print_stays_readable(width, height):
    strips = plan_strips(width, height)
    assert len(strips) <= 2
    assert strips[0].input_width / width >= 0.44
