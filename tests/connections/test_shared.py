"""A shared client is made once, and closed by the last who lets it go; whoever waits for a service is woken."""

from __future__ import annotations

import threading

from connections.next_success import NextSuccess
from connections.shared import Shared


def test_one_value_for_each_key_until_nobody_holds_it() -> None:
    made: list[str] = []
    closed: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return f"{key}{len(made)}"

    shared: Shared[str, str] = Shared(make, closed.append)
    assert [shared.acquire("a"), shared.acquire("a"), shared.acquire("b"), shared.acquire("a")] == [
        "a1",
        "a1",
        "b2",
        "a1",
    ]
    shared.release("a")
    shared.release("a")
    assert closed == []
    shared.release("b")
    assert closed == ["b2"]
    shared.release("a")
    assert closed == ["b2", "a1"]
    assert shared.acquire("a") == "a3", "closed, so made anew"


def test_who_waits_for_a_success_is_woken_by_one_of_anybody() -> None:
    taken = NextSuccess()
    waiting = threading.Event()

    def tell() -> None:
        waiting.wait(30)
        taken.tell()

    threading.Thread(target=tell, daemon=True).start()
    waiting.set()
    assert taken.within(600.0)


def test_a_success_before_the_wait_wakes_nobody() -> None:
    taken = NextSuccess()
    taken.tell()
    assert not taken.within(0.6)


def test_what_fails_does_not_ask_as_fast_as_others_pass() -> None:
    taken, ending = NextSuccess(), threading.Event()

    def keep_telling() -> None:
        while not ending.wait(0.001):
            taken.tell()

    threading.Thread(target=keep_telling, daemon=True).start()
    slept: list[bool] = []
    done = threading.Event()

    def wait() -> None:
        slept.append(taken.within(600.0))
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    assert not done.wait(0.3), "not before half a second"
    assert done.wait(60)
    ending.set()
    assert slept == [True]
