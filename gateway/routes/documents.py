"""Uploads."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gateway.door import UPLOADS
from gateway.problems import documented
from gateway.routes.given import Given, Uploader
from schemas.errors import ErrorCode

router = APIRouter(tags=["documents"])


class UploadedDocument(BaseModel):
    """A document that is kept for the client."""

    location: str
    """To be sent as a request's `location`, by the same client only."""
    media_type: str
    """By its content."""
    size_bytes: int
    sha256: str


@router.post(
    UPLOADS,
    status_code=201,
    summary="Upload a document",
    response_model=UploadedDocument,
    responses={
        201: {"description": "The document is kept."},
        **documented(
            ErrorCode.NO_SUCH_RESOURCE,
            ErrorCode.DOCUMENT_TOO_LARGE,
            ErrorCode.DOCUMENT_EMPTY,
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            ErrorCode.DOCUMENT_INFECTED,
        ),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(request: Request, given: Given, caller: Uploader) -> Response:
    """Take a PDF or image as the call's body, bytes as they are, whatever its `Content-Type` says."""
    found = await given.uploads.take(request.stream(), caller)
    told = UploadedDocument(
        location=found.location, media_type=found.media_type, size_bytes=found.size_bytes, sha256=found.sha256
    )
    return JSONResponse(told.model_dump(mode="json"), 201)
