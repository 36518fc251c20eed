"""What arrives while a request is on its way goes together in the next one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from connections.grouping import Grouping


class Recorder:
    """Holds the first group until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.entered = threading.Event()
        self.go = threading.Event()

    def send(self, items: Sequence[int]) -> list[str]:
        self.groups.append(list(items))
        if len(self.groups) == 1:
            self.entered.set()
            assert self.go.wait(30)
        return [str(item) for item in items]


def test_a_lone_item_leaves_at_once_and_the_next_ones_together() -> None:
    told = Recorder()
    grouping = Grouping(told.send, lambda item: 1, max_items=3, max_size=100, at_once=1)
    futures = [grouping.submit(0)]
    assert told.entered.wait(30)
    futures += [grouping.submit(item) for item in range(1, 6)]
    told.go.set()
    assert [future.result(30) for future in futures] == ["0", "1", "2", "3", "4", "5"]
    assert told.groups == [[0], [1, 2, 3], [4, 5]]


def test_groups_end_at_their_size_and_a_larger_item_goes_alone() -> None:
    told = Recorder()
    grouping = Grouping(told.send, lambda item: item, max_items=9, max_size=10, at_once=1)
    futures = [grouping.submit(1)]
    assert told.entered.wait(30)
    futures += [grouping.submit(item) for item in (5, 5, 1, 99, 2)]
    told.go.set()
    for future in futures:
        future.result(30)
    assert told.groups == [[1], [5, 5], [1], [99], [2]]


def test_a_group_that_does_not_come_back_holds_up_nobody_else() -> None:
    told = Recorder()
    grouping = Grouping(told.send, lambda item: 1, max_items=3, max_size=100, at_once=2)
    held = grouping.submit(0)
    assert told.entered.wait(30)
    assert [grouping.submit(item).result(30) for item in range(1, 4)] == ["1", "2", "3"]
    assert not held.done()
    told.go.set()
    assert held.result(30) == "0"


def test_no_more_groups_are_on_their_way_than_may_be() -> None:
    running: list[int] = []
    most: list[int] = []
    two, go = threading.Barrier(3), threading.Event()

    def send(items: Sequence[int]) -> list[int]:
        running.append(1)
        most.append(len(running))
        if len(most) <= 2:
            two.wait(30)
        assert go.wait(30)
        running.pop()
        return list(items)

    grouping = Grouping(send, lambda item: 1, max_items=1, max_size=100, at_once=2)
    for _ in range(2):
        most.clear()
        go.clear()
        futures = [grouping.submit(item) for item in range(6)]
        two.wait(30)
        futures += [grouping.submit(item) for item in range(6, 9)]
        go.set()
        assert [future.result(30) for future in futures] == list(range(9))
        assert max(most) == 2


@pytest.mark.parametrize("broken", [ValueError, SystemExit])
def test_what_a_request_raises_reaches_each_of_its_items_and_the_next_ones_go_on(broken: type[BaseException]) -> None:
    def send(items: Sequence[int]) -> list[int]:
        if 0 in items:
            raise broken("no")
        return list(items)

    grouping = Grouping(send, lambda item: 1, max_items=3, max_size=100, at_once=1)
    assert isinstance(grouping.submit(0).exception(30), broken)
    assert grouping.submit(1).result(30) == 1


def test_too_few_answers_reach_nobody_else() -> None:
    grouping: Grouping[int, int] = Grouping(lambda items: [], lambda item: 1, max_items=3, max_size=100, at_once=1)
    assert isinstance(grouping.submit(0).exception(30), ValueError)


def test_thousands_from_many_threads_each_get_their_own_answer() -> None:
    largest: list[int] = []

    def send(items: Sequence[int]) -> list[int]:
        largest.append(len(items))
        return [-item for item in items]

    grouping = Grouping(send, lambda item: 1, max_items=20, max_size=1000, at_once=4)
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda item: grouping.submit(item).result(60), range(5000)))
    assert answers == [-item for item in range(5000)]
    assert max(largest) <= 20
