"""The few child processes of a worker process, lent to one caller at a time."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.children.lending import Lending, Loan
from analysis.children.limits import ChildDied, Limits, PoolClosed, Reason
from analysis.children.process import ChildProcess
from analysis.children.protocol import Message, Stage
from analysis.children.scratch import Scratch
from analysis.children.spawner import Spawner
from analysis.children.tree import adopt_orphans
from analysis.children.turns import Turn
from connections.retry import Pauses

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


class ChildPool:
    """Starts children when they are first needed, replaces those that die, ends them with the process.

    `Lending` says whose question is next, and which child answers it. Thread-safe.
    """

    def __init__(self, size: int, memory_mb: int, environment: Mapping[str, str] | None = None) -> None:
        self.size = size
        self._environment = environment or {}
        self._memory_mb = memory_mb
        self._lock = threading.Lock()
        self._children: list[ChildProcess | None] = [None] * size
        self._lending = Lending(size, lambda slot: self._children[slot] is not None)
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
        goes_on: bool = False,
    ) -> Message:
        """The answer of some child, in the shape `read_answer` says, with `seconds`: what it took of the child's time.

        `document` is what the child may still have in memory, `claimant` whose turn it is (a delivery's key), of so
        many `pages`; `goes_on` if it will ask again at once.
        A child lost to a cause outside is replaced and the question asked again. A question about a single thing is
        `decisive`: what it does to one child counts only when it does it to a fresh one too.
        Raises ChildDied; PoolClosed when the pool is closed, or while it is asked.
        """
        with self._lending.lend(document, claimant or document, turn, pages, goes_on=goes_on) as loan:
            if loan is None:
                raise PoolClosed
            return self._tried(loan, operation, arguments, limits, _Tries(decisive))

    def ask_idle(
        self, operation: str, arguments: Message, limits: Limits, document: str = "", *, claimant: str = ""
    ) -> Message | None:
        """As `ask`, by a child that has nothing to do now; None where there is none."""
        with self._lending.lend_idle(document, claimant or document) as loan:
            return None if loan is None else self._tried(loan, operation, arguments, limits, _Tries(decisive=True))

    def _tried(self, loan: Loan, operation: str, arguments: Message, limits: Limits, tries: _Tries) -> Message:
        while True:
            try:
                return self._ask(loan, operation, arguments, limits, last=tries.inside > 0)
            except ChildDied as died:
                if self._closed:
                    raise PoolClosed from None
                if not tries.again(died):
                    raise

    def _ask(self, loan: Loan, operation: str, arguments: Message, limits: Limits, *, last: bool) -> Message:
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
        with self._lock:
            if self._closed:
                return
            self._closed = True
        idle = self._lending.close()
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
        with self._lock:
            self._children[slot] = child
            closed = self._closed
        if closed:
            child.end()
        return child

    def _drop(self, loan: Loan, child: ChildProcess | None) -> None:
        self._children[loan.slot] = None
        if child is not None:
            loan.seconds += child.spent_seconds
            child.kill()
