"""Ask a child to apply a model to pages: the whole batch first, then, if it breaks, page by page."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from analysis.asked_pages import asked_pages, drawing_settings
from analysis.children.process import ChildDied, Limits
from analysis.children.protocol import Message, Stage
from analysis.worker import Worker
from models.card import ModelCard
from schemas.document import DocumentFacts
from schemas.errors import ErrorCode, ErrorItem
from schemas.prediction import Prediction
from schemas.result import Outcome, OutcomeState, PageResult

_PREDICTION = TypeAdapter(Prediction)

_TIMEOUTS = 2
_DIED_IN_MODEL = {
    "timeout": ErrorCode.MODEL_TIMEOUT,
    "memory": ErrorCode.MODEL_OUT_OF_MEMORY,
    "crash": ErrorCode.MODEL_CRASHED,
}
_DIED_IN_PAGE = {
    "timeout": ErrorCode.PAGE_TIMEOUT,
    "memory": ErrorCode.TOO_MANY_PIXELS,
    "crash": ErrorCode.PAGE_CRASHED,
}


@dataclass(frozen=True, slots=True)
class ModelQuestion:
    """What is asked: one model, on pages of one document."""

    card: ModelCard
    options: Mapping[str, str]
    document: DocumentFacts
    path: Path
    """Of the fetched document on this machine."""


def ask_model(question: ModelQuestion, pages: Sequence[PageResult], worker: Worker) -> list[PageResult]:
    """The pages with one more outcome each, in order; a page that breaks the model fails alone.

    Pages that could not be read before get a failed outcome without being asked about.
    """
    answered: dict[int, PageResult] = {}
    for page in pages:
        if page.error is not None:
            answered[page.number] = _fail(question.card, page, page.error)
    waiting = [page for page in pages if page.error is None]
    size = question.card.limits.max_batch
    for start in range(0, len(waiting), size):
        for page in _batch_then_singles(question, waiting[start : start + size], worker):
            answered[page.number] = page
    return [answered[page.number] for page in pages]


def _batch_then_singles(question: ModelQuestion, pages: Sequence[PageResult], worker: Worker) -> Iterable[PageResult]:
    fresh = False
    while pages:
        try:
            yield from _ask(question, pages, worker)
            return
        except ChildDied as died:
            if died.stage is Stage.RASTERISE and died.reason == "memory" and not fresh:
                # The child may have been full of other pages; an empty one decides.
                fresh = True
                continue
            guilty = [page for page in pages if page.number == died.page] if died.stage is Stage.RASTERISE else []
            if guilty:
                error = _item(_DIED_IN_PAGE[died.reason], died.detail, "rasterise", guilty[0].number)
                yield _fail(question.card, replace(guilty[0], error=error), error)
                pages = [page for page in pages if page is not guilty[0]]
                continue
            code = _DIED_IN_MODEL[died.reason]
            if died.stage in (Stage.START, Stage.LOAD):
                code = ErrorCode.MODEL_UNAVAILABLE
            failure = _item(code, f"{question.card.name}: {died.detail}", question.card.name, None)
        except _Refused as refused:
            failure = refused.item
        if len(pages) > 1 and failure.code is not ErrorCode.MODEL_UNAVAILABLE:
            yield from _singles(question, pages, worker)
            return
        for page in pages:
            yield _fail(question.card, page, replace(failure, page=page.number))
        return


def _singles(question: ModelQuestion, pages: Sequence[PageResult], worker: Worker) -> Iterable[PageResult]:
    """Each page alone; after two time-outs the rest is not tried, so that one document cannot hold a child for long."""
    timeouts = 0
    for page in pages:
        if timeouts >= _TIMEOUTS:
            error = _item(ErrorCode.MODEL_TIMEOUT, "not tried: the model hung on other pages", question.card.name, None)
            yield _fail(question.card, page, replace(error, page=page.number))
            continue
        (answered,) = _batch_then_singles(question, [page], worker)
        error_item = answered.outcomes[-1].error
        if error_item is not None and error_item.code is ErrorCode.MODEL_TIMEOUT:
            timeouts += 1
        yield answered


class _Refused(Exception):
    """The child lived but the whole question failed."""

    def __init__(self, item: ErrorItem) -> None:
        super().__init__(item.message)
        self.item = item


def _ask(question: ModelQuestion, pages: Sequence[PageResult], worker: Worker) -> list[PageResult]:
    card = question.card
    started = time.perf_counter()
    arguments = _arguments(question, pages, worker)
    limits = _limits(card, len(pages), worker)
    with worker.turn(card):
        answer = worker.children.ask("apply", arguments, limits, question.document.sha256)
    duration_ms = (time.perf_counter() - started) * 1000 / len(pages)
    if "answer" not in answer:
        raise _Refused(_refusal(card, answer))
    return [_with_answer(card, page, told, duration_ms) for page, told in zip(pages, answer["answer"], strict=True)]


def _with_answer(card: ModelCard, page: PageResult, told: Mapping[str, Any], duration_ms: float) -> PageResult:
    if "code" in told:
        error = _item(ErrorCode(told["code"]), told["message"], "rasterise", page.number)
        return _fail(card, replace(page, error=error), error)
    prediction = _PREDICTION.validate_python(told["prediction"])
    outcome = Outcome(
        model=card.name,
        version=card.version,
        sha256=card.sha256,
        state=OutcomeState.NOTHING_FOUND if prediction.is_empty else OutcomeState.FOUND,
        duration_ms=round(duration_ms, 3),
        prediction=prediction,
    )
    return replace(
        page, width=told["width"], height=told["height"], dpi=told["dpi"], outcomes=(*page.outcomes, outcome)
    )


def _fail(card: ModelCard, page: PageResult, error: ErrorItem) -> PageResult:
    outcome = Outcome(card.name, OutcomeState.FAILED, card.version, card.sha256, error=error)
    return replace(page, outcomes=(*page.outcomes, outcome))


def _arguments(question: ModelQuestion, pages: Sequence[PageResult], worker: Worker) -> Message:
    return {
        "model": question.card.name,
        "options": dict(question.options),
        "path": str(question.path),
        "media_type": question.document.media_type,
        "sha256": question.document.sha256,
        "pages": asked_pages(question.card, pages),
        "settings": drawing_settings(worker.documents),
    }


def _limits(card: ModelCard, pages: int, worker: Worker) -> Limits:
    return Limits(
        seconds={
            Stage.START: worker.analysis.start_seconds,
            Stage.LOAD: worker.analysis.start_seconds,
            Stage.RASTERISE: worker.documents.page_seconds,
            Stage.PREDICT: card.limits.seconds_per_page * pages,
        },
        memory_mb=worker.analysis.memory_mb,
        growth_mb=card.limits.memory_mb,
    )


def _refusal(card: ModelCard, answer: Message) -> ErrorItem:
    if "code" in answer:
        return _item(ErrorCode(answer["code"]), answer["message"], card.name, None)
    code = ErrorCode.MODEL_OUT_OF_MEMORY if answer["raised"] == "MemoryError" else ErrorCode.MODEL_FAILED
    # Only the kind of error: its text may quote the document.
    return _item(code, f"{card.name} raised {answer['raised']}", card.name, None)


def _item(code: ErrorCode, message: str, stage: str, page: int | None) -> ErrorItem:
    return ErrorItem(code, message, stage, page, code.meaning.retryable)
