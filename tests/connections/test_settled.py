"""What a commit says beside its offset comes back as it was and fits where Kafka keeps it; others' is not trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.settled import Settled, settled


@given(st.integers(0, 2**40), st.sets(st.integers(0, 3000), max_size=400))
def test_finished_work_is_told_and_read_back(offset: int, above: set[int]) -> None:
    told = Settled(offset, frozenset(offset + number for number in above), "job-1", "topic-1")
    read = settled(offset, told.metadata())
    assert read.finished <= told.finished
    assert (read.offset, read.job, read.topic_id) == (offset, "job-1", "topic-1")
    assert len(told.metadata().encode()) < 4096, "the default of the broker's offset.metadata.max.bytes"
    if len(told.metadata()) < 3400:
        assert read == told


def test_a_long_list_is_cut_at_its_far_end() -> None:
    told = Settled(0, frozenset(range(1, 40_000, 2)))
    read = settled(0, told.metadata())
    assert read.finished == frozenset(range(1, max(read.finished) + 1, 2))
    assert len(read.finished) > 500


@given(st.one_of(st.none(), st.text(max_size=200), st.text(max_size=80).map(lambda text: f"docbeam1;j;t;0;{text}")))
def test_metadata_of_others_is_not_believed(metadata: str | None) -> None:
    read = settled(7, metadata)
    assert read.offset == 7
    assert all(offset >= 7 for offset in read.finished)
    assert len(read.finished) <= 100_000


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 18, "9" * 5000])
def test_a_range_beyond_counting_is_not_believed(number: str) -> None:
    assert settled(7, f"docbeam1;j;t;0;0-{number}") == Settled(7)


def test_ranges_that_only_together_are_too_many_are_not_believed() -> None:
    ranges = ",".join(f"{million}000000-{million}999999" for million in range(1, 200))
    assert settled(7, f"docbeam1;j;t;0;{ranges}") == Settled(7)
