"""What the work takes, told to whoever wants to know: counters of a runner, a tally of this process, traces.

The work says `with span(...)`, and nothing else; it costs next to nothing while nobody listens.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

OPEN, APPLY, ASSEMBLE = "open", "apply", "assemble"
"""Stages of the work on a document; `APPLY` has a model and is told once for each page."""


@dataclass(slots=True)
class Span:
    """One stretch of work. Whoever does it may set the outcome; an exception that leaves it is one too."""

    stage: str
    model: str | None = None
    page: int | None = None
    outcome: str = "done"
    """A state or status of the schemas, `done`, or the name of the exception."""
    code: str | None = None
    """Of the error it ended with."""
    milliseconds: float = 0.0
    waited_ms: float = 0.0
    """Not in `milliseconds`."""


class Observer(Protocol):
    """Is told of every span when it has ended, on the thread that did the work. Must be quick, and never raise."""

    def ended(self, span: Span) -> None:
        """The span, with outcome and duration."""


_everywhere: tuple[Observer, ...] = ()
_here: ContextVar[tuple[Observer, ...]] = ContextVar("observers", default=())
_lock = threading.Lock()


@contextmanager
def span(stage: str, model: str | None = None, page: int | None = None) -> Iterator[Span]:
    """Measure the block, and tell the observers when it ends."""
    begun = Span(stage, model, page)
    started = time.perf_counter()
    try:
        yield begun
    except BaseException as error:
        begun.outcome = type(error).__name__
        raise
    finally:
        begun.milliseconds = (time.perf_counter() - started) * 1000
        tell(begun)


def tell(*ended: Span) -> None:
    """Tell the observers of work that was measured elsewhere."""
    for observer in (*_everywhere, *_here.get()):
        for each in ended:
            observer.ended(each)


@contextmanager
def observed_by(observer: Observer) -> Iterator[None]:
    """`observer` is told of what this thread does in the block."""
    token = _here.set((*_here.get(), observer))
    try:
        yield
    finally:
        _here.reset(token)


def observe(observer: Observer) -> None:
    """`observer` is told of everything in this process from now on."""
    global _everywhere
    with _lock:
        _everywhere = (*_everywhere, observer)


def forget(observer: Observer) -> None:
    """`observer` is told of nothing any more; harmless when it was not."""
    global _everywhere
    with _lock:
        _everywhere = tuple(each for each in _everywhere if each is not observer)


class Collected:
    """The spans of some work, for those who may only count them later, on a thread of their own."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def ended(self, span: Span) -> None:
        """Keep it."""
        self.spans.append(span)
