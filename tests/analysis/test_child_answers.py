"""What a child wrote is taken only if the next step could write it again, and if it can be an answer at all."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from analysis.children.answers import read_answer
from analysis.children.child import _answer
from analysis.children.pool import ChildPool
from analysis.children.protocol import BrokenFrame, Inbox, Message, encode
from analysis.open_document import open_document
from analysis.worker import Worker
from config.settings import AnalysisSettings, DocumentSettings
from documents.fetch import open_cache
from schemas.errors import DocbeamError, ErrorCode
from schemas.part import Delivery, ReceivedRequest
from schemas.request import AnalysisRequest, DocumentReference


def received(body: bytes) -> Message | None:
    inbox = Inbox()
    inbox.add(struct.pack(">I", len(body)) + body)
    return inbox.next()


@pytest.mark.parametrize(
    "value",
    [
        b"1e999",
        b"-1e999",
        b"NaN",
        b"1" + b"0" * 19,
        b"-" + b"9" * 19,
        b'"\\ud800"',
        b'"\\ude00\\ud83d"',
        b'"\xed\xa0\x80"',
    ],
)
def test_what_no_step_could_write_again_is_no_message(value: bytes) -> None:
    with pytest.raises(BrokenFrame):
        received(b'{"rss": 1, "answer": [' + value + b"]}")


def test_characters_of_two_halves_and_the_largest_numbers_are_taken() -> None:
    assert received(b'{"answer": ["\\ud83d\\ude00", 1e308, 9223372036854775807]}') == {
        "answer": ["\U0001f600", 1e308, 2**63 - 1]
    }


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("inspect", {"media_type": "image/png", "page_count": 0}),
        ("inspect", {"media_type": "image/png", "page_count": -1}),
        ("inspect", {"media_type": "x" * 1000, "page_count": 1}),
        ("apply", [{"prediction": {}, "width": 0, "height": 5, "dpi": None}]),
        ("apply", [{"prediction": {}, "width": 5, "height": 2**62, "dpi": None}]),
    ],
)
def test_sizes_and_counts_that_no_document_has_are_no_answer(operation: str, answer: Any) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_answer(operation, {"rss": 1, "answer": answer})


def test_what_an_error_says_is_cut() -> None:
    told = read_answer("apply", {"rss": 1, "code": "model_failed", "message": "x" * 10_000_000})
    assert len(told["message"]) == 2000
    assert len(read_answer("apply", {"rss": 1, "raised": "x" * 10_000_000})["raised"]) == 2000


def test_an_error_of_a_plug_in_keeps_its_code_whatever_its_message_is() -> None:
    def complain(at: object) -> None:
        raise DocbeamError(ErrorCode.INVALID_PARAMETER, "half a character: \ud800", page=cast(int, "one"))

    told = _told(_answer({"complain": complain}, {"operation": "complain", "arguments": {}}, print))
    assert (told["code"], told["message"]) == (ErrorCode.INVALID_PARAMETER, "half a character: \\ud800")


def _told(answer: Message) -> Message:
    message = received(encode(answer)[4:])
    assert message is not None
    return read_answer("apply", message)


class _Saying:
    """In place of children that were taken over."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def pids(self) -> list[int]:
        return [1]

    def ask(self, operation: str, *_: object, **__: object) -> Message:
        return read_answer(operation, json.loads(json.dumps({"rss": 1, "answer": self._answer})))


def test_more_pages_than_are_allowed_are_not_believed(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    documents = DocumentSettings(allow=(f"{tmp_path.as_uri()}/",), cache_dir=tmp_path / "cache")
    children = cast(ChildPool, _Saying({"media_type": "image/png", "page_count": 1000}))
    here = Worker(documents, AnalysisSettings(attempts=0), open_cache(documents), children, quick_children=children)
    request = AnalysisRequest("r-1", DocumentReference((tmp_path / "a.png").as_uri()), "receipt")
    (part,) = open_document(ReceivedRequest(Delivery("t", 0, 0, 0, datetime.now(UTC)), request), here)
    assert [error.code for error in part.errors] == [ErrorCode.INSPECTION_CRASHED]
