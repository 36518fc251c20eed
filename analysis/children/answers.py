"""The shapes of a child's answers, checked by its parent: a plug-in that has taken a child over may write anything."""

from __future__ import annotations

from typing import Any, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from analysis.children.protocol import Message
from schemas.errors import ErrorCode
from schemas.prediction import Prediction


class Inspected(TypedDict):
    """Of `inspect`."""

    media_type: str
    page_count: int


class PageAnswer(TypedDict):
    """Of `apply`, for one page: a prediction and the page's size in pixels, or a code and a message."""

    prediction: NotRequired[Prediction]
    width: NotRequired[int]
    height: NotRequired[int]
    dpi: NotRequired[float | None]
    code: NotRequired[ErrorCode]
    message: NotRequired[str]


class _Told(TypedDict):
    rss: int
    answer: NotRequired[Any]
    code: NotRequired[ErrorCode]
    message: NotRequired[str]
    page: NotRequired[int | None]
    raised: NotRequired[str]
    exhausted: NotRequired[bool]


_TOLD = TypeAdapter(_Told)
_ANSWERS: dict[str, TypeAdapter[Any]] = {
    "inspect": TypeAdapter(Inspected),
    "apply": TypeAdapter(list[PageAnswer]),
    "read": TypeAdapter(list[dict[str, Any]]),
    "conclude": TypeAdapter(list[dict[str, Any]]),
    "overlay": TypeAdapter(str),
}


def read_answer(operation: str, message: Message) -> Message:
    """`message` with its values as what they must be: `answer`, or `code` and `message`, or `raised`; always `rss`.

    Raises ValueError for anything else.
    """
    told: Message = dict(_TOLD.validate_python(message))
    if "answer" in told:
        told["answer"] = _ANSWERS[operation].validate_python(told["answer"])
        if operation == "apply":
            for page in told["answer"]:
                if not ({"prediction", "width", "height", "dpi"} <= page.keys() or {"code", "message"} <= page.keys()):
                    raise ValueError("a page without an answer")
    elif not ({"code", "message"} <= told.keys() or "raised" in told):
        raise ValueError("neither an answer nor an error")
    return told
