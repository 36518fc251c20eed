"""How long to wait between tries: the one policy for everything outside that may be away for a while."""

from __future__ import annotations

import random


class Pauses:
    """Growing pauses with jitter: half to whole of a length that doubles from `first` to `longest`, in seconds.

    Without jitter all workers would come back at the same moment to a service that has just recovered.
    """

    def __init__(self, first: float = 0.5, longest: float = 30.0) -> None:
        self._next = first
        self._first = first
        self._longest = longest

    def next(self) -> float:
        """The length of the next pause, in seconds."""
        pause = self._next * random.uniform(0.5, 1.0)
        self._next = min(self._next * 2, self._longest)
        return pause

    def reset(self) -> None:
        """Start anew: it answered."""
        self._next = self._first
