"""The few child processes of a worker process, lent to one caller at a time."""

from __future__ import annotations

import atexit
import queue
import subprocess
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager

from analysis.children.process import ChildDied, ChildProcess, Limits, Start
from analysis.children.protocol import Message, Stage

_REMEMBERED_DOCUMENTS = 256
_RECYCLE_SHARE = 0.7
"""Of the memory limit: a child found that large between questions is replaced before it has to be killed."""


class ChildPool:
    """Starts children when they are first needed, replaces those that die, ends them with the process.

    Questions about one document prefer the child that has its pages in memory, but never wait for it while
    another is idle. Thread-safe.
    """

    def __init__(self, size: int, memory_mb: int, environment: Mapping[str, str] | None = None) -> None:
        self.size = size
        self._environment = environment or {}
        self._memory_mb = memory_mb
        self._changed = threading.Condition()
        self._idle: list[int] = list(range(size))
        self._children: list[ChildProcess | None] = [None] * size
        self._last_used: OrderedDict[str, int] = OrderedDict()
        self._spawner = _Spawner()
        self._closed = False
        self.answered: Counter[str] = Counter()
        """Questions answered, by operation and, for `apply`, model; for progress."""
        atexit.register(self.close)

    def ask(self, operation: str, arguments: Message, limits: Limits, document: str = "") -> Message:
        """The answer of some child.

        Raises ChildDied when the child had to be killed or ended; the next question gets a fresh one.
        """
        try:
            return self._ask(operation, arguments, limits, document)
        except ChildDied as died:
            if died.stage is not Stage.START:
                raise
            # It died before it saw the question: of the last one, or by the hand of the kernel.
            return self._ask(operation, arguments, limits, document)

    def _ask(self, operation: str, arguments: Message, limits: Limits, document: str) -> Message:
        with self._lend(document) as slot:
            child = self._children[slot]
            if child is None:
                child = ChildProcess(self._memory_mb, self._spawner.run, self._environment)
                self._children[slot] = child
            try:
                answer = child.ask(operation, arguments, limits)
            except ChildDied:
                self._children[slot] = None
                raise
            except BaseException:
                # Anything else leaves the pipe in an unknown place.
                child.kill()
                self._children[slot] = None
                raise
            with self._changed:
                self.answered[str(arguments.get("model", operation))] += 1
            if child.rss_bytes > self._memory_mb * 1024**2 * _RECYCLE_SHARE:
                child.kill()
                self._children[slot] = None
            return answer

    def pids(self) -> list[int]:
        """Of the children that run now."""
        return [child.pid for child in self._children if child is not None]

    def close(self) -> None:
        """End all children; harmless when called twice."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        for slot, child in enumerate(self._children):
            if child is not None:
                child.kill()
                self._children[slot] = None
        self._spawner.close()
        atexit.unregister(self.close)

    @contextmanager
    def _lend(self, document: str) -> Iterator[int]:
        with self._changed:
            while not self._idle and not self._closed:
                self._changed.wait()
            if self._closed:
                raise RuntimeError("the child pool is closed")
            preferred = self._last_used.get(document, -1)
            slot = preferred if preferred in self._idle else self._started_first()
            self._idle.remove(slot)
            if document:
                self._last_used[document] = slot
                self._last_used.move_to_end(document)
                while len(self._last_used) > _REMEMBERED_DOCUMENTS:
                    self._last_used.popitem(last=False)
        try:
            yield slot
        finally:
            with self._changed:
                self._idle.append(slot)
                self._changed.notify()

    def _started_first(self) -> int:
        return min(self._idle, key=lambda slot: self._children[slot] is None)


class _Spawner:
    """Starts children from one thread that lives as long as the process.

    The kernel ends a child that asked for it (PR_SET_PDEATHSIG) when the *thread* that started it ends, and the
    threads of a Beam worker come and go.
    """

    def __init__(self) -> None:
        self._orders: queue.Queue[tuple[Start, Future[subprocess.Popen[bytes]]] | None]
        self._orders = queue.Queue()
        threading.Thread(target=self._serve, name="child spawner", daemon=True).start()

    def run(self, start: Start) -> subprocess.Popen[bytes]:
        done: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((start, done))
        return done.result()

    def close(self) -> None:
        self._orders.put(None)

    def _serve(self) -> None:
        while (order := self._orders.get()) is not None:
            start, done = order
            try:
                done.set_result(start())
            except BaseException as error:
                done.set_exception(error)
