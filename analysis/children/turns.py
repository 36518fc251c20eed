"""Whose question is next, among those that wait for a child."""

from __future__ import annotations

import heapq
import itertools
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_REMEMBERED = 4096
"""Documents whose service is known; who has not asked for so long starts anew."""
_FIRST_PAGES = 4
"""Documents of more stand one step back from the start."""
_FIRST_SECONDS = 60.0
"""Of service, then a document steps back however few its pages: ordinary ones are finished by then.

A bound that many documents pass shortly before their end would hold them all up.
"""
_FACTOR = 4
_PATIENCE_SECONDS = 60.0
"""Waiting so long makes up for one step back."""
_PAUSE_SECONDS = 0.1
"""How long a document keeps its turn between two questions; the runner takes some milliseconds from one to the next."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A bound on how many questions of one kind are worked on at a time."""

    name: str
    limit: int


@dataclass(eq=False, slots=True)
class Ticket:
    """One caller that waits."""

    document: str
    turn: Turn | None
    since: float


@dataclass(slots=True)
class _Served:
    arrived: int
    pages: int = 1
    seconds: float = 0.0
    children: int = 0
    pauses_until: float = 0.0


class Turns:
    """An order in which documents finish one after the other, and a long one does not hold up the short ones.

    First by length, in few and growing steps: of pages, and of service so far (a multi-level feedback queue). Long
    waiting makes up for it.
    Then, of the longer ones, whoever has fewer children at work. Then first come, first served, so that a burst is not
    worked on all over at once: without a pause in which its turn is kept, a document would lose it with each answer,
    two would be worked on by each child, and their results come together. Not thread-safe.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._arrivals = itertools.count()
        self._waiting: list[Ticket] = []
        self._served: OrderedDict[str, _Served] = OrderedDict()
        self._pausing: set[str] = set()
        self._running: Counter[str] = Counter()

    def join(self, document: str, turn: Turn | None = None, pages: int = 1) -> Ticket:
        """Wait for a child, on behalf of a document of so many pages."""
        served = self._of(document)
        served.pages = max(served.pages, pages)
        self._pausing.discard(document)
        ticket = Ticket(document, turn, self._now())
        self._waiting.append(ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Wait no longer."""
        self._waiting.remove(ticket)

    def next(self, idle: int = 1) -> Ticket | None:
        """Who gets one of so many idle children; None where nobody may, or those are kept for documents that pause."""
        now = self._now()
        self._pausing = {each for each in self._pausing if self._of(each).pauses_until > now}
        kept = [Ticket(document, None, now) for document in self._pausing]
        allowed = [each for each in self._waiting if each.turn is None or self._has_room(each.turn)]
        first = heapq.nsmallest(idle, [*allowed, *kept], key=self._place)
        return next((each for each in first if each not in kept), None)

    def pause(self) -> float | None:
        """Seconds until a turn that is kept is lost; None where none is."""
        ends = [self._of(document).pauses_until for document in self._pausing]
        return max(0.0, min(ends) - self._now()) if ends else None

    def begin(self, ticket: Ticket) -> None:
        """The ticket has got a child."""
        self._waiting.remove(ticket)
        self._of(ticket.document).children += 1
        if ticket.turn is not None:
            self._running[ticket.turn.name] += 1

    def end(self, ticket: Ticket, seconds: float, *, goes_on: bool = False) -> None:
        """It has given the child back after so much service; `goes_on` if it will ask again at once."""
        served = self._of(ticket.document)
        served.children = max(0, served.children - 1)
        served.seconds += seconds
        if ticket.turn is not None:
            self._running[ticket.turn.name] -= 1
        if goes_on and not served.children:
            served.pauses_until = self._now() + _PAUSE_SECONDS
            self._pausing.add(ticket.document)

    def _has_room(self, turn: Turn) -> bool:
        return self._running[turn.name] < turn.limit

    def _place(self, ticket: Ticket) -> tuple[int, int, int]:
        served = self._of(ticket.document)
        forgiven = int((self._now() - ticket.since) / _PATIENCE_SECONDS)
        level = max(_level(served.seconds, _FIRST_SECONDS), _level(served.pages - 1, _FIRST_PAGES))
        step = max(0, level - forgiven)
        return step, served.children if step else 0, served.arrived

    def _of(self, document: str) -> _Served:
        served = self._served.get(document)
        if served is None:
            served = self._served[document] = _Served(next(self._arrivals))
            self._forget()
        self._served.move_to_end(document)
        return served

    def _forget(self) -> None:
        while len(self._served) > _REMEMBERED:
            self._served.popitem(last=False)


def _level(length: float, bound: float) -> int:
    level = 0
    while length >= bound:
        level, bound = level + 1, bound * _FACTOR
    return level
