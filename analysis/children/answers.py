"""The shapes of a child's answers, checked by its parent: a plug-in that has taken a child over may write anything."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, Field, TypeAdapter
from typing_extensions import TypedDict

from analysis.children.protocol import Message
from schemas.errors import ErrorCode
from schemas.prediction import Prediction
from schemas.result import ModelUse

_MESSAGE_CHARACTERS = 2000
"""Of what an error says: it goes into the outcome of each page it is about."""


def _cut(text: str) -> str:
    return text[:_MESSAGE_CHARACTERS]


Said = Annotated[str, AfterValidator(_cut)]
Name = Annotated[str, Field(max_length=200)]
Pixels = Annotated[int, Field(ge=1, lt=2**31)]


class Inspected(TypedDict):
    """Of `inspect`."""

    media_type: Annotated[str, Field(max_length=100)]
    page_count: Annotated[int, Field(ge=1, lt=2**31)]


class PageAnswer(TypedDict):
    """Of `apply`, for one page: a prediction, whose it is and the page's size in pixels, or a code and a message."""

    prediction: NotRequired[Prediction]
    version: NotRequired[Name]
    sha256: NotRequired[Name]
    used: NotRequired[Annotated[list[ModelUse], Field(max_length=100)]]
    predict_ms: NotRequired[Annotated[float, Field(ge=0, le=1e9)]]
    width: NotRequired[Pixels]
    height: NotRequired[Pixels]
    dpi: NotRequired[float | None]
    negative: NotRequired[bool]
    code: NotRequired[ErrorCode]
    message: NotRequired[Said]


class _Told(TypedDict):
    rss: int
    answer: NotRequired[Any]
    code: NotRequired[ErrorCode]
    message: NotRequired[Said]
    page: NotRequired[int | None]
    raised: NotRequired[Said]
    exhausted: NotRequired[bool]


_ANSWERED = {"prediction", "version", "sha256", "used", "predict_ms", "width", "height", "dpi"}
_TOLD = TypeAdapter(_Told)
_ANSWERS: dict[str, TypeAdapter[Any]] = {
    "inspect": TypeAdapter(Inspected),
    "apply": TypeAdapter(list[PageAnswer]),
    "read": TypeAdapter(list[dict[str, Any]]),
    "conclude": TypeAdapter(list[dict[str, Any]]),
    "overlay": TypeAdapter(str),
    "picture": TypeAdapter(str),
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
                if not (page.keys() >= _ANSWERED or {"code", "message"} <= page.keys()):
                    raise ValueError("a page without an answer")
    elif not ({"code", "message"} <= told.keys() or "raised" in told):
        raise ValueError("neither an answer nor an error")
    return told
