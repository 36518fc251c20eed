"""What stands before every call: who it is, how often they called, how much they may say. Plain ASGI, so that bytes
of strangers are counted before anything reads them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway.access.authentication import Authentication
from gateway.access.limits import RateLimits
from gateway.metrics import CALLS, REFUSED, SECONDS
from gateway.principal import Principal
from gateway.problems import Refusal, problem
from gateway.stores.contract import StoreUnavailable
from schemas.errors import DocbeamError, ErrorCode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)
_API = "/v1/"
_PUBLIC = ("/v1/errors",)
_BODY_SECONDS = 20.0
_SECURITY: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Nothing that a client sent, and that is shown again, is ever run."""
UPLOADS = "/v1/documents"
"""The one address whose body is streamed, with a limit of its own."""


class Door:
    """Lets a call through to the application, with its `Principal`, or answers it."""

    def __init__(
        self,
        application: ASGIApp,
        authentication: Authentication,
        limits: RateLimits,
        max_body_bytes: int,
        root_path: str = "",
    ) -> None:
        self._application = application
        self._authentication = authentication
        self._limits = limits
        self._max_body_bytes = max_body_bytes
        self._root_path = root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        if self._root_path and scope["path"].startswith(f"{self._root_path}/"):
            # Of a proxy that left it on. Here, once: no address is judged as one thing and answered as another.
            scope = {**scope, "path": scope["path"].removeprefix(self._root_path)}
        call = _Call(scope, send)
        try:
            await self._let_in(scope, receive, call)
        except DocbeamError as error:
            REFUSED.labels(error.code.value).inc()
            await problem(error)(scope, receive, call.send)
        except StoreUnavailable as error:
            log.warning("the store does not answer: %s", error)
            refusal = Refusal(ErrorCode.SERVICE_UNAVAILABLE, "the store does not answer; try again")
            await problem(refusal)(scope, receive, call.send)
        except Exception:
            log.exception("a defect in the gateway")
            if not call.status:
                await problem(DocbeamError(ErrorCode.INTERNAL_ERROR, "a defect in docbeam; its log says more"))(
                    scope, receive, call.send
                )
        finally:
            call.tell()

    async def _let_in(self, scope: Scope, receive: Receive, call: _Call) -> None:
        path = scope["path"]
        if not path.startswith(_API) or path.startswith(_PUBLIC):
            await self._application(scope, await self._whole(receive), call.send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        principal = await self._authentication.principal(headers)
        call.principal = scope.setdefault("state", {})["principal"] = principal
        allowance = await self._limits.take(principal)
        call.headers.update(allowance.headers)
        if not allowance.granted:
            raise Refusal(
                ErrorCode.RATE_LIMITED, f"{allowance.limit} calls a minute are allowed",
                retry_after=allowance.reset_seconds,
            )  # fmt: skip
        streamed = path == UPLOADS
        await self._application(scope, receive if streamed else await self._whole(receive), call.send)

    async def _whole(self, receive: Receive) -> Receive:
        """The body, all of it, as one message. Raises Refusal when it is too large or too slow."""
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        break
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > self._max_body_bytes:
                        raise Refusal(
                            ErrorCode.RECORD_TOO_LARGE,
                            f"the body has more than {self._max_body_bytes} bytes, which gateway.max_body_bytes is",
                            headers={"Connection": "close"},
                        )
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise Refusal(
                ErrorCode.INVALID_REQUEST, "the body did not come in time", headers={"Connection": "close"}
            ) from None
        whole: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

        async def once() -> Message:
            return whole.pop() if whole else await receive()

        return once


class _Call:
    """What is told of one call."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._started = time.perf_counter()
        self.status = 0
        self.headers: dict[str, str] = dict(_SECURITY)
        self.principal: Principal | None = None

    async def send(self, message: Message) -> None:
        """Pass on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            known = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(
                    (name.lower().encode(), value.encode())
                    for name, value in self.headers.items()
                    if name.lower().encode() not in known
                ),
            ]
        await self._send(message)

    def tell(self) -> None:
        """Log and count; the path is told as the route it took, since it may hold what a client wrote."""
        seconds = time.perf_counter() - self._started
        route = getattr(self._scope.get("route"), "path", "none")
        CALLS.labels(_method(self._scope["method"]), route, str(self.status)).inc()
        SECONDS.labels(route).observe(seconds)
        if not log.isEnabledFor(logging.INFO):
            return
        said: dict[str, Any] = {
            "method": _method(self._scope["method"]),
            "route": route,
            "status": self.status,
            "milliseconds": round(seconds * 1000, 1),
        }
        if self.principal is not None:
            said["client_id"] = self.principal.client_id
        log.info("call", extra=said)


_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


def _method(method: str) -> str:
    """Of the few there are: others would each make a line of the metrics."""
    return method if method in _METHODS else "other"
