"""One step of a use case on one document part."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from analysis.ask_model import ModelQuestion, ask_model
from analysis.attempts import Journaled, Work, guarded
from analysis.observe import APPLY, Span, tell
from analysis.open_document import fetch_again
from analysis.worker import Worker
from documents.geometry import straightening_steps
from models.registry import RegistryError, find_model
from schemas.errors import DocbeamError, ErrorCode, ErrorItem
from schemas.part import DocumentPart
from schemas.result import Outcome, OutcomeState, PageResult
from use_cases.contract import Apply, Expect, Step
from use_cases.registry import all_use_cases


def _journaled(part: DocumentPart, step: Step, worker: Worker) -> Journaled | None:
    if part.errors or part.rejected:
        return None
    stage = f"{step.model}, part {part.page_range.part}"
    return Journaled(Work.on_request(part.delivery, part.request, stage), worker.documents, worker.analysis)


def _given_up(error: DocbeamError, part: DocumentPart, step: Step, worker: Worker) -> DocumentPart:
    return replace(part, pages=(), errors=(error.item(step.model),))


@guarded(_journaled, _given_up)
def apply_step(part: DocumentPart, step: Step, worker: Worker) -> DocumentPart:
    """The part with one more outcome on each page. Never raises, but for PoolClosed.

    Before: pages with outcomes (deskew). After Apply("ocr"): pages with outcomes (deskew, ocr).
    """
    if part.errors:
        return part
    applied = _applied(part, step, worker)
    tell(*(_span(page.number, page.outcomes[-1]) for page in applied.pages))
    return applied


def _span(page: int, outcome: Outcome) -> Span:
    code = outcome.error.code.value if outcome.error else None
    return Span(APPLY, outcome.model, page, outcome.state.value, code, outcome.duration_ms, outcome.waited_ms)


def _applied(part: DocumentPart, step: Step, worker: Worker) -> DocumentPart:
    if part.rejected:
        return _on_all(part, step.model, OutcomeState.BYPASSED)
    try:
        if isinstance(step, Expect):
            return _expect(part, step, worker)
        return replace(part, pages=tuple(_apply(part, step, part.pages, worker)))
    except RegistryError as error:
        unknown = DocbeamError(ErrorCode.MODEL_UNAVAILABLE, str(error))
        return _on_all(part, step.model, OutcomeState.FAILED, unknown.item(step.model))
    except DocbeamError as error:
        return _on_all(part, step.model, OutcomeState.FAILED, error.item(step.model))
    except Exception as error:
        # A defect of ours must cost this part only; Prism ends the whole job on an exception, Flink replays it.
        failure = DocbeamError(ErrorCode.INTERNAL_ERROR, f"{type(error).__name__} in step {step.model}")
        return _on_all(part, step.model, OutcomeState.FAILED, failure.item(step.model))


def _apply(part: DocumentPart, step: Apply, pages: Sequence[PageResult], worker: Worker) -> list[PageResult]:
    assert part.document is not None
    card = find_model(step.model).card
    path = fetch_again(part.document, worker)
    question = ModelQuestion(card, {**part.request.parameters, **step.options}, part.document, path, part.delivery.key)
    with worker.cache.hold(path):
        answered = ask_model(question, pages, worker)
    if card.output == "skew":
        return [straighten(page) for page in answered]
    return answered


def straighten(page: PageResult) -> PageResult:
    """The page with the transforms that its last outcome, a skew, asks for."""
    skew = page.outcomes[-1].prediction.skew
    steps = straightening_steps(skew, page.width, page.height)
    return replace(page, transforms=(*page.transforms, *steps)) if steps else page


def _expect(part: DocumentPart, step: Expect, worker: Worker) -> DocumentPart:
    """Decide by page 1, which every part looks at itself, so that no part has to wait for another."""
    question = Apply(step.model, {"expected": step.document_type})
    if part.page_range.first_page == 1:
        first = _apply(part, question, part.pages[:1], worker)[0]
    else:
        seen: list[PageResult] = [PageResult(1)]
        for earlier in _steps_that_decide(part, step):
            seen = _apply(part, earlier, seen, worker)
        first = _apply(part, question, seen, worker)[0]
    decision = first.outcomes[-1]
    others = part.pages[1:] if part.page_range.first_page == 1 else part.pages
    aside = Outcome(decision.model, OutcomeState.NOT_REQUESTED, decision.version, decision.sha256)
    pages = tuple(replace(page, outcomes=(*page.outcomes, aside)) for page in others)
    if part.page_range.first_page == 1:
        pages = (first, *pages)
    # Where the type could not be told the rest is still read: a form refused by our own fault would be lost.
    told = decision.state is not OutcomeState.FAILED
    accepted = any(score.accepted for score in decision.prediction.types if score.document_type == step.document_type)
    return replace(part, pages=pages, rejected=told and not accepted)


def _steps_that_decide(part: DocumentPart, step: Expect) -> list[Apply]:
    """What was done to page 1 before `step` in its own part and decides: straightening, and findings the model needs.

    With the use case's own options, since the same question must be asked of the same page.
    """
    registered = all_use_cases().get(part.request.use_case)
    if registered is None:
        raise DocbeamError(ErrorCode.USE_CASE_FAILED, f"{part.request.use_case} is not installed on this worker")
    before = itertools.takewhile(lambda each: each != step, registered.use_case.steps)
    needed = {"skew", *find_model(step.model).card.needs}
    steps: list[Apply] = []
    for each in reversed(list(before)):
        card = find_model(each.model).card
        if isinstance(each, Apply) and {card.output, card.name} & needed:
            steps.insert(0, each)
            needed |= set(card.needs)
    return steps


def _on_all(part: DocumentPart, model: str, state: OutcomeState, error: ErrorItem | None = None) -> DocumentPart:
    def with_outcome(page: PageResult) -> PageResult:
        item = replace(error, page=page.number) if error else None
        return replace(page, outcomes=(*page.outcomes, Outcome(model, state, error=item)))

    return replace(part, pages=tuple(with_outcome(page) for page in part.pages))
