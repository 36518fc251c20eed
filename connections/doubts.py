"""How often, and for how long, something was refused before it is believed. Thread-safe, bounded."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

_IDLE_SECONDS = 60.0


@dataclass(slots=True)
class _Doubt:
    first: float
    last: float
    times: int = 0


class Doubts:
    """Refusals by what was refused; one that was not repeated for a minute is forgotten."""

    def __init__(self, limit: int = 1024) -> None:
        self._doubts: OrderedDict[Hashable, _Doubt] = OrderedDict()
        self._limit = limit
        self._lock = threading.Lock()

    def refused(self, key: Hashable, times: int, seconds: float) -> bool:
        """Count one more; whether it was refused at least so often over at least so long."""
        now = time.monotonic()
        with self._lock:
            doubt = self._doubts.get(key)
            if doubt is None or now - doubt.last > _IDLE_SECONDS:
                doubt = self._doubts[key] = _Doubt(now, now)
            doubt.last = now
            doubt.times += 1
            self._doubts.move_to_end(key)
            while len(self._doubts) > self._limit:
                self._doubts.popitem(last=False)
            return doubt.times >= times and now - doubt.first >= seconds

    def forget(self, key: Hashable) -> None:
        """It was given, or the refusal was not to be believed."""
        with self._lock:
            self._doubts.pop(key, None)
