"""Ask a child to apply a model to pages: a few at once, and those that break it once more, alone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.asked_pages import asked_pages, drawing_settings
from analysis.children.limits import ChildDied, Limits, Reason
from analysis.children.protocol import Message, Stage
from analysis.children.turns import Turn
from analysis.page_shares import joined, shares_of
from analysis.waiting import Stretch, waited
from analysis.worker import Worker
from models.card import ModelCard
from schemas.document import DocumentFacts
from schemas.errors import ErrorCode, ErrorItem
from schemas.prediction import MOST_ASKEW_DEGREES
from schemas.result import Outcome, OutcomeState, PageResult

_HOPELESS = 2
"""Pages that held a child until it was killed; the rest is not tried, so that one document cannot hold it for long."""
_DIED_IN_MODEL = {
    Reason.TIMEOUT: ErrorCode.MODEL_TIMEOUT,
    Reason.MEMORY: ErrorCode.MODEL_OUT_OF_MEMORY,
    Reason.CRASH: ErrorCode.MODEL_CRASHED,
}
_DIED_IN_PAGE = {
    Reason.TIMEOUT: ErrorCode.PAGE_TIMEOUT,
    Reason.MEMORY: ErrorCode.PAGE_OUT_OF_MEMORY,
    Reason.CRASH: ErrorCode.PAGE_CRASHED,
}
_OF_ALL_PAGES = (ErrorCode.MODEL_UNAVAILABLE, ErrorCode.INVALID_PARAMETER, ErrorCode.MACHINE_OVERLOADED)
"""What no page has brought about: trying them singly would give the same answer."""
_HELD_A_CHILD = (ErrorCode.MODEL_TIMEOUT, ErrorCode.CHILD_KILLED)


@dataclass(frozen=True, slots=True)
class ModelQuestion:
    """What is asked: one model, on pages of one document."""

    card: ModelCard
    options: Mapping[str, str]
    document: DocumentFacts
    path: Path
    """Of the fetched document on this machine."""
    delivery: str = ""
    """Key of the delivery, whose turn it is when children are scarce."""


def ask_model(question: ModelQuestion, pages: Sequence[PageResult], worker: Worker) -> list[PageResult]:
    """The pages with one more outcome each, in order; a page that breaks the model fails alone.

    Pages that could not be read before get a failed outcome without being asked about, and so do pages askew where the
    model's card says that it needs them straight.
    """
    asking = _Asking(question, worker)
    for page in pages:
        error = page.error or _askew(question.card, page)
        if error is not None:
            asking.fail([page], error)
    asking.ask([page for page in pages if page.number not in asking.answered])
    return [asking.answered[page.number] for page in pages]


class _Failed(Exception):
    """A question that brought no answer; `item` is for each of its pages."""

    def __init__(self, item: ErrorItem, stage: Stage, page: int | None) -> None:
        super().__init__(item.message)
        self.item = item
        self.stage = stage
        self.page = page


class _Asking:
    """One model on the pages of one part, until each has its outcome."""

    def __init__(self, question: ModelQuestion, worker: Worker) -> None:
        self._question = question
        self._worker = worker
        self._hopeless: list[ErrorItem] = []
        self.answered: dict[int, PageResult] = {}
        """By page number, with the new outcome."""

    def ask(self, pages: Sequence[PageResult]) -> None:
        """As many at once as go, those of a batch that breaks one by one."""
        waiting = list(pages)
        limit = self._question.card.limits.max_batch
        while waiting:
            if len(self._hopeless) >= _HOPELESS:
                self._give_up(waiting)
                return
            batch = waiting[: self._worker.pace.pages(self._question.card.name, limit)]
            try:
                waiting = waiting[self._ask(batch) :]
            except _Failed as failed:
                if failed.item.code in _OF_ALL_PAGES:
                    self.fail(waiting, failed.item)
                    return
                suspects = [page for page in batch if page.number == failed.page] or batch
                for page in suspects:
                    self._alone(page, failed if len(batch) == 1 else None)
                waiting = [page for page in waiting if page.number not in self.answered]

    def fail(self, pages: Sequence[PageResult], error: ErrorItem) -> None:
        """These pages have failed, and with this model only."""
        card = self._question.card
        for page in pages:
            item = replace(error, page=page.number)
            outcome = Outcome(card.name, OutcomeState.FAILED, card.version, card.sha256, error=item)
            self.answered[page.number] = replace(page, outcomes=(*page.outcomes, outcome))

    def _alone(self, page: PageResult, failed: _Failed | None) -> None:
        """Ask about one page, unless that is what has just failed."""
        if len(self._hopeless) >= _HOPELESS:
            self._give_up([page])
            return
        try:
            if failed is None:
                self._ask([page])
                return
        except _Failed as again:
            failed = again
        if failed.item.code in _HELD_A_CHILD:
            self._hopeless.append(failed.item)
        if failed.item.code in _DIED_IN_PAGE.values():
            # No other model can read it either.
            page = replace(page, error=replace(failed.item, page=page.number))
        self.fail([page], failed.item)

    def _give_up(self, pages: Sequence[PageResult]) -> None:
        self.fail(pages, replace(self._hopeless[-1], message="not tried: other pages held a child until it was ended"))

    def _ask(self, pages: Sequence[PageResult]) -> int:
        """Ask about these pages together; how many of them, from the first, were answered."""
        began = time.monotonic()
        answers = self._ask_shares(pages, shares_of(self._question.card, pages, self._worker.children.size))
        at_work = [answer["at_work"] for answer in answers]
        if not _of_one_model(answers):
            # It was exchanged between two children: shares of two versions are no page.
            answers = self._ask_shares(pages, 1)
            at_work += [answer["at_work"] for answer in answers]
        asked = Stretch(began, time.monotonic())
        count = min(len(answer["answer"]) for answer in answers)
        self._worker.pace.took(self._question.card.name, count, max(answer["seconds"] for answer in answers))
        waited_ms = waited(asked, at_work) / count * 1000
        for number, page in enumerate(pages[:count]):
            self._with_answer(page, [answer["answer"][number] for answer in answers], waited_ms)
        return count

    def _ask_shares(self, pages: Sequence[PageResult], shares: int) -> list[Message]:
        with ThreadPoolExecutor(shares) as others:
            asked = [others.submit(self._ask_share, pages, (number, shares)) for number in range(1, shares)]
            return [self._ask_share(pages, (0, shares)), *(each.result() for each in asked)]

    def _ask_share(self, pages: Sequence[PageResult], share: tuple[int, int]) -> Message:
        card, worker = self._question.card, self._worker
        turn = Turn(card.name, card.limits.max_concurrency) if card.limits.max_concurrency else None
        try:
            answer = worker.children.ask(
                "apply",
                {**_arguments(self._question, pages, worker), "share": share},
                _limits(card, len(pages), worker),
                self._question.document.sha256,
                claimant=self._question.delivery,
                pages=self._question.document.page_count,
                turn=turn,
                decisive=len(pages) == 1,
                # Another step follows, or what the use case concludes.
                goes_on=True,
            )
        except ChildDied as died:
            raise _Failed(_death(card, died), died.stage, died.page) from None
        if "answer" not in answer:
            raise _Failed(_refusal(card, answer), Stage.PREDICT, None)
        told = answer["answer"]
        if not 1 <= len(told) <= len(pages):
            item = _item(ErrorCode.MODEL_CRASHED, f"{card.name}: its child left out pages", card.name)
            raise _Failed(item, Stage.PREDICT, None)
        ended = time.monotonic()
        return {**answer, "at_work": Stretch(ended - answer["seconds"], ended)}

    def _with_answer(self, page: PageResult, shares: Sequence[Mapping[str, Any]], waited_ms: float) -> None:
        told = next((each for each in shares if "code" in each), shares[0])
        if "code" in told:
            error = replace(_item(told["code"], told["message"], "rasterise"), page=page.number)
            self.fail([replace(page, error=error)], error)
            return
        page = replace(page, **{name: told[name] for name in ("width", "height", "dpi")})
        page = replace(page, negative=told.get("negative", False))
        prediction = joined([each["prediction"] for each in shares], page)
        outcome = Outcome(
            model=self._question.card.name,
            version=told["version"],
            sha256=told["sha256"],
            state=OutcomeState.NOTHING_FOUND if prediction.is_empty else OutcomeState.FOUND,
            duration_ms=round(sum(each["predict_ms"] for each in shares), 3),
            prediction=prediction,
            waited_ms=round(waited_ms, 3),
            used=tuple(told["used"]),
        )
        self.answered[page.number] = replace(page, outcomes=(*page.outcomes, outcome))


def _of_one_model(answers: Sequence[Message]) -> bool:
    """Whether all shares come from the same version of the model, and of those that read for it."""
    told = [page for answer in answers for page in answer["answer"] if "version" in page]
    return all(each[key] == told[0][key] for each in told for key in ("version", "sha256", "used"))


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


def _askew(card: ModelCard, page: PageResult) -> ErrorItem | None:
    skews = [outcome.prediction.skew for outcome in page.outcomes if outcome.prediction.skew is not None]
    askew = max((skew.askew_degrees for skew in skews), default=0.0)
    if not card.needs_straight or askew <= MOST_ASKEW_DEGREES:
        return None
    return _item(ErrorCode.PAGE_NOT_STRAIGHT, f"{card.name} needs a straight page; turn it and send it anew", card.name)


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
        pages=pages,
    )


def _death(card: ModelCard, died: ChildDied) -> ErrorItem:
    if died.reason is Reason.STARVED:
        return _item(ErrorCode.MACHINE_OVERLOADED, f"{card.name}: {died.detail}", card.name)
    if died.reason.outside:
        return _item(ErrorCode.CHILD_KILLED, f"{card.name}: {died.detail}", card.name)
    if died.stage in (Stage.START, Stage.LOAD):
        return _item(ErrorCode.MODEL_UNAVAILABLE, f"{card.name}: {died.detail}", card.name)
    if died.stage is Stage.RASTERISE:
        return _item(_DIED_IN_PAGE[died.reason], died.detail, "rasterise")
    return _item(_DIED_IN_MODEL[died.reason], f"{card.name}: {died.detail}", card.name)


def _refusal(card: ModelCard, answer: Message) -> ErrorItem:
    if "code" in answer:
        return _item(answer["code"], answer["message"], card.name)
    code = ErrorCode.MODEL_OUT_OF_MEMORY if answer["raised"] == "MemoryError" else ErrorCode.MODEL_FAILED
    # Only the kind of error: its text may quote the document.
    return _item(code, f"{card.name} raised {answer['raised']}", card.name)


def _item(code: ErrorCode, message: str, stage: str) -> ErrorItem:
    return ErrorItem(code, message, stage, None, code.meaning.retryable)
