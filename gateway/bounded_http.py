"""Uvicorn's HTTP with bounds on what comes before a body: how many bytes the head has, and how long it may take.

Without them anybody who reaches the port, key or not, fills the memory with one header that does not end, or holds as
many connections as there are with heads that come byte by byte.

What is no HTTP is told as every failure is. An offer of another protocol is not taken up, as RFC 9110 (7.8) allows: the
call is read as if there were none. Java's own client makes one (h2c), and the parser would drop that call's body.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.problems import problem
from schemas.errors import DocbeamError, ErrorCode

MOST_HEAD_BYTES = 65_536
HEAD_SECONDS = 20.0
_CONNECT = b"CONNECT"
"""Means another protocol without offering one; it is refused as any other method."""


class BoundedHttp(HttpToolsProtocol):
    """See the module."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = True
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Who connects has to say something."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head_bytes = True, 0
        self._start_timer()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head has ended; the body has bounds of its own."""
        self._in_head = False
        self._stop_timer()
        if not self._offers_another():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Of an offer nothing but the head was read; `data_received` goes on with it."""
        if not self._offers_another():
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Count before anything is kept."""
        if self._in_head:
            self._head_bytes += len(data)
            # What came in one piece with the end of the head may be body, and is not counted twice.
            if self._head_bytes - len(data) > MOST_HEAD_BYTES:
                self._refuse(431, b"Request Header Fields Too Large", "the headers are too long")
                return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.send_400_response("this is no HTTP/1.1")
        except httptools.HttpParserUpgrade as offer:
            if self._offers_another():
                head = self._head_without_offer()
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                self.data_received(head + data[offer.args[0] :])

    def send_400_response(self, msg: str) -> None:
        """What cannot be parsed, whoever finds that."""
        self._refuse(400, b"Bad Request", msg)

    def _offers_another(self) -> bool:
        return bool(self.parser.should_upgrade()) and self.parser.get_method() != _CONNECT

    def _head_without_offer(self) -> bytes:
        """The head that was just read, but for what it says of other protocols."""
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        for name, value in self.headers:
            if name == b"connection":
                kept = [each for each in value.split(b",") if each.strip().lower() != b"upgrade"]
                lines.append(b"connection: " + b",".join(kept))
            elif name != b"upgrade":
                lines.append(name + b": " + value)
        return b"\r\n".join((*lines, b"", b""))

    def _refuse(self, status: int, reason: bytes, why: str) -> None:
        told: Response = problem(DocbeamError(ErrorCode.INVALID_REQUEST, why), status=status)
        head = b"".join(b"%s: %s\r\n" % each for each in told.raw_headers)
        body = bytes(told.body)
        self.transport.write(b"HTTP/1.1 %d %s\r\n%sconnection: close\r\n\r\n%s" % (status, reason, head, body))
        self.transport.close()

    def _start_timer(self) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
