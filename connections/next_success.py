"""Wakes those who wait for a service as soon as it has taken something from anyone."""

from __future__ import annotations

import threading
import time

_SHORTEST_WAIT = 0.5


class NextSuccess:
    """Of one service, for any number of threads."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def tell(self) -> None:
        """It has taken something."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def within(self, seconds: float) -> bool:
        """Wait that long at most; whether it has taken something meanwhile.

        Half a second at least: what fails must not ask as fast as others pass.
        """
        with self._changed:
            seen = self._count
        least = min(seconds, _SHORTEST_WAIT)
        time.sleep(least)
        with self._changed:
            return self._changed.wait_for(lambda: self._count != seen, seconds - least)
