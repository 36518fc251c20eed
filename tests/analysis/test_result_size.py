"""A result larger than a message may be is told smaller, never dropped."""

from __future__ import annotations

from dataclasses import replace

from analysis.result_size import fitted
from schemas.document import DocumentFacts
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import FieldKind, FieldState
from schemas.prediction import Prediction, TextLine, Word, box_quad
from schemas.request import now
from schemas.result import AnalysisResult, Field, ModelUse, Outcome, OutcomeState, PageResult, ResultStatus, Timings
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


def test_then_the_pages() -> None:
    pages = tuple(PageResult(number, outcomes=(Outcome("ocr", OutcomeState.FOUND),)) for number in range(1, 2001))
    field = Field("n", FieldKind.TEXT, FieldState.FILLED, value="v")
    many = replace(
        result(1),
        pages=pages,
        fields=(field,),
        client_id="c" * 1000,
        use_case="u" * 1000,
        use_case_version="v" * 1000,
        models=(ModelUse("ocr", "1", ""),),
        document=DocumentFacts("gs://bucket/a"),
        errors=tuple(DocbeamError(ErrorCode.MODEL_FAILED, "e" * 1000).item("ocr") for _ in range(200)),
    )
    smaller = fitted(many, 60_000)
    assert len(_CODEC.to_avro(smaller)) <= 60_000
    assert (smaller.status, smaller.pages, smaller.fields) == (ResultStatus.PARTIAL, (), ())
    assert (smaller.document, smaller.models) == (many.document, many.models)
    # Ids and messages may be of any length, since those of invalid requests are repeated.
    assert (smaller.client_id, smaller.use_case, smaller.use_case_version) == ("c" * 256, "u" * 256, "v" * 256)
    *kept, last = smaller.errors
    assert [error.message for error in kept] == ["e" * 256] * 100
    assert (last.code, last.stage) == (ErrorCode.RESULT_TOO_LARGE, "publish results")
    assert "the pages were left out" in last.message


def test_a_status_that_says_more_than_partial_stays() -> None:
    whole = result(1000)
    pages = (*whole.pages, *(PageResult(number) for number in range(2, 200)))
    rejected = replace(whole, pages=pages, status=ResultStatus.REJECTED)
    for max_bytes in (100_000, 20_000, 1_000):
        smaller = fitted(rejected, max_bytes)
        assert (smaller.status, smaller.errors[-1].code) == (ResultStatus.REJECTED, ErrorCode.RESULT_TOO_LARGE)
    assert smaller.pages == ()


def test_each_reduction_says_what_is_missing_and_keeps_what_was_said_before() -> None:
    before = DocbeamError(ErrorCode.MODEL_FAILED, "no").item("ocr")
    whole = replace(result(1000), errors=(before,))
    for max_bytes, told in ((100_000, "the words inside the lines"), (20_000, "the predictions")):
        first, second = fitted(whole, max_bytes).errors
        assert first == before
        assert second.message.endswith(f"{told} were left out")
        assert second.stage == "publish results"


def test_nothing_but_the_size_makes_a_result_smaller() -> None:
    whole = result(100)
    size = len(_CODEC.to_avro(whole))
    assert fitted(whole, size) == whole
    assert fitted(whole, size - 1) != whole


def test_what_is_too_large_even_without_pages_is_a_failed_result() -> None:
    large = replace(result(1), document=DocumentFacts("gs://bucket/" + "a" * 20_000))
    least = fitted(large, 100)
    assert (least.request_id, least.status, least.document) == ("r-1", ResultStatus.FAILED, None)
    assert [(error.code, error.stage) for error in least.errors] == [(ErrorCode.RESULT_TOO_LARGE, "publish results")]
    assert (least.pages, least.fields, least.models) == ((), (), ())


def test_text_that_is_no_unicode_is_told_without_it() -> None:
    broken = replace(result(1), use_case="\ud800" * 3, document=DocumentFacts("gs://\ud800"))
    answered = fitted(broken, 100_000)
    assert (answered.use_case, answered.document, answered.status) == ("???", None, ResultStatus.FAILED)
    assert _CODEC.to_avro(answered)
    assert [(error.code, error.stage) for error in answered.errors] == [(ErrorCode.INTERNAL_ERROR, "publish results")]


def test_what_cannot_be_written_is_a_failed_result() -> None:
    whole = result(1)
    broken = replace(whole, pages=(replace(whole.pages[0], number=2**70),))
    answered = fitted(broken, 100_000)
    assert (answered.request_id, answered.status) == ("r-1", ResultStatus.FAILED)
    assert [error.code for error in answered.errors] == [ErrorCode.INTERNAL_ERROR]
