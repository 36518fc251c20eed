"""How often and how long, by stage, model and outcome: for people who wait for this process."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from analysis.observe import APPLY, ASSEMBLE, Span


@dataclass(slots=True)
class Counted:
    """Spans that have ended."""

    results: Counter[str] = field(default_factory=Counter)
    """Results by status."""
    pages: Counter[str] = field(default_factory=Counter)
    """Pages answered, by model."""
    milliseconds: Counter[str] = field(default_factory=Counter)
    """Time by model, and by stage where there is none."""

    @property
    def slowest(self) -> tuple[str, float] | None:
        """The model or stage that took most of the time, and its share of it."""
        total = sum(self.milliseconds.values())
        if total <= 0:
            return None
        name, most = self.milliseconds.most_common(1)[0]
        return name, most / total


class Tally:
    """An observer that counts. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = Counted()
        self.total = Counted()
        """Since the start."""

    def ended(self, span: Span) -> None:
        """Count it."""
        with self._lock:
            for counted in (self._now, self.total):
                if span.stage == ASSEMBLE:
                    counted.results[span.outcome] += 1
                if span.stage == APPLY and span.model is not None:
                    counted.pages[span.model] += 1
                counted.milliseconds[span.model or span.stage] += round(span.milliseconds)

    def since_last(self) -> Counted:
        """What was counted since this was last asked."""
        with self._lock:
            taken, self._now = self._now, Counted()
            return taken
