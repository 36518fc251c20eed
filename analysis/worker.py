"""What a worker process has one of: the document cache and the child pools."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from analysis.children.cpus import usable_cpus
from analysis.children.limits import Limits
from analysis.children.pool import ChildPool
from analysis.children.protocol import Message
from analysis.children.turns import Turn
from analysis.pace import Pace
from config.plug_in_folders import DOCUMENT_TYPES, FORMS
from config.settings import AnalysisSettings, DocumentSettings
from documents.cache import DocumentCache
from documents.fetch import open_cache

_QUICK = 2
"""Started when first needed, the second only if something takes the first one long."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Process-wide means of analysis, shared by every branch and thread."""

    documents: DocumentSettings
    analysis: AnalysisSettings
    cache: DocumentCache
    children: ChildPool
    """For models."""
    quick_children: ChildPool
    """For what takes milliseconds and must not wait for a model: a first look at documents, and `conclude`."""
    pace: Pace = field(default_factory=Pace)

    def ask_quickly(
        self,
        operation: str,
        arguments: Message,
        limits: Limits,
        document: str = "",
        *,
        claimant: str,
        turn: Turn | None = None,
    ) -> Message:
        """As `ChildPool.ask`, of a question that takes milliseconds: it waits for no model.

        Only what finds every child at work starts a quick one; from then on those are asked.
        """
        if not self.quick_children.pids():
            answer = self.children.ask_idle(operation, arguments, limits, document, claimant=claimant)
            if answer is not None:
                return answer
        return self.quick_children.ask(operation, arguments, limits, document, claimant=claimant, turn=turn)

    def close(self) -> None:
        """End the children."""
        self.quick_children.close()
        self.children.close()


_workers: dict[str, Worker] = {}
_lock = threading.Lock()


def worker(documents: DocumentSettings, analysis: AnalysisSettings) -> Worker:
    """The worker of this process for these settings; made at the first call."""
    key = documents.model_dump_json() + analysis.model_dump_json()
    with _lock:
        if key not in _workers:
            folders = DOCUMENT_TYPES.environment_for(analysis.document_types) | FORMS.environment_for(analysis.forms)
            _workers[key] = Worker(
                documents=documents,
                analysis=analysis,
                cache=open_cache(documents),
                children=ChildPool(analysis.children or usable_cpus(), analysis.memory_mb, folders),
                quick_children=ChildPool(_QUICK, analysis.memory_mb, folders),
            )
        return _workers[key]


def close_workers() -> None:
    """End the children of every worker of this process."""
    with _lock:
        for each in _workers.values():
            each.close()
        _workers.clear()
