"""The page for people. Its files are public, and say nothing: all that they show comes from calls of the API."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Header, Response

from gateway.etags import matches
from schemas.errors import DocbeamError, ErrorCode

router = APIRouter(include_in_schema=False)
_MEDIA_TYPES: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FILES: Mapping[str, bytes] = {
    each.name: each.read_bytes()
    for each in resources.files("gateway.page").iterdir()
    if each.name.rpartition(".")[2] in _MEDIA_TYPES
}
"""Read once: no path of a caller ever reaches a disk."""
_HEADERS: Mapping[str, str] = {
    # Pictures of pages need a key, so they are fetched by script and shown from memory: blob.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_IfNoneMatch = Annotated[str | None, Header()]


@router.get("/")
async def page(if_none_match: _IfNoneMatch = None) -> Response:
    """The page."""
    return _file("index.html", if_none_match)


@router.get("/ui/{name}")
async def part(name: str, if_none_match: _IfNoneMatch = None) -> Response:
    """A style, a module or a picture of it. Raises DocbeamError(NO_SUCH_RESOURCE)."""
    if name not in _FILES:
        raise DocbeamError(ErrorCode.NO_SUCH_RESOURCE, "the page has no such part")
    return _file(name, if_none_match)


def _file(name: str, if_none_match: str | None) -> Response:
    content = _FILES[name]
    headers = dict(_HEADERS) | {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    if matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_MEDIA_TYPES[name.rpartition(".")[2]], headers=headers)
