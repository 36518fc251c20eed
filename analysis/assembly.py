"""When the parts of one delivery are its answer: a state machine without an engine, which only keeps its state.

A delivery is answered once: with all its parts, or when patience ends with those that arrived. That it was answered is
remembered for a while, so that a part delivered late or again starts no second answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.part import DocumentPart

REMEMBERED = 12
"""How many times the patience an answer given for lack of parts is remembered: its parts may still be on their way."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """What is kept of one delivery."""

    parts: tuple[DocumentPart, ...] = ()
    """Those that arrived, while others are awaited."""
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What an event does."""

    state: Assembly
    """To be kept from now on."""
    answer: tuple[DocumentPart, ...] | None = None
    """The parts to answer with now, if it is time."""
    timer: float | None = None
    """When to call `give_up`, in seconds since the epoch, in place of any earlier time; None leaves it as it is."""
    late: bool = False
    """Whether the event was a part that came after the answer."""


def wait(state: Assembly, part: DocumentPart, now: float, patience: float) -> Step:
    """`part` has arrived at `now`; `patience` is how many seconds the first part waits for the last."""
    if state.answered:
        return Step(state, late=True)
    if not _is_new(part, state.parts):
        return Step(state)
    parts = (*state.parts, part)
    if len(parts) == part.page_range.parts:
        return Step(Assembly(answered=True), answer=parts, timer=now + patience)
    return Step(Assembly(parts), timer=None if state.parts else now + patience)


def give_up(state: Assembly, now: float, patience: float) -> Step:
    """The time set last has come: answer with what is there, or forget a delivery that was answered."""
    if not state.parts:
        return Step(Assembly())
    return Step(Assembly(answered=True), answer=state.parts, timer=now + REMEMBERED * patience)


def _is_new(part: DocumentPart, parts: Sequence[DocumentPart]) -> bool:
    """Whether the part is one of those awaited and none of those that arrived.

    A document cut into another number of parts, or of another delivery, does not belong to the ones that are here.
    """
    if not parts:
        return True
    first = parts[0]
    if (part.delivery.key, part.page_range.parts) != (first.delivery.key, first.page_range.parts):
        return False
    return all(part.page_range.part != each.page_range.part for each in parts)
