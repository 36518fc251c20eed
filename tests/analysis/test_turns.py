"""Whose question is next: documents finish one after the other, and nobody waits behind a long one for ever."""

from __future__ import annotations

import threading
import time

import pytest

from analysis.children.lending import Lending
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


def test_a_long_document_with_a_child_at_work_lets_one_without_go_first() -> None:
    turns = Turns(Clock())
    turns.join("wide", pages=24)
    at_work = turns.next()
    assert at_work is not None
    turns.begin(at_work)
    turns.join("wide", pages=24)
    turns.join("narrow", pages=24)
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


def test_a_document_keeps_its_turn_for_a_moment_between_two_questions() -> None:
    clock = Clock()
    turns = Turns(clock)
    for document in ("first", "second", "third"):
        turns.join(document)
    first = turns.next()
    assert first is not None
    turns.begin(first)
    turns.end(first, 1.0, goes_on=True)
    assert turns.next() is None
    assert turns.pause() == pytest.approx(0.1)
    # Another child that is idle as well is not kept.
    second = turns.next(2)
    assert second is not None
    assert second.document == "second"
    turns.join("first")
    assert next_document(turns) == "first"
    assert turns.pause() is None


def test_no_turn_is_kept_while_another_child_is_at_work_for_the_document() -> None:
    turns = Turns(Clock())
    both = [turns.join("first"), turns.join("first")]
    turns.join("second")
    for ticket in both:
        assert turns.next() is ticket
        turns.begin(ticket)
    turns.end(both[0], 1.0, goes_on=True)
    assert next_document(turns) == "second"
    turns.end(both[1], 1.0, goes_on=True)
    assert turns.next() is None


def test_a_turn_that_is_not_taken_up_is_lost() -> None:
    clock = Clock()
    turns = Turns(clock)
    for document in ("first", "second"):
        turns.join(document)
    first = turns.next()
    assert first is not None
    turns.begin(first)
    turns.end(first, 1.0, goes_on=True)
    clock.seconds = 0.11
    assert next_document(turns) == "second"
    assert turns.pause() is None


def test_no_turn_is_kept_from_documents_that_come_before_it_anyway() -> None:
    turns = Turns(Clock())
    turns.join("long", pages=24)
    turns.join("short")
    short = turns.next()
    assert short is not None
    turns.begin(short)
    long = turns.next()
    assert long is not None
    turns.begin(long)
    turns.join("other")
    turns.end(long, 1.0, goes_on=True)
    assert next_document(turns) == "other"


def lent(lending: Lending, order: list[str], document: str, seconds: float = 0.0) -> threading.Thread:
    """A thread that waits for a slot on behalf of the document."""

    def borrow() -> None:
        with lending.lend(document, document) as loan:
            assert loan is not None
            order.append(document)
            loan.seconds = seconds

    thread = threading.Thread(target=borrow)
    known = lending.waiting()
    thread.start()
    while lending.waiting() == known:
        time.sleep(0.01)
    return thread


def test_slots_are_lent_in_this_order() -> None:
    lending = Lending(1, lambda slot: False)
    order: list[str] = []
    with lending.lend("long", "long") as loan:
        assert loan is not None
        loan.seconds = 100.0
    with lending.lend("holder", "holder"):
        threads = [lent(lending, order, document) for document in ("long", "short", "shorter")]
    for thread in threads:
        thread.join(20)
    assert order == ["short", "shorter", "long"]


def test_who_goes_on_at_once_keeps_its_slot_from_those_that_wait_and_they_get_it_afterwards() -> None:
    lending = Lending(1, lambda slot: False)
    order: list[str] = []
    with lending.lend("first", "first", goes_on=True):
        waits = lent(lending, order, "second")
    with lending.lend("first", "first", goes_on=True):
        order.append("first")
    waits.join(20)
    assert order == ["first", "second"]


def test_nothing_is_lent_once_closed_and_who_waits_is_told() -> None:
    lending = Lending(1, lambda slot: False)
    told: list[object] = []

    def borrow() -> None:
        with lending.lend("waits", "waits") as loan:
            told.append(loan)

    thread = threading.Thread(target=borrow)
    with lending.lend("holder", "holder"):
        thread.start()
        while not lending.waiting():
            time.sleep(0.01)
        assert lending.close() == set()
        thread.join(20)
    with lending.lend("late", "late") as late:
        told.append(late)
    assert told == [None, None]


def test_a_slot_that_has_started_is_lent_before_one_that_has_not_and_documents_come_back_to_theirs() -> None:
    lending = Lending(3, lambda slot: slot == 1)
    with lending.lend("a", "a") as first, lending.lend("b", "b") as second:
        assert first is not None
        assert second is not None
        assert first.slot == 1
        theirs = second.slot
    with lending.lend("b", "b") as again:
        assert again is not None
        assert again.slot == theirs
