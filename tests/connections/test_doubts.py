"""A refusal is believed when it came often enough over long enough; what is not repeated is forgotten."""

from __future__ import annotations

import pytest

from connections import doubts
from connections.doubts import Doubts


class Clock:
    """Time as the test says."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(doubts.time, "monotonic", made)
    return made


def test_it_takes_both_the_times_and_the_seconds(clock: Clock) -> None:
    found = Doubts()
    assert [found.refused("often", 3, 10.0) for _ in range(5)] == [False] * 5
    assert not found.refused("long", 3, 10.0)
    clock.seconds += 10
    assert not found.refused("long", 3, 10.0)
    assert found.refused("long", 3, 10.0)
    assert found.refused("often", 3, 10.0)


def test_each_is_counted_for_itself_and_forgotten_when_told(clock: Clock) -> None:
    found = Doubts()
    assert not found.refused("a", 2, 0.0)
    assert not found.refused("b", 2, 0.0)
    found.forget("a")
    found.forget("unknown")
    assert not found.refused("a", 2, 0.0)
    assert found.refused("b", 2, 0.0)


def test_a_refusal_that_is_not_repeated_for_a_minute_counts_no_more(clock: Clock) -> None:
    found = Doubts()
    found.refused("a", 2, 0.0)
    clock.seconds += 60
    assert found.refused("a", 2, 0.0)
    clock.seconds += 60.5
    assert not found.refused("a", 2, 0.0)
    clock.seconds += 1
    assert not found.refused("a", 2, 30.0), "the time is counted anew as well"


def test_only_so_many_are_remembered_those_refused_last(clock: Clock) -> None:
    found = Doubts(limit=2)
    for key in ("a", "b", "a", "c"):
        found.refused(key, 3, 0.0)
    assert found.refused("a", 3, 0.0)
    assert not found.refused("b", 2, 0.0), "forgotten for c"
