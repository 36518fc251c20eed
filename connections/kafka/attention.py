"""How long a partition is waited for, while other partitions of the process may have records too.

Flink reads the partitions of a subtask one after another, and keeps where each was left at the end of every call: with
runners before Beam 2.76 in a place of its own each time, which costs more than all the rest of an idle job
(apache/beam#27648). So calls are few and long. Other runners call for all partitions at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

T = TypeVar("T")
_GLANCE_SECONDS = 0.25
"""Between looks at the others."""
_BUSY_SECONDS = 1.0
"""A checkpoint waits for the call, which is nothing beside the documents in work, as long as it is short."""
_QUIET_AFTER_SECONDS = 30.0
_FORGOTTEN_AFTER_SECONDS = 60.0
"""A partition that nobody has called for so long is read by another process."""


class Other(Protocol):
    """A partition."""

    def has_news(self) -> bool:
        """Whether a call for it would give something; returns at once."""
        ...


class Attention:
    """Of one process, for all the partitions that it reads. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[Other, float] = {}
        """When the last call for a partition ended; nothing of those that are being called for."""
        self._came = time.monotonic()

    @contextmanager
    def on(self, partition: Other) -> Iterator[None]:
        """The time of one call."""
        with self._lock:
            self._left.pop(partition, None)
        try:
            yield
        finally:
            with self._lock:
                self._left[partition] = time.monotonic()

    def something_came(self) -> None:
        """A record was handed on."""
        self._came = time.monotonic()

    def _seconds(self, longest: float) -> float:
        """How long to wait now, at most `longest`."""
        quiet = time.monotonic() - self._came > _QUIET_AFTER_SECONDS
        return longest if quiet else min(longest, _BUSY_SECONDS)

    def waiting(self, read: Callable[[float], Sequence[T]], longest: float) -> Sequence[T]:
        """What `read` gives, told for how long to wait; nothing when time is over, or another partition has news."""
        deadline = time.monotonic() + self._seconds(longest)
        while True:
            others = self._others()
            left = max(0.0, deadline - time.monotonic())
            found = read(min(left, _GLANCE_SECONDS) if others else left)
            if found or time.monotonic() >= deadline or any(each.has_news() for each in others):
                return found

    def _others(self) -> list[Other]:
        now = time.monotonic()
        with self._lock:
            return [each for each, left in self._left.items() if now - left < _FORGOTTEN_AFTER_SECONDS]
