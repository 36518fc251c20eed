"""The gateway as an ASGI application."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from itertools import chain
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from config.settings import Settings
from gateway.door import Door
from gateway.openapi import described
from gateway.problems import Pointer, Refusal, problem
from gateway.routes import catalogue, documents, events, health, page, pages, requests, reviews
from gateway.services import Services
from gateway.stores.contract import StoreUnavailable
from schemas.errors import DocbeamError, ErrorCode

_HTTP_CODES: Mapping[int, ErrorCode] = {
    404: ErrorCode.NO_SUCH_RESOURCE,
    405: ErrorCode.METHOD_NOT_ALLOWED,
}


_ROUTES = (requests, page, events, pages, reviews, documents, health, catalogue)


def application(settings: Settings) -> tuple[Door, Services]:
    """The application behind its door, and what it runs on; it starts and stops with the server's lifespan."""
    services = Services(settings)
    inner = routed()
    inner.state.services = services
    gateway = settings.gateway
    door = Door(inner, services.authentication, services.limits, gateway.max_body_bytes, gateway.root_path)
    return door, services


def routed() -> FastAPI:
    """The routes without anything behind them: all that OpenAPI describes."""
    app = FastAPI(title="docbeam", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    # Else an address with one slash more is answered with one made of the Host header, of http behind a proxy's TLS.
    app.router.redirect_slashes = False
    for each in _ROUTES:
        app.include_router(each.router)
    app.add_exception_handler(DocbeamError, _failed)
    app.add_exception_handler(StoreUnavailable, _store_away)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _went_away)
    app.add_exception_handler(Exception, _defect)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    async with services.running():
        yield


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, DocbeamError)
    return problem(error)


async def _went_away(request: Request, error: Exception) -> Response:
    return problem(DocbeamError(ErrorCode.INVALID_REQUEST, "the caller went away"))


async def _store_away(request: Request, error: Exception) -> Response:
    return problem(Refusal(ErrorCode.SERVICE_UNAVAILABLE, "the store does not answer; try again"))


async def _defect(request: Request, error: Exception) -> Response:
    """The door logs it."""
    return problem(DocbeamError(ErrorCode.INTERNAL_ERROR, "a defect in docbeam; its log says more"))


async def _invalid(request: Request, error: Exception) -> Response:
    """Names what is wrong, and never quotes it."""
    assert isinstance(error, RequestValidationError)
    pointers = [Pointer(pointer=_pointer(each["loc"]), detail=str(each["msg"])) for each in error.errors()[:20]]
    first = f"{pointers[0].pointer}: {pointers[0].detail}" if pointers else "the call is not valid"
    return problem(DocbeamError(ErrorCode.INVALID_REQUEST, first), pointers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, ErrorCode.INVALID_REQUEST)
    headers = dict(error.headers or {})
    if code is ErrorCode.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return problem(Refusal(code, code.meaning.text, headers=headers))


def _methods(request: Request) -> set[str]:
    """Of all routes of the address; each by itself knows its own only."""
    found: set[str] = set()
    # The application itself lists routers, which have no methods.
    for route in chain(request.app.routes, *(each.router.routes for each in _ROUTES)):
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return found


def _pointer(place: tuple[Any, ...]) -> str:
    kind, *parts = place
    # What a client wrote as a name of a field is left out of the text.
    shown = [str(part) if str(part).replace("_", "").isalnum() and len(str(part)) < 64 else "?" for part in parts]
    return "/" + "/".join(shown) if kind == "body" else "/".join(shown) or str(kind)
