"""A result with less in it, for its row: in place of one that BigQuery refuses, or of one that is too large for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import Prediction
from schemas.result import AnalysisResult, Outcome

STAGE = "insert rows"
_ERRORS = 100


def stand_in(result: AnalysisResult) -> AnalysisResult:
    """The least a row may have: whose it is, its status and times, and the error that says where the rest is."""
    error = DocbeamError(
        ErrorCode.ROW_REFUSED, "BigQuery did not take the whole row; it is in the dead letters, the result on its topic"
    )
    return _least(result, error)


def reductions(result: AnalysisResult) -> Iterator[AnalysisResult]:
    """Ever smaller; each says in an error what was left out. The status stays that of the result on its topic."""
    yield _reduced(result, _without_words, "the words inside the lines")
    yield _reduced(result, _without_prediction, "the predictions")
    yield _least(result, _left_out("all but the outcome"))


def _least(result: AnalysisResult, error: DocbeamError) -> AnalysisResult:
    return AnalysisResult(
        request_id=result.request_id,
        use_case=result.use_case,
        status=result.status,
        timings=result.timings,
        client_id=result.client_id,
        use_case_version=result.use_case_version,
        errors=(error.item(STAGE),),
        pipeline_version=result.pipeline_version,
    )


def _reduced(result: AnalysisResult, reduce: Callable[[Outcome], Outcome], what: str) -> AnalysisResult:
    pages = tuple(replace(page, outcomes=tuple(reduce(outcome) for outcome in page.outcomes)) for page in result.pages)
    return replace(result, pages=pages, errors=(*result.errors[:_ERRORS], _left_out(what).item(STAGE)))


def _left_out(what: str) -> DocbeamError:
    return DocbeamError(
        ErrorCode.RESULT_TOO_LARGE, f"larger than a row of BigQuery may be; left out of the row: {what}"
    )


def _without_words(outcome: Outcome) -> Outcome:
    lines = tuple(replace(line, words=()) for line in outcome.prediction.lines)
    return replace(outcome, prediction=replace(outcome.prediction, lines=lines))


def _without_prediction(outcome: Outcome) -> Outcome:
    return replace(outcome, prediction=Prediction())
