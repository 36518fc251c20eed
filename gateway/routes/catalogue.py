"""The catalogue of error codes: where a problem's `type` leads."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from gateway.problems import MEDIA_TYPE, status_of
from schemas.errors import DocbeamError, ErrorCode, Fault

router = APIRouter(tags=["operation"])


class CodeMeaning(BaseModel):
    """One code of the catalogue."""

    code: ErrorCode
    fault: Fault
    """Who has to act for the same to succeed."""
    retryable: bool
    meaning: str
    status: int
    """Of HTTP, where a call is refused with it."""


@router.get("/v1/errors", summary="List the error codes")
async def codes() -> list[CodeMeaning]:
    """All of them, used alike here, on Kafka and in BigQuery."""
    return [_meaning(code) for code in ErrorCode]


@router.get(
    "/v1/errors/{code}",
    summary="Explain an error code",
    responses={
        404: {
            "description": ErrorCode.NO_SUCH_RESOURCE.value,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    },
)
async def code_meaning(code: str) -> CodeMeaning:
    """What a problem's `type` leads to."""
    try:
        return _meaning(ErrorCode(code))
    except ValueError:
        raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "there is no such code") from None


def _meaning(code: ErrorCode) -> CodeMeaning:
    meaning = code.meaning
    return CodeMeaning(
        code=code, fault=meaning.fault, retryable=meaning.retryable, meaning=meaning.text, status=status_of(code)
    )
