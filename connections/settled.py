"""What a commit of the group says beside its offset: which work above it is finished, and which job said so.

It travels in the commit's metadata, a text Kafka keeps with the offset (at most 4,096 bytes by default), so that every
process and the next job can read it, on every runner.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_FORMAT = "docbeam1"
_MOST_CHARACTERS = 3_500
"""Of the list of finished offsets. What does not fit counts as unfinished: it is repeated after a restart, not lost."""
_MOST_FINISHED = 100_000
"""Offsets in such a list: more than a source ever reads ahead. Four thousand characters could name billions."""
_DIGITS = 18
"""Of a number: longer ones are more than can be counted."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How far a partition's work is done."""

    offset: int
    """Everything below is finished."""
    finished: frozenset[int] = frozenset()
    """Offsets at or above `offset` that are finished as well."""
    job: str = ""
    """Who committed; empty where it was nobody of ours."""
    topic_id: str = ""
    """Of the topic the offsets belong to; empty where the broker does not tell."""
    at: int = field(default=0, compare=False)
    """When it was committed, in seconds since 1970 by the clock of who did; 0 where that is not known."""

    def metadata(self) -> str:
        """All but the offset as text, as committed now."""
        told: list[str] = []
        length = 0
        for first, last in _ranges(number - self.offset for number in self.finished):
            text = str(first) if first == last else f"{first}-{last}"
            length += len(text) + 1
            if length > _MOST_CHARACTERS:
                break
            told.append(text)
        return ";".join((_FORMAT, self.job, self.topic_id, str(int(time.time())), ",".join(told)))


@dataclass(frozen=True, slots=True)
class Incarnation:
    """Which topic of a name it is: one that was deleted and made anew under a running job begins again at offset 0."""

    number: int = 0
    """How often that happened while the job ran."""
    topic_id: str = ""
    """Of the topic (KIP-516); empty for the one the job began with."""

    def __str__(self) -> str:
        return f"{self.number}.{self.topic_id}" if self.number else ""


def incarnation_from(text: str) -> Incarnation:
    """What `str` of an incarnation wrote."""
    number, _, topic_id = text.partition(".")
    return Incarnation(int(number), topic_id) if number else Incarnation()


def settled(offset: int, metadata: str | None) -> Settled:
    """What a commit says; of metadata that is not ours only the offset is taken."""
    parts = (metadata or "").split(";")
    if len(parts) != 5 or parts[0] != _FORMAT:
        return Settled(offset)
    try:
        ranges = [_numbers(text) for text in parts[4].split(",") if text]
        at = _number(parts[3])
    except ValueError:
        return Settled(offset)
    if sum(map(len, ranges)) > _MOST_FINISHED:
        return Settled(offset)
    finished = frozenset(offset + number for found in ranges for number in found)
    return Settled(offset, finished, parts[1], parts[2], at)


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for number in sorted(numbers):
        if first >= 0 and number == last + 1:
            last = number
            continue
        if first >= 0:
            yield first, last
        first = last = number
    if first >= 0:
        yield first, last


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    return range(_number(first), _number(last or first) + 1)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ValueError("no number of ours")
    return int(text)
