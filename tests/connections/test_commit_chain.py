"""Offsets are committed past finished work only, over any gaps, in any order, with repeats."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from connections.offsets import advance


@given(st.data())
def test_the_mark_is_the_end_of_the_longest_finished_chain(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 1000))
    gaps = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=30))
    chain, position = [], start
    for gap in gaps:
        offset = position + gap
        chain.append((position, offset + 1))
        position = offset + 1
    finished_ones = data.draw(st.lists(st.sampled_from(chain), max_size=60))

    low: int = start
    waiting: dict[int, int] = {}
    for before, after in finished_ones:
        new = advance(low, waiting, before, after)
        assert new >= low
        # State between bundles is JSON.
        waiting = dict(json.loads(json.dumps(sorted(waiting.items()))))
        low = new

    expected = start
    for before, after in chain:
        if (before, after) not in finished_ones:
            break
        expected = after
    assert low == expected
    assert all(before > low for before in waiting)
