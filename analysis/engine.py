"""Requests to results in this process and its children, with a few threads and no runner."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType

from analysis.accept_request import accept
from analysis.apply_step import apply_step
from analysis.assemble import assemble
from analysis.open_document import open_document
from analysis.worker import Worker
from schemas.part import Delivery, DocumentPart, ReceivedRequest
from schemas.request import AnalysisRequest
from schemas.result import AnalysisResult
from use_cases.registry import all_use_cases

_AHEAD = 4
"""Documents under way for each child: enough that none waits, few enough that results of thousands do not pile up."""


class Engine:
    """The streaming job's work on each request, without the stream; use as a context manager.

    Leaving the block gives up what is not finished. The worker is the caller's, who closes it.
    """

    def __init__(self, worker: Worker) -> None:
        # Nothing is delivered again here: there are no attempts to count.
        self._worker = replace(worker, analysis=worker.analysis.model_copy(update={"attempts": 0}))
        self._children = worker.children.size
        self._waiting: deque[Future[AnalysisResult]] = deque()
        # A document's thread waits for those of its parts: in one pool they could take all threads and wait for ever.
        self._documents = ThreadPoolExecutor(self._children + 1, thread_name_prefix="document")
        self._parts = ThreadPoolExecutor(self._children, thread_name_prefix="part")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in (self._documents, self._parts):
            pool.shutdown(wait=False, cancel_futures=True)

    def answer(self, requests: Iterable[AnalysisRequest]) -> Iterator[AnalysisResult]:
        """One result for each request, in their order, each as soon as those before it are there.

        Requests are taken from the iterable a few ahead of the results.
        """
        started = datetime.now(UTC)
        for place, request in enumerate(requests):
            if len(self._waiting) >= _AHEAD * self._children:
                yield self._next()
            delivery = Delivery("requests", 0, place, place, started)
            self._waiting.append(self._documents.submit(self._answer, ReceivedRequest(delivery, request)))
        while self._waiting:
            yield self._next()

    def finished(self) -> Iterator[AnalysisResult]:
        """Results that are there although their turn has not come; each is given once."""
        for future in [each for each in self._waiting if each.done() and not each.cancelled()]:
            self._waiting.remove(future)
            if future.exception() is None:
                yield future.result()

    def _next(self) -> AnalysisResult:
        result = self._waiting[0].result()
        self._waiting.popleft()
        return result

    def _answer(self, received: ReceivedRequest) -> AnalysisResult:
        parts = open_document(accept(received, all_use_cases()), self._worker)
        return assemble(list(self._parts.map(self._analyse, parts)), self._worker)

    def _analyse(self, part: DocumentPart) -> DocumentPart:
        if part.errors:
            return part
        for step in all_use_cases()[part.request.use_case].use_case.steps:
            part = apply_step(part, step, self._worker)
        return part
