"""What stands at the other end of a step in a fuzz test: a broker's log, a registry, a child, a runner's state."""

from __future__ import annotations

import io
import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.timestamp import Timestamp
from apache_beam.utils.windowed_value import WindowedValue

from analysis.children.answers import read_answer
from analysis.children.child import _answer
from analysis.children.limits import ChildDied, Limits, Reason
from analysis.children.protocol import BrokenFrame, Inbox, Message, Stage, encode, read_message
from analysis.worker import Worker
from config.pauses import Pauses
from config.settings import AnalysisSettings, DocumentSettings
from documents.fetch import open_cache
from tests.connections.registry_stand_in import Registry


@contextmanager
def no_pauses() -> Iterator[None]:
    """Who waits between tries waits for nothing."""
    with patch.object(Pauses, "next", lambda self: 0.0):
        yield


def outputs_of(dofn: beam.DoFn, *elements: Any, **states: Any) -> list[tuple[str, Any]]:
    """What the step gives for a bundle of elements, each with its tag; "" is the main output."""
    found: list[Any] = []
    dofn.start_bundle()
    for element in elements:
        found += dofn.process(element, **states) or ()
    found += dofn.finish_bundle() or ()
    return [_tagged(each) for each in found]


AT = {"timestamp": Timestamp(0), "window": beam.transforms.window.GlobalWindow()}
"""For steps that ask for them."""


def _tagged(output: Any) -> tuple[str, Any]:
    tag = ""
    if isinstance(output, TaggedOutput):
        tag, output = output.tag, output.value
    return tag, output.value if isinstance(output, WindowedValue) else output


@lru_cache(maxsize=1)
def registry() -> Registry:
    """One for the process: what it said is remembered by its URL."""
    found = Registry()
    found.settings = found.settings.model_copy(update={"doubt_seconds": 0.0, "timeout_seconds": 5.0})
    return found


schema_ids = itertools.count(1000)
"""Each asked for once: what a registry said of an id is remembered."""


@lru_cache(maxsize=1)
def folder() -> Path:
    """Of this process, for documents and caches."""
    return Path(tempfile.mkdtemp(prefix="docbeam-fuzz-"))


@lru_cache(maxsize=1)
def settings_here() -> tuple[DocumentSettings, AnalysisSettings]:
    """Documents under `folder()` only, and no journal: nothing is delivered again."""
    documents = DocumentSettings(
        allow=(f"{folder().as_uri()}/documents/",), cache_dir=folder() / "cache", pages_per_part=2, max_pages=9,
        max_pixels=200_000, max_source_pixels=1_000_000, max_bytes=300_000, inspect_seconds=20,
    )  # fmt: skip
    (folder() / "documents").mkdir(exist_ok=True)
    return documents, AnalysisSettings(attempts=0, children=1)


class ChildHere:
    """Stands in for the pool: answers in this process as a child does, message by message."""

    size = 1

    def __init__(self, answer: Callable[[str], bytes] | None = None) -> None:
        self._written = answer

    def pids(self) -> list[int]:
        """As `ChildPool.pids`."""
        return [1]

    def ask(self, operation: str, arguments: Message, limits: Limits, document: str = "", **_: Any) -> Message:
        """As `ChildPool.ask`."""
        question = read_message(io.BytesIO(encode({"operation": operation, "arguments": arguments})))
        assert question is not None
        inbox = Inbox()
        try:
            inbox.add(self._written(operation) if self._written else _written_by_child(question))
            return {**read_answer(operation, _message(inbox)), "seconds": 0.01}
        except ChildDied:
            raise
        except (BrokenFrame, ValueError, RecursionError) as error:
            raise ChildDied(Reason.CRASH, Stage.PREDICT, None, type(error).__name__) from None

    def close(self) -> None:
        """Nothing is open."""


def _message(inbox: Inbox) -> Message:
    message = inbox.next()
    if message is None:
        raise BrokenFrame("a message that does not end")
    return message


def _written_by_child(question: Message) -> bytes:
    from analysis.operations import OPERATIONS

    try:
        return encode(_answer(OPERATIONS, question, lambda *_: None))
    except BaseException as error:
        if isinstance(error, AssertionError | KeyboardInterrupt):
            raise
        # It leaves `main`, and the child ends.
        raise ChildDied(Reason.CRASH, Stage.PREDICT, None, "exit code 1") from None


def worker_with(children: Any) -> Worker:
    """A worker whose questions are answered by `children`."""
    documents, analysis = settings_here()
    return Worker(documents, analysis, open_cache(documents), children, quick_children=children)


class Cell:
    """State of one key: what Beam's `BagRuntimeState` and `ReadModifyWriteRuntimeState` are asked for."""

    def __init__(self, coder: Any = None) -> None:
        self._coder = coder
        self._items: list[Any] = []
        self._value: Any = None

    def add(self, item: Any) -> None:
        self._items.append(self._coder.encode(item))

    def read(self) -> Any:
        return [self._coder.decode(item) for item in self._items] if self._coder else self._value

    def write(self, value: Any) -> None:
        self._value = value

    def clear(self) -> None:
        self._items, self._value = [], None


class Timer:
    """A timer of one key."""

    def __init__(self) -> None:
        self.due: float | None = None

    def set(self, when: float) -> None:
        self.due = when


def survives(coder: Any, records: Iterable[Any]) -> None:
    """The next step gets the record as it left this one."""
    for record in records:
        again = coder.decode(coder.encode(record))
        assert again == record, f"{type(record).__name__} is another one behind its coder"
