"""What there is: error codes, to which a problem's `type` leads, and use cases."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from gateway.problems import MEDIA_TYPE, documented, status_of
from schemas.errors import DocbeamError, ErrorCode, Fault
from use_cases.registry import all_use_cases

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


class UseCaseSummary(BaseModel):
    """A use case that is installed where the gateway runs."""

    name: str
    version: str
    summary: str


@router.get("/v1/use-cases", summary="List the use cases", responses=documented())
def use_cases() -> list[UseCaseSummary]:
    """By name. Workers may have others: a request may name any."""
    return [
        UseCaseSummary(name=name, version=found.use_case.version, summary=found.summary)
        for name, found in sorted(all_use_cases().items())
    ]


def _meaning(code: ErrorCode) -> CodeMeaning:
    meaning = code.meaning
    return CodeMeaning(
        code=code, fault=meaning.fault, retryable=meaning.retryable, meaning=meaning.text, status=status_of(code)
    )
