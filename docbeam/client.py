"""A client of the gateway, for programs: `from docbeam.client import Client`."""

from __future__ import annotations

from clients.failure import ClientError
from clients.rest.async_client import AsyncClient
from clients.rest.client import Client
from clients.rest.failure import NotReached, Refused, TimedOut
from clients.rest.records import Corrections, Receipt, RequestState, Upload
from schemas.progress import RequestStatus

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "Corrections",
    "NotReached",
    "Receipt",
    "Refused",
    "RequestState",
    "RequestStatus",
    "TimedOut",
    "Upload",
]
