"""What a child may answer to each question, and nothing besides."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from analysis.children.answers import read_answer
from schemas.errors import ErrorCode
from schemas.prediction import Label, Prediction

PLAIN: dict[str, Any] = TypeAdapter(Prediction).dump_python(Prediction(labels=(Label("n", "v", 0.5),)), mode="json")
WHOSE = {"version": "1", "sha256": "", "used": [], "predict_ms": 1.5}
PAGE = {"prediction": PLAIN, **WHOSE, "width": 10, "height": 20, "dpi": None}
REFUSED = {"code": "page_unreadable", "message": "no"}


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("inspect", {"media_type": "image/png", "page_count": 3}),
        ("apply", []),
        ("read", [{"value": "v"}]),
        ("conclude", []),
        ("overlay", "aGVsbG8="),
    ],
)
def test_an_answer_of_its_question_is_taken_as_it_is(operation: str, answer: Any) -> None:
    assert read_answer(operation, {"rss": 5, "answer": answer}) == {"rss": 5, "answer": answer}


def test_pages_come_with_predictions_or_codes() -> None:
    told = read_answer("apply", {"rss": 5, "answer": [PAGE, REFUSED]})["answer"]
    assert told[0]["prediction"] == Prediction(labels=(Label("n", "v", 0.5),))
    assert (told[0]["width"], told[0]["height"], told[0]["dpi"]) == (10, 20, None)
    assert told[1] == {"code": ErrorCode.PAGE_UNREADABLE, "message": "no"}


def test_errors_are_taken_without_an_answer() -> None:
    assert read_answer("apply", {"rss": 5, **REFUSED, "page": 2})["code"] is ErrorCode.PAGE_UNREADABLE
    raised = {"rss": 5, "raised": "ValueError", "exhausted": False}
    assert read_answer("conclude", raised) == raised


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("apply", {"answer": []}),
        ("apply", {"rss": 5}),
        ("apply", {"rss": 5, "code": "page_unreadable"}),
        ("apply", {"rss": 5, "message": "no"}),
        ("apply", {"rss": 5, "code": "no such code", "message": "no"}),
        ("apply", {"rss": "many", "answer": []}),
        ("apply", {"rss": 5, "answer": {}}),
        ("inspect", {"rss": 5, "answer": {"media_type": "image/png"}}),
        ("inspect", {"rss": 5, "answer": []}),
        ("read", {"rss": 5, "answer": ["text"]}),
        ("conclude", {"rss": 5, "answer": None}),
        ("overlay", {"rss": 5, "answer": 7}),
        *(("apply", {"rss": 5, "answer": [{k: v for k, v in PAGE.items() if k != gone}]}) for gone in PAGE),
        *(("apply", {"rss": 5, "answer": [PAGE, {k: v for k, v in REFUSED.items() if k != gone}]}) for gone in REFUSED),
    ],
)
def test_anything_else_is_no_answer(operation: str, message: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"validation error|answer"):
        read_answer(operation, message)
