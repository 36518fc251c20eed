"""Offsets are committed past finished work only, over any gaps, in any order, with repeats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connections.offsets import Chain, chain_from, partition_of
from connections.settled import Incarnation


@given(st.data())
def test_the_mark_is_the_end_of_the_longest_finished_chain(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 1000))
    gaps = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=30))
    links, position = [], start
    for gap in gaps:
        links.append((position, position + gap + 1))
        position += gap + 1
    finished = data.draw(st.lists(st.sampled_from(links), max_size=60))

    chain = Chain(start)
    for before, after in finished:
        low = chain.low
        # State between bundles is text.
        chain = chain_from(chain.to_text())
        chain.finish(before, after)
        assert chain.low >= low

    expected = start
    for before, after in links:
        if (before, after) not in finished:
            break
        expected = after
    assert chain.low == expected
    above = {after - 1 for before, after in finished if after > expected}
    assert chain.settled.finished == above


def test_what_a_job_before_had_finished_stays_told_until_the_mark_passes_it() -> None:
    chain = Chain(10, {}, frozenset({12, 13, 20}))
    # The source left 12 and 13 out, so the link over them is one.
    chain.finish(11, 15)
    assert chain.settled.finished == {12, 13, 14, 20}
    chain.finish(10, 11)
    assert (chain.low, chain.settled.finished) == (15, {20})
    assert chain_from(chain.to_text()) == chain


def test_a_mark_that_was_moved_over_a_gap_does_not_cut_the_chain() -> None:
    chain = Chain(7)
    chain.finish(6, 9)
    chain.finish(9, 10)
    assert chain.low == 10


def test_state_of_jobs_before_is_read() -> None:
    assert chain_from("[5, [[6, 9]]]") == Chain(5, {6: 9})


def test_a_partitions_name_is_taken_apart() -> None:
    assert partition_of("a/b/3") == ("a/b", 3, Incarnation())
    assert partition_of("a.b/3#2.some-id") == ("a.b", 3, Incarnation(2, "some-id"))
