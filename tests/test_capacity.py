"""The model of capacity: its simulation does what its formula says, and what is written of it is what it says now."""

from __future__ import annotations

import pytest

from benchmarks.capacity import DOCS, Size, picture, simulate, table


@pytest.mark.parametrize("size", [Size(workers=2, partitions=8), Size(workers=50, partitions=4)], ids=str)
def test_the_simulation_does_what_the_formula_says(size: Size) -> None:
    """One bound by its children and one by the places in its partitions, with more to do than they can."""
    ends = sorted(end for _, end in simulate(size, 2.0, 1000.0, 4000))
    did = (len(ends) // 2) / (ends[len(ends) * 3 // 4] - ends[len(ends) // 4])
    assert did == pytest.approx(size.most(2.0), rel=0.1)


def test_a_size_that_is_enough_keeps_up() -> None:
    answered = simulate(Size(workers=2, partitions=4), 2.0, 2.5, 4000)
    waited = sorted(end - begin for begin, end in answered)
    assert waited[len(waited) // 2] < 2 * (2.0 + 1.5)


def test_the_page_and_the_picture_are_of_today() -> None:
    assert table() in (DOCS / "capacity.md").read_text(encoding="utf-8"), "python -m benchmarks.capacity --write"
    assert picture() == (DOCS / "pictures" / "capacity.svg").read_text(encoding="utf-8")
