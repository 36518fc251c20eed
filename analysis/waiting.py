"""How long a question waited, of which several children may have answered a share each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, in seconds of `time.monotonic`."""

    began: float
    ended: float


def waited(asked: Stretch, at_work: Iterable[Stretch]) -> float:
    """Seconds of `asked` in which no child was at work: where one is, the others' waiting costs nobody anything."""
    idle, place = 0.0, asked.began
    for work in sorted(at_work, key=lambda each: each.began):
        idle += max(0.0, work.began - place)
        place = max(place, work.ended)
    return idle + max(0.0, asked.ended - place)
