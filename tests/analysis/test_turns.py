"""Whose question is next: documents finish one after the other, and nobody waits behind a long one for ever."""

from __future__ import annotations

import threading

from analysis.children.pool import ChildPool
from analysis.children.turns import Ticket, Turn, Turns


class Clock:
    """Time as the test says."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def next_document(turns: Turns) -> str:
    ticket = turns.next()
    assert ticket is not None
    return ticket.document


def work(turns: Turns, seconds: float) -> Ticket:
    ticket = turns.next()
    assert ticket is not None
    turns.begin(ticket)
    turns.end(ticket, seconds)
    return ticket


def test_a_burst_is_answered_one_document_after_the_other() -> None:
    turns = Turns(Clock())
    steps = {f"d{number}": 3 for number in range(10)}
    for document in steps:
        turns.join(document)
    finished = []
    while steps:
        document = work(turns, 1.0).document
        steps[document] -= 1
        if steps[document]:
            turns.join(document)
        else:
            finished.append(document)
            del steps[document]
        # Nobody else has begun before: at most one document is unfinished and begun.
        assert sum(0 < left < 3 for left in steps.values()) <= 1
    assert finished == [f"d{number}" for number in range(10)]


def test_a_document_that_has_had_much_lets_others_go_first() -> None:
    turns = Turns(Clock())
    turns.join("long")
    work(turns, 70.0)
    turns.join("long")
    turns.join("short")
    assert next_document(turns) == "short"


def test_a_document_of_many_pages_lets_short_ones_go_first() -> None:
    turns = Turns(Clock())
    turns.join("long", pages=24)
    turns.join("longer", pages=100)
    turns.join("short", pages=4)
    assert [work(turns, 1.0).document for _ in range(3)] == ["short", "long", "longer"]


def test_a_document_that_has_waited_long_is_not_passed_by_newer_ones_for_ever() -> None:
    clock = Clock()
    turns = Turns(clock)
    turns.join("long")
    work(turns, 70.0)
    turns.join("long")
    clock.seconds = 61.0
    turns.join("newer")
    assert next_document(turns) == "long"


def test_a_document_with_a_child_at_work_lets_one_without_go_first() -> None:
    turns = Turns(Clock())
    turns.join("wide")
    at_work = turns.next()
    assert at_work is not None
    turns.begin(at_work)
    turns.join("wide")
    turns.join("narrow")
    assert next_document(turns) == "narrow"
    turns.end(at_work, 1.0)
    assert next_document(turns) == "wide"


def test_a_bound_on_a_model_holds_back_its_questions_only() -> None:
    turns, once = Turns(Clock()), Turn("scarce", 1)
    for document in ("a", "b"):
        turns.join(document, once)
    turns.join("c", Turn("other", 1))
    first = turns.next()
    assert first is not None
    turns.begin(first)
    assert next_document(turns) == "c"
    work(turns, 1.0)
    assert turns.next() is None
    turns.end(first, 1.0)
    assert next_document(turns) == "b"


def test_who_goes_away_holds_nobody_up() -> None:
    turns = Turns(Clock())
    gone = turns.join("gone")
    turns.join("here")
    turns.leave(gone)
    assert next_document(turns) == "here"


def test_the_pool_lends_its_children_in_this_order() -> None:
    pool = ChildPool(1, 700)
    order: list[str] = []
    waiting = threading.Semaphore(0)

    def borrow(document: str) -> None:
        with pool._lend(document, document, None) as loan:
            order.append(document)
            loan.seconds = 100.0 if document == "long" else 0.0

    def started(document: str) -> threading.Thread:
        thread = threading.Thread(target=borrow, args=(document,))
        known = len(pool._turns._waiting)
        thread.start()
        while len(pool._turns._waiting) == known:
            waiting.acquire(timeout=0.01)
        return thread

    try:
        borrow("long")
        with pool._lend("holder", "holder", None):
            threads = [started("long"), started("short"), started("shorter")]
        for thread in threads:
            thread.join(20)
        assert order == ["long", "short", "shorter", "long"]
    finally:
        pool.close()
