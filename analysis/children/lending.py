"""Which caller gets which of a few numbered things, one at a time, in the order that `Turns` says."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from analysis.children.turns import Ticket, Turn, Turns

_REMEMBERED_DOCUMENTS = 256


@dataclass(slots=True)
class Loan:
    """A slot in the hands of one caller, or on its way there."""

    document: str
    slot: int = -1
    seconds: float = 0.0
    """Of service; the caller says it."""
    settled: threading.Event = field(default_factory=threading.Event)
    """Set when the slot is there, or nothing is lent any more."""


class Lending:
    """Slots from 0 on. A document prefers the one it had last, but never waits for it while another is idle.

    Thread-safe: whoever changes what is idle or who waits deals before it lets go of the lock.
    """

    def __init__(self, size: int, has_started: Callable[[int], bool]) -> None:
        """`has_started` says which slots cost nothing to begin with."""
        self._has_started = has_started
        self._lock = threading.Lock()
        self._turns = Turns()
        self._idle = list(range(size))
        self._waiting: dict[Ticket, Loan] = {}
        self._last_used: OrderedDict[str, int] = OrderedDict()
        self._later: threading.Timer | None = None
        self._closed = False

    @contextmanager
    def lend_idle(self, document: str, claimant: str) -> Iterator[Loan | None]:
        """A slot that nobody waits for and no turn is kept for; None where there is none now."""
        loan = Loan(document)
        with self._lock:
            ticket = self._turns.join(claimant)
            self._waiting[ticket] = loan
            self._deal()
            if loan.slot < 0:
                del self._waiting[ticket]
                self._turns.leave(ticket)
        if loan.slot < 0:
            yield None
            return
        try:
            yield loan
        finally:
            with self._lock:
                self._take_back(ticket, loan, goes_on=False)

    @contextmanager
    def lend(
        self, document: str, claimant: str, turn: Turn | None = None, pages: int = 1, *, goes_on: bool = False
    ) -> Iterator[Loan | None]:
        """A slot for as long as the context lasts; None once closed. Arguments as for `ChildPool.ask`."""
        loan = Loan(document)
        with self._lock:
            ticket = self._turns.join(claimant, turn, pages)
            self._waiting[ticket] = loan
            if self._closed:
                loan.settled.set()
            self._deal()
        try:
            loan.settled.wait()
            yield loan if loan.slot >= 0 else None
        finally:
            with self._lock:
                self._take_back(ticket, loan, goes_on=goes_on)

    def close(self) -> set[int]:
        """Lend nothing more; the slots that are idle."""
        with self._lock:
            self._closed = True
            for loan in self._waiting.values():
                loan.settled.set()
            if self._later is not None:
                self._later.cancel()
            return set(self._idle)

    def waiting(self) -> int:
        """How many callers wait."""
        with self._lock:
            return len(self._waiting)

    def _take_back(self, ticket: Ticket, loan: Loan, *, goes_on: bool) -> None:
        if self._waiting.pop(ticket, None) is not None:
            self._turns.leave(ticket)
        else:
            self._idle.append(loan.slot)
            self._turns.end(ticket, loan.seconds, goes_on=goes_on)
        self._deal()

    def _deal(self) -> None:
        """Give what is idle to those whose turn it is; once more when a turn that is kept is lost."""
        while self._idle and not self._closed and (ticket := self._turns.next(len(self._idle))) is not None:
            self._turns.begin(ticket)
            loan = self._waiting.pop(ticket)
            loan.slot = self._slot_for(loan.document)
            loan.settled.set()
        pause = self._turns.pause()
        if self._idle and self._waiting and pause is not None and self._later is None and not self._closed:
            self._later = threading.Timer(pause, self._deal_later)
            self._later.daemon = True
            self._later.start()

    def _deal_later(self) -> None:
        with self._lock:
            self._later = None
            self._deal()

    def _slot_for(self, document: str) -> int:
        preferred = self._last_used.get(document, -1)
        slot = preferred if preferred in self._idle else max(self._idle, key=self._has_started)
        self._idle.remove(slot)
        if document:
            self._last_used[document] = slot
            self._last_used.move_to_end(document)
            while len(self._last_used) > _REMEMBERED_DOCUMENTS:
                self._last_used.popitem(last=False)
        return slot
