"""The few child processes of a worker process, lent to one caller at a time."""

from __future__ import annotations

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from analysis.children.limits import ChildDied, Limits, Reason
from analysis.children.process import ChildProcess
from analysis.children.protocol import Message, Stage
from analysis.children.scratch import Scratch
from analysis.children.spawner import Spawner
from analysis.children.tree import adopt_orphans
from analysis.children.turns import Turn, Turns
from connections.retry import Pauses

_REMEMBERED_DOCUMENTS = 256
_RECYCLE_SHARE = 0.7
"""Of the memory limit: a child found that large between questions is replaced before it has to be killed."""
_TRIES = 3
"""Children that may be lost to causes outside before a question is given up."""


@dataclass(slots=True)
class _Tries:
    """How often a question has been lost, and to what."""

    decisive: bool
    outside: int = 0
    inside: int = 0
    pauses: Pauses = field(default_factory=lambda: Pauses(0.2, 2.0))

    def again(self, died: ChildDied) -> bool:
        """Whether the question is asked once more, in a fresh child; waits where that could help."""
        if died.reason is Reason.KILLED or died.stage is Stage.START:
            self.outside += 1
            if self.outside < _TRIES:
                time.sleep(self.pauses.next())
            return self.outside < _TRIES
        self.inside += 1
        return self.inside < 2 and not died.reason.outside and (self.decisive or died.stage is Stage.LOAD)


@dataclass(slots=True)
class _Loan:
    """A child in the hands of one caller."""

    slot: int
    seconds: float = 0.0
    """Of the child's own time."""


class ChildPool:
    """Starts children when they are first needed, replaces those that die, ends them with the process.

    `Turns` says whose question is next. Questions about one document prefer the child that has its pages in memory,
    but never wait for it while another is idle. Thread-safe.
    """

    def __init__(self, size: int, memory_mb: int, environment: Mapping[str, str] | None = None) -> None:
        self.size = size
        self._environment = environment or {}
        self._memory_mb = memory_mb
        self._changed = threading.Condition()
        self._turns = Turns()
        self._idle: list[int] = list(range(size))
        self._children: list[ChildProcess | None] = [None] * size
        self._last_used: OrderedDict[str, int] = OrderedDict()
        self._spawner = Spawner()
        self._scratch = Scratch()
        self._closed = False
        adopt_orphans()
        atexit.register(self.close)

    def ask(
        self,
        operation: str,
        arguments: Message,
        limits: Limits,
        document: str = "",
        *,
        claimant: str = "",
        pages: int = 1,
        turn: Turn | None = None,
        decisive: bool = True,
    ) -> Message:
        """The answer of some child, in the shape `read_answer` says, with `seconds`: what it took of the child's time.

        `document` is what the child may still have in memory, `claimant` whose turn it is (a delivery's key), of so
        many `pages`.
        A child lost to a cause outside is replaced and the question asked again. A question about a single thing is
        `decisive`: what it does to one child counts only when it does it to a fresh one too.
        Raises ChildDied, and nothing else.
        """
        tries = _Tries(decisive)
        with self._lend(document, claimant or document, turn, pages) as loan:
            while True:
                try:
                    return self._ask(loan, operation, arguments, limits, last=tries.inside > 0)
                except ChildDied as died:
                    if self._closed:
                        raise _closed() from None
                    if not tries.again(died):
                        raise

    def _ask(self, loan: _Loan, operation: str, arguments: Message, limits: Limits, *, last: bool) -> Message:
        child = self._children[loan.slot]
        try:
            if child is None:
                child = self._start(loan.slot)
            answer = child.ask(operation, arguments, limits)
        except ChildDied:
            self._drop(loan, child)
            raise
        except Exception as error:
            # A defect of ours; the pipe is in an unknown place.
            self._drop(loan, child)
            raise ChildDied(Reason.CRASH, Stage.START, None, f"asking it raised {type(error).__name__}") from None
        loan.seconds += child.spent_seconds
        if answer.get("exhausted") and not last:
            self._drop(loan, child)
            raise ChildDied(Reason.CRASH, Stage.LOAD, None, f"it ran out of means: {answer.get('raised')}")
        if child.rss_bytes > self._memory_mb * 1024**2 * _RECYCLE_SHARE:
            self._drop(loan, child)
        return {**answer, "seconds": child.spent_seconds}

    def pids(self) -> list[int]:
        """Of the children that run now."""
        return [child.pid for child in self._children if child is not None]

    def close(self) -> None:
        """End all children and what they started; harmless when called twice."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            idle = set(self._idle)
            self._changed.notify_all()
        self._spawner.close()
        for slot, child in enumerate(self._children):
            if child is not None and slot in idle:
                child.kill()
                self._children[slot] = None
            elif child is not None:
                # Whoever has borrowed it closes its pipes; a descriptor closed here could be another's already.
                child.end()
        self._scratch.close()
        atexit.unregister(self.close)

    def _start(self, slot: int) -> ChildProcess:
        added = {**self._environment, "TMPDIR": str(self._scratch.folder())}
        child = ChildProcess(self._memory_mb, self._spawner.run, added)
        with self._changed:
            self._children[slot] = child
            closed = self._closed
        if closed:
            child.end()
        return child

    def _drop(self, loan: _Loan, child: ChildProcess | None) -> None:
        self._children[loan.slot] = None
        if child is not None:
            loan.seconds += child.spent_seconds
            child.kill()

    @contextmanager
    def _lend(self, document: str, claimant: str, turn: Turn | None, pages: int = 1) -> Iterator[_Loan]:
        with self._changed:
            ticket = self._turns.join(claimant, turn, pages)
            while not self._closed and not (self._idle and self._turns.next() is ticket):
                self._changed.wait()
            if self._closed:
                self._turns.leave(ticket)
                raise _closed()
            self._turns.begin(ticket)
            loan = _Loan(self._slot_for(document))
            # Another child may be idle for the next in turn.
            self._changed.notify_all()
        try:
            yield loan
        finally:
            with self._changed:
                self._idle.append(loan.slot)
                self._turns.end(ticket, loan.seconds)
                self._changed.notify_all()

    def _slot_for(self, document: str) -> int:
        preferred = self._last_used.get(document, -1)
        # One that has started before one that has not.
        slot = preferred if preferred in self._idle else min(self._idle, key=lambda each: self._children[each] is None)
        self._idle.remove(slot)
        if document:
            self._last_used[document] = slot
            self._last_used.move_to_end(document)
            while len(self._last_used) > _REMEMBERED_DOCUMENTS:
                self._last_used.popitem(last=False)
        return slot


def _closed() -> ChildDied:
    return ChildDied(Reason.CLOSED, Stage.START, None, "the child pool is closed")
