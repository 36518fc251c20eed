"""SIGTERM and SIGINT as something to wait for."""

from __future__ import annotations

import queue
import signal
from types import FrameType


class StopSignals:
    """Counts the requests to stop from the moment it is made. Make and use it on the main thread.

    While `leave_at_once` is set a signal also raises SystemExit(0): for the time in which nothing waits for signals,
    and nothing would have to be ended.
    """

    def __init__(self, *, leave_at_once: bool = False) -> None:
        self.count = 0
        self.leave_at_once = leave_at_once
        # Not an Event: a signal that arrives while the main thread is inside one would wait for itself.
        self._arrived: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGTERM, signal.SIGINT)}

    def give_back(self) -> None:
        """Let the signals do what they did before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self, seconds: float) -> bool:
        """Whether to stop, after `seconds`, or at once when a signal comes or came."""
        if not self.count:
            try:
                self._arrived.get(timeout=seconds)
            except queue.Empty:
                return False
        return True

    def wait_for_another(self, seconds: float) -> None:
        """Return after `seconds`, or as soon as one more signal comes."""
        try:
            self._arrived.get(timeout=seconds)
        except queue.Empty:
            return

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        self._arrived.put(number)
        if self.leave_at_once:
            raise SystemExit(0)
