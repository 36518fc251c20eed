"""Group commit: what arrives while a request is on its way goes together in the next one.

A lone item leaves at once; under load requests grow instead of queues.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")
A = TypeVar("A")


class Grouping(Generic[T, A]):
    """Hands groups of items to `send`, each on a thread of its own, and gives every item its own answer.

    `send` returns one answer for each item, in their order; what it raises is raised by every future of the group.
    At most `at_once` groups are on their way, so that a slow one does not hold up the rest; each has at most
    `max_items` and, unless a single item is larger, `max_size`.
    """

    def __init__(
        self,
        send: Callable[[Sequence[T]], Sequence[A]],
        size: Callable[[T], int],
        *,
        max_items: int,
        max_size: int,
        at_once: int,
    ) -> None:
        self._send = send
        self._size = size
        self._max_items = max_items
        self._max_size = max_size
        self._at_once = at_once
        self._waiting: deque[tuple[T, Future[A]]] = deque()
        self._running = 0
        self._lock = threading.Lock()

    def submit(self, item: T) -> Future[A]:
        """The answer for `item`, once it is there."""
        future: Future[A] = Future()
        with self._lock:
            self._waiting.append((item, future))
            if self._running >= self._at_once:
                return future
            self._running += 1
        run_aside(self._until_none_waits)
        return future

    def _until_none_waits(self) -> None:
        while True:
            with self._lock:
                group = self._take()
                if not group:
                    self._running -= 1
                    return
            try:
                for (_, future), answer in zip(group, self._send([item for item, _ in group]), strict=True):
                    future.set_result(answer)
            except BaseException as error:
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)

    def _take(self) -> list[tuple[T, Future[A]]]:
        group: list[tuple[T, Future[A]]] = []
        size = 0
        while self._waiting and len(group) < self._max_items:
            size += self._size(self._waiting[0][0])
            if group and size > self._max_size:
                break
            group.append(self._waiting.popleft())
        return group


def run_aside(work: Callable[[], object]) -> None:
    """Run on a thread that does not keep the process from ending; here and now if there can be none."""
    try:
        threading.Thread(target=work, daemon=True).start()
    except RuntimeError:
        work()
