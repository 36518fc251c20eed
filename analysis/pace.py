"""How many pages one question may hold, so that a child is soon free again."""

from __future__ import annotations

import threading

_QUESTION_SECONDS = 2.0
"""Others wait no longer for a child than a slow page takes."""
_NEW_SHARE = 0.5


class Pace:
    """What each model has taken for a page lately. Thread-safe."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    def pages(self, model: str, most: int) -> int:
        """How many pages to ask about at once, at most `most`; one of a model that nobody has seen at work."""
        seconds = self._seconds.get(model)
        if seconds is None:
            return 1
        return max(1, min(most, int(_QUESTION_SECONDS / max(seconds, 1e-6))))

    def took(self, model: str, pages: int, seconds: float) -> None:
        """The model has answered for so many pages in so many seconds of a child's own time."""
        with self._lock:
            before = self._seconds.get(model, seconds / pages)
            self._seconds[model] = before + _NEW_SHARE * (seconds / pages - before)
