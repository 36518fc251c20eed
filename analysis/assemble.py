"""The parts of one request come together in its one result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from pydantic import TypeAdapter

from analysis.attempts import Journaled, Work, guarded
from analysis.children.limits import ChildDied, Limits, Reason
from analysis.children.protocol import Stage
from analysis.children.turns import Turn
from analysis.notice_page import notice_on
from analysis.observe import ASSEMBLE, span
from analysis.unread_text import unread_text
from analysis.version import PIPELINE_VERSION
from analysis.worker import Worker
from forms.concluding import form_copies
from schemas.document import PageRange
from schemas.errors import DocbeamError, ErrorCode, ErrorItem
from schemas.part import DocumentPart
from schemas.request import now
from schemas.result import (
    AnalysisResult,
    Field,
    ModelUse,
    OutcomeState,
    PageResult,
    ResultStatus,
    Timings,
)
from use_cases.contract import AnalysedDocument, UseCase
from use_cases.registry import RegisteredUseCase, all_use_cases

_DOCUMENT = TypeAdapter(AnalysedDocument)
_FIELDS = TypeAdapter(tuple[Field, ...])
_STAGE = "conclude"
_ONE_AT_A_TIME = Turn("conclude", 1)
"""So that a use case that hangs leaves a child for documents to be looked at."""


def _journaled(parts: Sequence[DocumentPart], worker: Worker) -> Journaled | None:
    if all(part.errors for part in parts):
        return None
    return Journaled(Work.on_request(parts[0].delivery, parts[0].request, _STAGE), worker.documents, worker.analysis)


def _given_up(error: DocbeamError, parts: Sequence[DocumentPart], worker: Worker) -> AnalysisResult:
    given_up = replace(parts[0], pages=(), errors=(error.item(_STAGE),))
    return _result([replace(given_up, page_range=PageRange(1, 0, 1, 1))], worker)


def assemble(parts: Sequence[DocumentPart], worker: Worker) -> AnalysisResult:
    """The result of one request from the parts that arrived; missing ones make it partial. Never raises."""
    with span(ASSEMBLE) as seen:
        result = _assembled(parts, worker)
        seen.outcome = result.status.value
    return result


@guarded(_journaled, _given_up)
def _assembled(parts: Sequence[DocumentPart], worker: Worker) -> AnalysisResult:
    return _result(parts, worker)


def _result(parts: Sequence[DocumentPart], worker: Worker) -> AnalysisResult:
    ordered = sorted(parts, key=lambda part: part.page_range.part)
    first = ordered[0]
    registered = _registered(first.request.use_case)
    pages = tuple(page for part in ordered for page in part.pages)
    errors = [error for part in ordered for error in part.errors]
    errors += _missing(ordered)
    # Each part looks at page 1 itself; where they differ (a model failed once), the part that has page 1 decides.
    rejected = first.rejected if first.page_range.part == 1 else any(part.rejected for part in ordered)
    fields: tuple[Field, ...] = ()
    if pages and not rejected:
        fields, failure = _conclude(first, pages, registered, worker)
        errors += [failure] if failure else []
    errors += _page_errors(pages)
    return AnalysisResult(
        request_id=first.request.request_id,
        client_id=first.request.client_id,
        use_case=first.request.use_case,
        use_case_version=registered.use_case.version if registered else "",
        status=_status(pages, errors, rejected),
        document=first.document,
        pages=pages,
        fields=fields,
        copies=form_copies(pages),
        models=_models(pages),
        errors=tuple(errors),
        timings=Timings(
            received_at=first.delivery.received_at,
            finished_at=now(),
            fetch_ms=first.fetch_ms,
            models_ms=round(sum(outcome.duration_ms for page in pages for outcome in page.outcomes), 3),
            waited_ms=round(sum(outcome.waited_ms for page in pages for outcome in page.outcomes), 3),
        ),
        pipeline_version=PIPELINE_VERSION,
    )


def _status(pages: Sequence[PageResult], errors: Sequence[ErrorItem], rejected: bool) -> ResultStatus:
    if rejected:
        return ResultStatus.REJECTED
    if not errors:
        return ResultStatus.COMPLETE
    good = (OutcomeState.FOUND, OutcomeState.NOTHING_FOUND)
    anything = any(outcome.state in good for page in pages for outcome in page.outcomes)
    return ResultStatus.PARTIAL if anything else ResultStatus.FAILED


def _page_errors(pages: Iterable[PageResult]) -> list[ErrorItem]:
    found: list[ErrorItem] = []
    for page in pages:
        if page.error is not None:
            found.append(page.error)
            continue
        found += [outcome.error for outcome in page.outcomes if outcome.error is not None]
        found += [told for told in (unread_text(page), notice_on(page)) if told is not None]
    return found


def _missing(parts: Sequence[DocumentPart]) -> list[ErrorItem]:
    arrived = {part.page_range.part for part in parts}
    total = parts[0].page_range.parts
    return [
        DocbeamError(ErrorCode.PART_MISSING, f"part {number} of {total} did not arrive in time").item(
            "assemble results"
        )
        for number in range(1, total + 1)
        if number not in arrived
    ]


def _models(pages: Iterable[PageResult]) -> tuple[ModelUse, ...]:
    ran = (OutcomeState.FOUND, OutcomeState.NOTHING_FOUND)
    answered = [outcome for page in pages for outcome in page.outcomes if outcome.state in ran]
    uses = [(ModelUse(outcome.model, outcome.version, outcome.sha256), *outcome.used) for outcome in answered]
    # In order, each once; a dict keeps the first place.
    return tuple(dict.fromkeys(chain.from_iterable(uses)))


def _registered(use_case: str) -> RegisteredUseCase | None:
    try:
        return all_use_cases().get(use_case)
    except Exception:
        return None


def _conclude(
    part: DocumentPart, pages: tuple[PageResult, ...], registered: RegisteredUseCase | None, worker: Worker
) -> tuple[tuple[Field, ...], ErrorItem | None]:
    if part.document is None:
        return (), None
    if registered is None:
        missing = DocbeamError(ErrorCode.USE_CASE_FAILED, f"{part.request.use_case} is not installed on this worker")
        return (), missing.item(_STAGE)
    if type(registered.use_case).conclude is UseCase.conclude:
        # Nothing to ask a child for.
        return (), None
    document = AnalysedDocument(part.request, part.document, pages)
    arguments: dict[str, Any] = {
        "use_case": part.request.use_case,
        "document": _DOCUMENT.dump_python(document, mode="json"),
    }
    limits = Limits(
        {Stage.START: worker.analysis.start_seconds, Stage.CONCLUDE: worker.analysis.conclude_seconds},
        worker.analysis.memory_mb,
    )
    try:
        answer = worker.ask_quickly("conclude", arguments, limits, claimant=part.delivery.key, turn=_ONE_AT_A_TIME)
        if "answer" in answer:
            return _FIELDS.validate_python(answer["answer"]), None
        detail = f"raised {answer.get('raised', answer.get('code'))}"
    except ChildDied as died:
        if died.reason.outside:
            starved = died.reason is Reason.STARVED
            code = ErrorCode.MACHINE_OVERLOADED if starved else ErrorCode.CHILD_KILLED
            return (), DocbeamError(code, f"use case {part.request.use_case}: {died.detail}").item(_STAGE)
        detail = f"{died.reason}: {died.detail}"
    except Exception as error:
        detail = f"answered what is no field: {type(error).__name__}"
    failure = DocbeamError(ErrorCode.USE_CASE_FAILED, f"use case {part.request.use_case} {detail}")
    return (), failure.item(_STAGE)
