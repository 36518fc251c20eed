"""A request that is not valid, or asks for what is not installed, ends with its error before any work."""

from __future__ import annotations

from datetime import UTC, datetime

from analysis.accept_request import accept
from schemas.errors import ErrorCode
from schemas.part import Delivery, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference


def received(use_case: str = "notes", location: str = "gs://bucket/a") -> ReceivedRequest:
    request = AnalysisRequest("r-1", DocumentReference(location), use_case)
    return ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request)


def test_a_good_request_is_left_as_it_is() -> None:
    asked = received()
    assert accept(asked, {"notes", "receipt"}) == asked


def test_an_unknown_use_case_is_told_with_those_that_are_known() -> None:
    (error,) = accept(received("letters"), {"receipt", "notes"}).errors
    assert (error.code, error.stage) == (ErrorCode.UNKNOWN_USE_CASE, "decode requests")
    assert error.message == "there is no use case 'letters'; known use cases: notes, receipt"
    (error,) = accept(received("letters"), set()).errors
    assert error.message.endswith("known use cases: none")


def test_an_invalid_request_keeps_what_it_says_and_gets_the_error() -> None:
    asked = received(location="")
    found = accept(asked, {"notes"})
    assert (found.delivery, found.request) == (asked.delivery, asked.request)
    assert [error.code for error in found.errors] == [ErrorCode.INVALID_REQUEST]
