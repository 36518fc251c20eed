"""Whether this gateway lives, is ready, and what it is and did."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from analysis.version import PIPELINE_VERSION
from gateway.metrics import REGISTRY
from gateway.problems import MEDIA_TYPE, Refusal
from gateway.routes.given import Given
from gateway.stores.contract import StoreUnavailable
from schemas.errors import ErrorCode

router = APIRouter(tags=["operation"])
_PING_SECONDS = 3.0


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Whether calls can be served."""

    status: Literal["ready", "degraded"]
    """Degraded: requests are kept, and sent once the broker is back."""
    store: Literal["ok"]
    broker: Literal["ok", "away"]
    backlog: int


class Version(BaseModel):
    """What runs."""

    version: str
    api: Literal["v1"] = "v1"


@router.get("/livez", summary="Is the process alive")
async def livez() -> Alive:
    """Always, while it can answer."""
    return Alive()


@router.get(
    "/readyz",
    summary="Can calls be served",
    responses={
        503: {
            "description": "not ready",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    },
)
async def readyz(given: Given) -> Ready:
    """Not while the store is away or the gateway ends; without a broker it keeps what comes."""
    if given.changes.stopping:
        raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, "the gateway ends")
    try:
        async with asyncio.timeout(_PING_SECONDS):
            await given.store.ping()
    except (StoreUnavailable, TimeoutError):
        raise Refusal(ErrorCode.SERVICE_UNAVAILABLE, "the store does not answer") from None
    broker = given.broker_answers()
    return Ready(
        status="ready" if broker else "degraded",
        store="ok",
        broker="ok" if broker else "away",
        backlog=given.backlog.size,
    )


@router.get("/version", summary="What runs")
async def version() -> Version:
    """Of docbeam."""
    return Version(version=PIPELINE_VERSION)


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"description": "In Prometheus' text format.", "content": {"text/plain": {}}}},
)
async def metrics() -> Response:
    """Counts and times since the start."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
