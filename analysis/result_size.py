"""A result larger than a message may be is told smaller, never dropped."""

from __future__ import annotations

from dataclasses import replace

from schemas.errors import DocbeamError, ErrorCode, ErrorItem
from schemas.prediction import Prediction
from schemas.result import AnalysisResult, Outcome, PageResult, ResultStatus
from schemas.wire import RecordCodec

_CODEC = RecordCodec(AnalysisResult)
_STAGE = "publish results"
_CHARACTERS, _ERRORS = 256, 100


def fitted(result: AnalysisResult, max_bytes: int) -> AnalysisResult:
    """The result, with less in it where it would be larger than a message may be, or could not be written.

    First the words inside the lines go, then every prediction, then the pages; each is told by an error.
    """
    try:
        for reduce in (_whole, _without_words, _without_predictions, _without_pages):
            smaller = reduce(result)
            if len(_CODEC.to_avro(smaller)) <= max_bytes:
                return smaller
    except Exception as error:
        # What plug-ins answer is checked where they run; whatever still gets through must not end the job.
        unwritable = DocbeamError(ErrorCode.INTERNAL_ERROR, f"the result cannot be written: {type(error).__name__}")
        return emptied(replace(result, document=None), unwritable.item(_STAGE))
    return emptied(result, DocbeamError(ErrorCode.RESULT_TOO_LARGE, "even without its pages").item(_STAGE))


def emptied(result: AnalysisResult, error: ErrorItem) -> AnalysisResult:
    """A failed result that says nothing but who asked for what, and `error`."""
    return replace(_short(result), status=ResultStatus.FAILED, pages=(), fields=(), models=(), errors=(error,))


def _short(result: AnalysisResult) -> AnalysisResult:
    """With nothing in it of any length or bytes that a client wrote: an answer to an invalid request repeats it."""
    document = result.document if result.document is None or len(repr(result.document)) <= 16_384 else None
    return replace(
        result,
        use_case=_plain(result.use_case),
        client_id=_plain(result.client_id),
        use_case_version=_plain(result.use_case_version),
        document=document,
        errors=tuple(replace(error, message=_plain(error.message)) for error in result.errors[:_ERRORS]),
    )


def _plain(text: str) -> str:
    return text[:_CHARACTERS].encode("utf-8", "replace").decode()


def _without_pages(result: AnalysisResult) -> AnalysisResult:
    error = DocbeamError(
        ErrorCode.RESULT_TOO_LARGE, "the result is larger than a message may be; the pages were left out"
    )
    status = ResultStatus.PARTIAL if result.status is ResultStatus.COMPLETE else result.status
    result = _short(result)
    return replace(result, status=status, pages=(), fields=(), errors=(*result.errors, error.item(_STAGE)))


def _whole(result: AnalysisResult) -> AnalysisResult:
    return result


def _without_words(result: AnalysisResult) -> AnalysisResult:
    def reduce(outcome: Outcome) -> Outcome:
        lines = tuple(replace(line, words=()) for line in outcome.prediction.lines)
        return replace(outcome, prediction=replace(outcome.prediction, lines=lines))

    return _reduced(result, reduce, "the words inside the lines were left out")


def _without_predictions(result: AnalysisResult) -> AnalysisResult:
    return _reduced(result, lambda outcome: replace(outcome, prediction=Prediction()), "the predictions were left out")


def _reduced(result: AnalysisResult, reduce: object, what: str) -> AnalysisResult:
    assert callable(reduce)

    def page_reduced(page: PageResult) -> PageResult:
        return replace(page, outcomes=tuple(reduce(outcome) for outcome in page.outcomes))

    error = DocbeamError(ErrorCode.RESULT_TOO_LARGE, f"the result is larger than a message may be; {what}")
    status = ResultStatus.PARTIAL if result.status is ResultStatus.COMPLETE else result.status
    return replace(
        result,
        status=status,
        pages=tuple(page_reduced(page) for page in result.pages),
        errors=(*result.errors, error.item(_STAGE)),
    )
