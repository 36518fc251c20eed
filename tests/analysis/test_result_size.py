"""A result larger than a message may be is told smaller, never dropped."""

from __future__ import annotations

from dataclasses import replace

from analysis.result_size import fitted
from schemas.errors import ErrorCode
from schemas.prediction import Prediction, TextLine, Word, box_quad
from schemas.request import now
from schemas.result import AnalysisResult, Outcome, OutcomeState, PageResult, ResultStatus, Timings
from schemas.wire import RecordCodec

_CODEC = RecordCodec(AnalysisResult)


def result(lines: int) -> AnalysisResult:
    quad = box_quad(0, 0, 1, 1)
    line = TextLine("some text here", quad, 0.9, tuple(Word(word, quad, 0.9) for word in ("some", "text", "here")))
    outcome = Outcome("ocr", OutcomeState.FOUND, prediction=Prediction(lines=(line,) * lines))
    return AnalysisResult(
        "r-1", "receipt", ResultStatus.COMPLETE, Timings(now(), now()), pages=(PageResult(1, outcomes=(outcome,)),)
    )


def told(lines: int, max_bytes: int) -> AnalysisResult:
    smaller = fitted(result(lines), max_bytes)
    assert len(_CODEC.to_avro(smaller)) <= max_bytes
    return smaller


def test_a_result_that_fits_is_whole() -> None:
    assert told(10, 100_000).status is ResultStatus.COMPLETE


def test_words_go_first() -> None:
    smaller = told(100, 20_000)
    assert smaller.status is ResultStatus.PARTIAL
    assert [error.code for error in smaller.errors] == [ErrorCode.RESULT_TOO_LARGE]
    lines = smaller.pages[0].outcomes[0].prediction.lines
    assert len(lines) == 100
    assert not any(line.words for line in lines)


def test_then_the_predictions() -> None:
    smaller = told(1000, 20_000)
    assert smaller.status is ResultStatus.PARTIAL
    assert smaller.pages[0].outcomes[0].prediction == Prediction()


def test_what_cannot_be_written_is_a_failed_result() -> None:
    whole = result(1)
    broken = replace(whole, pages=(replace(whole.pages[0], number=2**70),))
    answered = fitted(broken, 100_000)
    assert (answered.request_id, answered.status) == ("r-1", ResultStatus.FAILED)
    assert [error.code for error in answered.errors] == [ErrorCode.INTERNAL_ERROR]
