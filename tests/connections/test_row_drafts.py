"""What is sent for a result: the whole of it, less of it, or the least that tells whose it is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from connections.row_drafts import Draft, draft_of, row_id
from schemas.errors import DocbeamError, ErrorCode
from schemas.prediction import Prediction, TextLine, Word
from schemas.result import AnalysisResult, Outcome, OutcomeState, PageResult, ResultStatus
from tests.connections.insert_all_server import answer

QUAD = (0.1, 0.1, 0.2, 0.1, 0.2, 0.2, 0.1, 0.2)


def large(lines: int, words: int, errors: int = 0) -> AnalysisResult:
    """A result with lines of a thousand letters."""
    line = TextLine("w" * 1000, QUAD, 0.5, tuple(Word("w", QUAD, 0.5) for _ in range(words)))
    outcome = Outcome("ocr", OutcomeState.FOUND, "3", prediction=Prediction(lines=(line,) * lines))
    told = DocbeamError(ErrorCode.MODEL_FAILED, "no").item("ocr")
    made = answer("large").result
    return replace(
        made,
        status=ResultStatus.PARTIAL,
        client_id="c",
        use_case_version="7",
        pipeline_version="1",
        pages=(PageResult(1, width=9, outcomes=(outcome,)), PageResult(2)),
        errors=(told,) * errors,
    )


def sent(result: AnalysisResult) -> dict[str, Any]:
    draft = draft_of(answer("large", 3, result))
    assert isinstance(draft, Draft)
    assert draft.misfit is None
    row: dict[str, Any] = json.loads(draft.row.body)
    assert len(draft.row.body) <= 9_000_000
    assert draft.row.whole
    assert row["row_id"] == draft.row_id == "large@t/0/3"
    return row


def left_out(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(error["code"], error["stage"], error["message"].rpartition(": ")[2]) for error in row["errors"]]


def test_a_row_is_named_by_its_request_and_delivery() -> None:
    assert row_id(answer("a", 3)) == "a@t/0/3"


def test_a_row_that_fits_is_whole() -> None:
    row = sent(large(10, 10, errors=150))
    assert len(row["errors"]) == 150
    assert len(row["pages"][0]["outcomes"][0]["prediction"]["lines"][0]["words"]) == 10


def test_words_go_first_then_predictions_then_pages_and_the_status_stays() -> None:
    row = sent(large(100, 2000, errors=150))
    assert left_out(row)[100:] == [("result_too_large", "insert rows", "the words inside the lines")]
    lines = row["pages"][0]["outcomes"][0]["prediction"]["lines"]
    assert [(line["words"], line["text"]) for line in lines] == [([], "w" * 1000)] * 100

    row = sent(large(10_000, 0))
    assert left_out(row) == [("result_too_large", "insert rows", "the predictions")]
    (outcome,) = row["pages"][0]["outcomes"]
    assert (outcome["model"], outcome["version"], outcome["prediction"]["lines"]) == ("ocr", "3", [])
    assert (row["status"], len(row["pages"]), row["document"]["location"]) == ("partial", 2, "file:///large.png")


def test_of_a_row_that_is_too_large_without_any_finding_the_outcome_is_left() -> None:
    whole = large(1, 0)
    pages = tuple(PageResult(number, outcomes=(Outcome("ocr", OutcomeState.FOUND),)) for number in range(1, 40_000))
    row = sent(replace(whole, pages=pages, errors=whole.errors * 3))
    assert left_out(row) == [("result_too_large", "insert rows", "all but the outcome")]
    assert (row["pages"], row["document"]) == ([], None)
    told = ("request_id", "use_case", "status", "client_id", "use_case_version", "pipeline_version")
    assert [row[name] for name in told] == ["large", "receipt", "partial", "c", "7", "1"]


def test_the_stand_in_says_whose_it_is_and_where_the_rest_is() -> None:
    draft = draft_of(answer("large", 3, large(10, 10, errors=5)))
    assert isinstance(draft, Draft)
    assert draft.stand_in is not None
    assert not draft.stand_in.whole
    assert draft.stand_in.insert_id != draft.row.insert_id
    row = json.loads(draft.stand_in.body)
    assert [(error["code"], error["stage"]) for error in row["errors"]] == [("row_refused", "insert rows")]
    assert (row["row_id"], row["pages"], row["status"]) == ("large@t/0/3", [], "partial")


def test_a_row_that_fits_no_table_is_never_sent_whole() -> None:
    broken = replace(large(1, 1), pages=(PageResult(1, dpi=float("nan")),))
    draft = draft_of(answer("large", 3, broken))
    assert isinstance(draft, Draft)
    assert draft.misfit is not None
    assert draft.misfit.code is ErrorCode.ROW_REFUSED
    assert draft.misfit.message == "not sent: pages[0].dpi: not a finite number"
    assert (draft.row.whole, draft.stand_in) == (False, None)

    hopeless = replace(broken, timings=replace(broken.timings, fetch_ms=float("inf")))
    refused = draft_of(answer("large", 3, hopeless))
    assert isinstance(refused, DocbeamError)
    assert refused.code is ErrorCode.ROW_REFUSED
    assert refused.message.startswith("not sent: ")
