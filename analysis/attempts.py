"""Work that ends its worker process is recognised when it comes again.

A plug-in's child may kill its parent, a library may crash in it, the kernel may end it for its memory. What was in
work is delivered again, and would end every process it comes to. So a journal outside the process says what is in
work. A process that finds the journal of a dead one suspects all that was in it. Suspects are worked on one at a
time, and only a death with exactly one of them in work, or with nothing else at all, counts as its own. After
`analysis.attempts` of those it is not tried again.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Concatenate, ParamSpec, TypeVar

from analysis.journal import Journal, JournalOff, make_private
from config.settings import AnalysisSettings, DocumentSettings
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Delivery, ReceivedRecord
from schemas.request import AnalysisRequest

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Work:
    """What is in work: a delivery, and the stage it is in."""

    delivery: str
    """The same again when it is delivered again, and for no other: topics are deleted and made again."""
    stage: str

    @staticmethod
    def on_record(record: ReceivedRecord, stage: str) -> Work:
        """Before it is known what the record says."""
        return Work(f"{record.delivery.key} {sha256(record.value or b'').hexdigest()[:16]}", stage)

    @staticmethod
    def on_request(delivery: Delivery, request: AnalysisRequest, stage: str) -> Work:
        """Afterwards."""
        return Work(f"{delivery.key} {request.request_id}", stage)


@dataclass(frozen=True, slots=True)
class Journaled:
    """Work, and the settings that name its journal."""

    work: Work
    documents: DocumentSettings
    analysis: AnalysisSettings


class Attempts:
    """One journal and its suspects. Thread-safe; processes of one machine share the folder."""

    def __init__(self, folder: Path, tries: int, root: Path | None = None) -> None:
        """`root`: a folder above that has to be ours alone as well."""
        self._tries = tries
        self._alone = threading.Lock()
        self._journal: Journal | None = None
        try:
            if root is not None:
                make_private(root)
            self._journal = Journal(folder, tries)
        except (OSError, JournalOff) as error:
            log.warning("what ends a worker process is not recognised: %s cannot be used (%s)", folder, error)

    @contextmanager
    def at_work(self, work: Work) -> Iterator[None]:
        """Around the work. Raises DocbeamError(WORKER_DIED) instead when it ended too many processes."""
        journal = self._journal
        if journal is None:
            yield
            return
        try:
            journal.look_for_dead()
            suspect = journal.is_suspect(work.delivery, work.stage)
            convicted = journal.is_convicted(work.delivery)
        except Exception as error:
            self._give_up(error)
            suspect = convicted = False
        if convicted:
            times = self._tries
            raise DocbeamError(ErrorCode.WORKER_DIED, f"{times} worker processes died while they worked on it alone")
        with self._alone if suspect else nullcontext():
            entry = self._begin(journal, work, suspect)
            try:
                yield
            finally:
                self._end(journal, work, entry)

    def forget_mine(self) -> None:
        """The end of this process is in order: nothing in work is to blame. From now on nothing is written."""
        journal, self._journal = self._journal, None
        if journal is not None:
            journal.close()

    def _begin(self, journal: Journal, work: Work, suspect: bool) -> Path | None:
        try:
            return journal.begin(work.delivery, work.stage, suspect)
        except Exception as error:
            self._give_up(error)
            return None

    def _end(self, journal: Journal, work: Work, entry: Path | None) -> None:
        if entry is None:
            return
        try:
            journal.end(entry, work.delivery, work.stage)
        except Exception as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        if self._journal is not None:
            log.warning("what ends a worker process is no longer recognised (%s)", type(error).__name__)
        self.forget_mine()


def guarded(
    work: Callable[P, Journaled | None],
    given_up: Callable[Concatenate[DocbeamError, P], R],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function whose calls are in the journal; `given_up` answers in its place for what ended too many processes.

    `work` says what a call works on; None where it has nothing to do.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            told = work(*args, **kwargs)
            journal = attempts(told.documents, told.analysis) if told else None
            if told is None or journal is None:
                return function(*args, **kwargs)
            try:
                with journal.at_work(told.work):
                    return function(*args, **kwargs)
            except DocbeamError as error:
                if error.code is not ErrorCode.WORKER_DIED:
                    raise
                return given_up(error, *args, **kwargs)

        return call

    return decorate


@contextmanager
def decoding(record: ReceivedRecord, documents: DocumentSettings, analysis: AnalysisSettings) -> Iterator[None]:
    """Around the decoding of a record. Raises DocbeamError(WORKER_DIED) instead."""
    journal = attempts(documents, analysis)
    with journal.at_work(Work.on_record(record, "decode requests")) if journal else nullcontext():
        yield


def attempts(documents: DocumentSettings, analysis: AnalysisSettings) -> Attempts | None:
    """The journal of this process for these settings: with others, work that failed deserves new attempts."""
    if not analysis.attempts:
        return None
    with _lock:
        key = (documents, analysis)
        if key not in _made:
            root = attempts_folder(analysis)
            name = sha256((documents.model_dump_json() + analysis.model_dump_json()).encode()).hexdigest()[:16]
            _made[key] = Attempts(root / name, analysis.attempts, root if root.name == _OWN else None)
        return _made[key]


def attempts_folder(analysis: AnalysisSettings) -> Path:
    """`analysis.attempts_dir`, or a private folder under the temporary one."""
    return analysis.attempts_dir or Path(gettempdir()) / _OWN


_OWN = f"docbeam-attempts-{os.geteuid()}"
_made: dict[tuple[DocumentSettings, AnalysisSettings], Attempts] = {}
_lock = threading.Lock()


def forget_mine() -> None:
    """This process ends in order: nothing that is in work is to blame for it."""
    with _lock:
        for each in _made.values():
            each.forget_mine()


atexit.register(forget_mine)
