"""Map elements of a bundle on a few threads of the worker process.

Runners hand a backlog over as one bundle on one thread, while the work waits for the network or for a child
process; without this, one child would work and the others idle.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import apache_beam as beam
from apache_beam.utils.windowed_value import WindowedValue

from analysis.children.cpus import usable_cpus

_executors: dict[tuple[str, int], ThreadPoolExecutor] = {}
_lock = threading.Lock()


def _executor(name: str, threads: int) -> ThreadPoolExecutor:
    threads = threads or usable_cpus()
    with _lock:
        if (name, threads) not in _executors:
            _executors[name, threads] = ThreadPoolExecutor(threads, thread_name_prefix=name)
        return _executors[name, threads]


class MapConcurrently(beam.DoFn):
    """Yields what `work` returns for each element, in any order, all of it before the bundle ends.

    `threads` is for the whole worker process; 0 means one for each core it has.
    `work` must not raise: what it raises ends the bundle.
    """

    def __init__(self, name: str, threads: int, work: Callable[[Any], Iterable[Any]]) -> None:
        self._name = name
        self._threads = threads
        self._work = work
        self._pending: list[tuple[Future[Any], Any, Any]] = []

    def start_bundle(self) -> None:
        self._pending = []

    def process(
        self,
        element: Any,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        future = _executor(self._name, self._threads).submit(self._work, element)
        self._pending.append((future, timestamp, window))
        # As windowed values: by itself, Beam would give them the time and window of this element.
        yield from self._finished(wait=False)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        yield from self._finished(wait=True)

    def _finished(self, *, wait: bool) -> Iterator[WindowedValue]:
        still = []
        for future, timestamp, window in self._pending:
            if not wait and not future.done():
                still.append((future, timestamp, window))
                continue
            for value in future.result():
                yield self.emit(value, timestamp, window)
        self._pending = still

    def emit(self, value: Any, timestamp: Any, window: Any) -> WindowedValue:
        """How one value of `work` leaves the bundle."""
        return WindowedValue(value, timestamp, [window])
