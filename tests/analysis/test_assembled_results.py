"""What the result of one request says of its parts, whatever became of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analysis.assemble import assemble
from analysis.observe import Collected, observed_by
from analysis.worker import Worker, close_workers, worker
from config.settings import AnalysisSettings, DocumentSettings
from schemas.document import DocumentFacts, PageRange
from schemas.errors import DocbeamError, ErrorCode, ErrorItem
from schemas.part import Delivery, DocumentPart
from schemas.request import AnalysisRequest, DocumentReference
from schemas.result import ModelUse, Outcome, OutcomeState, PageResult, ResultStatus

RECEIVED = datetime(2026, 1, 2, tzinfo=UTC)
FOUND = Outcome("ocr", OutcomeState.FOUND, "3", "a" * 64, duration_ms=1.5)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Worker]:
    """A worker whose children are asked nothing."""
    documents = DocumentSettings(cache_dir=tmp_path / "cache")
    yield worker(documents, AnalysisSettings(children=1, attempts_dir=tmp_path / "attempts"))
    close_workers()


def failed(code: ErrorCode = ErrorCode.MODEL_FAILED, page: int = 1, model: str = "ocr") -> Outcome:
    return Outcome(model, OutcomeState.FAILED, error=error(code, page))


def error(code: ErrorCode, page: int | None = None) -> ErrorItem:
    return replace(DocbeamError(code, code.value).item("somewhere"), page=page)


def part(number: int, of: int, *pages: PageResult, use_case: str = "unread-mail") -> DocumentPart:
    """Of a document that was not found, so that nothing is concluded from it."""
    request = AnalysisRequest("r-1", DocumentReference("gs://bucket/a"), use_case, client_id="c-1")
    delivery = Delivery("t", 0, 7, 7, RECEIVED)
    return DocumentPart(delivery, request, page_range=PageRange(number, number, number, of), pages=pages, fetch_ms=2.5)


def codes(parts: list[DocumentPart], here: Worker) -> list[str]:
    return [error.code.value for error in assemble(parts, here).errors]


def test_pages_come_in_their_order_however_the_parts_came(here: Worker) -> None:
    parts = [part(number, 3, PageResult(number, outcomes=(FOUND,))) for number in (3, 1, 2)]
    result = assemble(parts, here)
    assert [page.number for page in result.pages] == [1, 2, 3]
    assert (result.request_id, result.client_id, result.use_case) == ("r-1", "c-1", "unread-mail")
    assert (result.status, result.errors, result.use_case_version) == (ResultStatus.COMPLETE, (), "")
    assert (result.timings.received_at, result.timings.fetch_ms, result.timings.models_ms) == (RECEIVED, 2.5, 4.5)
    assert abs(result.timings.finished_at - datetime.now(UTC)) < timedelta(hours=1)
    assert result.pipeline_version


def test_the_version_of_an_installed_use_case_is_told(here: Worker) -> None:
    result = assemble([part(1, 1, PageResult(1, outcomes=(FOUND,)), use_case="receipt")], here)
    assert result.use_case_version


def test_models_that_ran_are_listed_once_in_each_version_with_those_they_used(here: Worker) -> None:
    nothing = Outcome("signature", OutcomeState.NOTHING_FOUND, "2", "b" * 64)
    aside = [Outcome(f"m-{state}", state) for state in (OutcomeState.BYPASSED, OutcomeState.NOT_REQUESTED)]
    reader = ModelUse("reader", "7", "c" * 64)
    later = replace(FOUND, version="4", used=(reader,))
    pages = [
        PageResult(1, outcomes=(*aside, failed(model="deskew"), FOUND)),
        PageResult(2, outcomes=(nothing, later)),
        PageResult(3, outcomes=(FOUND, later)),
    ]
    result = assemble([part(1, 1, *pages)], here)
    ocr, signature = ModelUse("ocr", "3", "a" * 64), ModelUse("signature", "2", "b" * 64)
    assert result.models == (ocr, signature, replace(ocr, version="4"), reader)


def test_a_part_that_did_not_come_makes_the_rest_partial(here: Worker) -> None:
    result = assemble([part(number, 4, PageResult(number, outcomes=(FOUND,))) for number in (3, 1)], here)
    assert result.status is ResultStatus.PARTIAL
    assert [(each.code, each.stage) for each in result.errors] == [(ErrorCode.PART_MISSING, "assemble results")] * 2
    assert [each.message[:11] for each in result.errors] == ["part 2 of 4", "part 4 of 4"]


def test_errors_of_parts_pages_and_models_are_all_told_those_of_a_page_once(here: Worker) -> None:
    unread = PageResult(1, outcomes=(failed(ErrorCode.PAGE_UNREADABLE),) * 2, error=error(ErrorCode.PAGE_UNREADABLE, 1))
    parts = [
        replace(part(1, 2, unread, PageResult(2, outcomes=(failed(page=2), FOUND, failed(page=2))))),
        replace(part(2, 2), errors=(error(ErrorCode.WORKER_DIED),)),
    ]
    assert codes(parts, here) == ["worker_died", "page_unreadable", "model_failed", "model_failed"]
    assert assemble(parts, here).status is ResultStatus.PARTIAL


@pytest.mark.parametrize("state", list(OutcomeState))
def test_with_an_error_only_what_was_looked_at_in_full_makes_it_more_than_failed(
    state: OutcomeState, here: Worker
) -> None:
    pages = PageResult(1, outcomes=(failed(),)), PageResult(2, outcomes=(Outcome("ocr", state),))
    good = state in (OutcomeState.FOUND, OutcomeState.NOTHING_FOUND)
    expected = ResultStatus.PARTIAL if good else ResultStatus.FAILED
    assert assemble([part(1, 1, *pages)], here).status is expected


@pytest.mark.parametrize(
    ("numbers", "rejected", "told"),
    [
        ((1, 2), (True, False), True),
        ((1, 2), (False, True), False),
        ((2, 3), (False, True), True),
        ((2, 3), (False, False), False),
    ],
)
def test_the_part_with_page_1_decides_and_without_it_any(
    numbers: tuple[int, int], rejected: tuple[bool, bool], told: bool, here: Worker
) -> None:
    parts = [
        replace(part(number, 3, PageResult(number, outcomes=(FOUND,))), rejected=each)
        for number, each in zip(numbers, rejected, strict=True)
    ]
    for order in (parts, parts[::-1]):
        assert (assemble(order, here).status is ResultStatus.REJECTED) == told


def test_a_use_case_that_is_gone_is_told_where_there_is_something_to_conclude_from(here: Worker) -> None:
    there = replace(part(1, 1, PageResult(1, outcomes=(FOUND,))), document=DocumentFacts("gs://bucket/a"))
    result = assemble([there], here)
    assert (result.status, result.document) == (ResultStatus.PARTIAL, DocumentFacts("gs://bucket/a"))
    assert [(each.code, each.stage) for each in result.errors] == [(ErrorCode.USE_CASE_FAILED, "conclude")]
    assert codes([replace(there, rejected=True)], here) == []
    assert codes([replace(there, pages=())], here) == []


def test_who_observes_is_told_how_it_ended(here: Worker) -> None:
    observer = Collected()
    with observed_by(observer):
        assemble([part(1, 1, PageResult(1, outcomes=(failed(),)))], here)
    assert [(span.stage, span.outcome) for span in observer.spans] == [("assemble", "failed")]
