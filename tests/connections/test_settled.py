"""What a commit says beside its offset comes back as it was and fits where Kafka keeps it; others' is not trusted."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connections.settled import Incarnation, Settled, incarnation_from, settled


@given(st.integers(0, 2**40), st.sets(st.integers(0, 3000), max_size=400))
@example(7, {0})
@example(7, {0, 1, 5})
@example(7, set(range(1, 3000)))
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
    assert 3000 < len(told.metadata()) < 4096, "the default of the broker's offset.metadata.max.bytes"


def test_work_in_a_row_takes_little_room() -> None:
    told = Settled(7, frozenset({*range(9, 3000), *range(5000, 90_000)}), "job-1", "topic-1")
    assert settled(7, told.metadata()) == told


def test_when_it_was_committed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.9)
    assert settled(7, Settled(7).metadata()).at == 1_700_000_000
    assert settled(7, None).at == 0


@given(st.one_of(st.none(), st.text(max_size=200), st.text(max_size=80).map(lambda text: f"docbeam1;j;t;0;{text}")))
@example("docbeam1;j;t;0;1-3,-2")
@example("docbeam1;j;t;0;3-1")
@example("docbeam1;j;t;0;0-1000000")
@example("docbeam1;j;t;now;1")
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


@pytest.mark.parametrize(
    "metadata",
    ["docbeam1;j;t;0", "docbeam1;j;t;0;1;2", "docbeam2;j;t;0;1", "docbeam1;j;t;now;1", "docbeam1;j;t;0;-1", "x"],
)
def test_of_metadata_that_is_not_ours_only_the_offset_is_taken(metadata: str) -> None:
    assert settled(7, metadata) == Settled(7)


def test_a_list_of_more_offsets_than_a_source_reads_ahead_is_not_ours() -> None:
    assert len(settled(7, "docbeam1;j;t;0;0-99999").finished) == 100_000
    assert settled(7, "docbeam1;j;t;0;0-100000") == Settled(7)


def test_an_incarnation_is_read_back() -> None:
    for told in (Incarnation(), Incarnation(3, "some-id"), Incarnation(1)):
        assert incarnation_from(str(told)) == told
    assert str(Incarnation()) == "", "it stands in names, and most topics are never made anew"
