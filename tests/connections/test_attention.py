"""How long one partition is waited for, and what ends the wait."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import connections.kafka.attention as module
from connections.kafka.attention import Attention

LONGEST = 4.0


@dataclass(eq=False)
class Partition:
    news: bool = False

    def has_news(self) -> bool:
        return self.news


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.asked: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def read(self, seconds: float) -> list[str]:
        self.asked.append(seconds)
        self.now += seconds
        return []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def quiet(clock: Clock) -> Attention:
    attention = Attention()
    clock.now += 31
    return attention


def called(attention: Attention, partition: Partition) -> None:
    with attention.on(partition):
        pass


def test_alone_and_quiet_it_is_one_long_wait(quiet: Attention, clock: Clock) -> None:
    mine = Partition(news=True)
    called(quiet, mine)
    with quiet.on(mine):
        assert quiet.waiting(clock.read, LONGEST) == []
    assert clock.asked == [LONGEST]


def test_it_is_short_while_records_come(quiet: Attention, clock: Clock) -> None:
    quiet.something_came()
    quiet.waiting(clock.read, LONGEST)
    assert clock.asked == [1.0]
    quiet.waiting(clock.read, 0.5)
    assert clock.asked == [1.0, 0.5]


def test_records_end_it(quiet: Attention) -> None:
    called(quiet, Partition())
    assert quiet.waiting(lambda seconds: ["record"], LONGEST) == ["record"]


def test_news_of_a_partition_that_nobody_reads_end_it(quiet: Attention, clock: Clock) -> None:
    other = Partition()
    called(quiet, other)
    quiet.waiting(clock.read, LONGEST)
    assert sum(clock.asked) == LONGEST
    clock.asked.clear()
    other.news = True
    quiet.waiting(clock.read, LONGEST)
    assert len(clock.asked) == 1
    assert clock.asked[0] < 1


def test_one_that_is_being_read_or_that_another_process_reads_does_not(quiet: Attention, clock: Clock) -> None:
    gone, read = Partition(news=True), Partition(news=True)
    called(quiet, gone)
    clock.now += 61
    with quiet.on(read):
        quiet.waiting(clock.read, LONGEST)
    assert clock.asked == [LONGEST]
