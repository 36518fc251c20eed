"""The source's tracker: endless, checkpointed but never split."""

from __future__ import annotations

import sys

from apache_beam.io.restriction_trackers import OffsetRange

from transforms.read_requests import EndlessTracker


def test_a_checkpoint_keeps_what_was_claimed_and_gives_up_the_rest() -> None:
    tracker = EndlessTracker(OffsetRange(10, sys.maxsize))
    assert not tracker.is_bounded()
    assert tracker.try_claim(10)
    assert tracker.try_claim(17), "offsets have gaps"
    done, rest = tracker.try_split(0) or (None, None)
    assert (done, rest) == (OffsetRange(10, 18), OffsetRange(18, sys.maxsize))
    assert not tracker.try_claim(18)


def test_an_idle_partition_gives_up_everything() -> None:
    tracker = EndlessTracker(OffsetRange(10, sys.maxsize))
    assert tracker.try_split(0) == (OffsetRange(10, 10), OffsetRange(10, sys.maxsize))
    tracker.check_done()


def test_a_partition_is_not_read_in_two_places() -> None:
    tracker = EndlessTracker(OffsetRange(10, sys.maxsize))
    assert tracker.try_claim(10)
    assert tracker.try_split(0.5) is None
