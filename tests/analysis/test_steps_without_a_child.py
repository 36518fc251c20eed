"""What needs no child: documents that are not fetched, steps that are passed over, pages that are turned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.apply_step import apply_step, straighten
from analysis.observe import Collected, Span, observed_by
from analysis.open_document import open_document, split_pages
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.document import DocumentFacts, PageRange
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Delivery, DocumentPart, ReceivedRequest
from schemas.prediction import Prediction, Skew
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import Outcome, OutcomeState, PageResult, TransformStep
from use_cases.contract import Apply, Expect

FOUND = Outcome("before", OutcomeState.FOUND)
ECHO = (("traceparent", b"00-1"),)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Worker]:
    documents = DocumentSettings(cache_dir=tmp_path / "cache")
    yield worker(documents, AnalysisSettings(children=1, attempts_dir=tmp_path / "attempts"))
    close_workers()


def received(location: str = "file:///etc/passwd") -> ReceivedRequest:
    request = AnalysisRequest("r-1", DocumentReference(location), "receipt")
    return ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request, echo=ECHO)


def part(**more: object) -> DocumentPart:
    pages = (PageResult(1, outcomes=(FOUND,)), PageResult(2, outcomes=(FOUND,)))
    asked = received()
    made = DocumentPart(asked.delivery, asked.request, page_range=PageRange(1, 2, 1, 1), pages=pages)
    return replace(made, **more)  # type: ignore[arg-type]


def outcomes(found: DocumentPart) -> list[Outcome]:
    assert [page.outcomes[0] for page in found.pages] == [FOUND] * len(found.pages)
    return [page.outcomes[-1] for page in found.pages if len(page.outcomes) == 2]


def test_a_document_that_may_not_be_fetched_is_one_part_with_the_error(here: Worker) -> None:
    observer = Collected()
    with observed_by(observer):
        (opened,) = open_document(received(), here)
    assert [(error.code, error.stage) for error in opened.errors] == [(ErrorCode.LOCATION_FORBIDDEN, "open documents")]
    assert (opened.request, opened.delivery.key, opened.echo) == (received().request, "t/0/0", ECHO)
    assert opened.document is not None
    assert opened.document.location == "file:///etc/passwd"
    assert opened.pages == ()
    assert observer.spans == [Span("open", outcome="failed", code="location_forbidden")]


def test_a_request_with_an_error_is_not_looked_at_again(here: Worker) -> None:
    error = DocbeamError(ErrorCode.INVALID_REQUEST, "no").item("decode requests")
    observer = Collected()
    with observed_by(observer):
        (opened,) = open_document(replace(received(), errors=(error,)), here)
    assert (opened.errors, opened.document, opened.echo) == ((error,), None, ECHO)
    assert [span.code for span in observer.spans] == ["invalid_request"]


@pytest.mark.parametrize(
    ("pages", "per_part", "parts"),
    [
        (1, 3, [(1, 1, 1, 1)]),
        (3, 3, [(1, 3, 1, 1)]),
        (4, 3, [(1, 3, 1, 2), (4, 4, 2, 2)]),
        (7, 3, [(1, 3, 1, 3), (4, 6, 2, 3), (7, 7, 3, 3)]),
        (2, 1, [(1, 1, 1, 2), (2, 2, 2, 2)]),
    ],
)
def test_pages_are_cut_into_parts(pages: int, per_part: int, parts: list[tuple[int, int, int, int]]) -> None:
    assert split_pages(pages, per_part) == [PageRange(*each) for each in parts]


@pytest.mark.parametrize("step", [Apply("ocr"), Expect("receipt")])
def test_steps_of_a_rejected_part_are_bypassed(step: Apply | Expect, here: Worker) -> None:
    observer = Collected()
    with observed_by(observer):
        found = apply_step(part(rejected=True), step, here)
    assert [(each.model, each.state, each.error) for each in outcomes(found)] == [
        (step.model, OutcomeState.BYPASSED, None)
    ] * 2
    assert observer.spans == [Span("apply", step.model, number, "bypassed") for number in (1, 2)]


def test_a_part_with_an_error_is_passed_on_as_it_is(here: Worker) -> None:
    broken = part(errors=(DocbeamError(ErrorCode.DOCUMENT_EMPTY, "no").item("open documents"),))
    observer = Collected()
    with observed_by(observer):
        assert apply_step(broken, Apply("ocr"), here) is broken
    assert observer.spans == []


def test_a_model_that_nobody_has_fails_on_each_page_and_is_told(here: Worker) -> None:
    observer = Collected()
    with observed_by(observer):
        found = apply_step(part(document=_document()), Apply("nobodys"), here)
    for number, outcome in enumerate(outcomes(found), start=1):
        assert outcome.error is not None
        assert (outcome.state, outcome.model) == (OutcomeState.FAILED, "nobodys")
        assert (outcome.error.code, outcome.error.page) == (ErrorCode.MODEL_UNAVAILABLE, number)
        assert outcome.error.stage == "nobodys"
        assert "known models" in outcome.error.message
    assert [(span.outcome, span.code, span.page) for span in observer.spans] == [
        ("failed", "model_unavailable", 1),
        ("failed", "model_unavailable", 2),
    ]


def test_a_document_that_cannot_be_fetched_again_fails_the_step_on_each_page(here: Worker) -> None:
    found = apply_step(part(document=_document()), Apply("ocr"), here)
    told = [(each.error.code, each.error.page, each.error.stage) for each in outcomes(found) if each.error]
    assert told == [(ErrorCode.LOCATION_FORBIDDEN, 1, "ocr"), (ErrorCode.LOCATION_FORBIDDEN, 2, "ocr")]


def test_a_defect_of_ours_costs_the_part_only(here: Worker) -> None:
    # Without a document there is nothing to apply a model to.
    found = apply_step(part(document=None), Apply("ocr"), here)
    told = [(each.error.code, each.error.page, each.error.message) for each in outcomes(found) if each.error]
    assert told == [(ErrorCode.INTERNAL_ERROR, number, "AssertionError in step ocr") for number in (1, 2)]


def _document() -> DocumentFacts:
    return DocumentFacts("file:///etc/passwd", "image/png", sha256="0" * 64, page_count=2)


def skewed(turns: int, turned: bool, straightened: bool) -> PageResult:
    skew = Skew(turns, 1.0, 2.0, 1.0, turned, straightened)
    outcome = Outcome("deskew", OutcomeState.FOUND, prediction=Prediction(skew=skew))
    return PageResult(1, 300, 400, outcomes=(FOUND, outcome))


@pytest.mark.parametrize(
    ("turns", "turned", "straightened", "steps"),
    [
        (1, False, False, []),
        (0, True, False, []),
        (4, True, False, []),
        (1, True, False, [("quarter turn", 400, 300)]),
        (2, True, False, [("quarter turn", 300, 400)]),
        (3, True, True, [("quarter turn", 400, 300), ("straighten", 411, 314)]),
        (1, False, True, [("straighten", 314, 411)]),
    ],
)
def test_a_page_is_turned_as_its_skew_asks(
    turns: int, turned: bool, straightened: bool, steps: list[tuple[str, int, int]]
) -> None:
    page = straighten(skewed(turns, turned, straightened))
    assert [(step.name, step.width, step.height) for step in page.transforms] == steps
    assert page.outcomes == skewed(turns, turned, straightened).outcomes


def test_turns_come_behind_those_there_were_and_nothing_is_turned_without_a_skew() -> None:
    first = TransformStep("earlier", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), 300, 400)
    page = straighten(replace(skewed(1, True, False), transforms=(first,)))
    assert [step.name for step in page.transforms] == ["earlier", "quarter turn"]
    plain = PageResult(1, 300, 400, transforms=(first,), outcomes=(FOUND,))
    assert straighten(plain) is plain
