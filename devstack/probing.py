"""Plain questions, for readiness."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 3.0


def expect_ok(url: str) -> None:
    """Raises OSError or HTTPException unless a GET of a loopback `url` is answered with 200."""
    _answer(url)


def answer_of(url: str) -> Any:
    """What a GET of a loopback `url` is answered, as JSON. Raises as `expect_ok`, and ValueError where it is none."""
    return json.loads(_answer(url))


def _answer(url: str) -> bytes:
    """The body.

    Proxies of the environment are not used: a part is asked directly or not at all.
    """
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=_SECONDS)
    try:
        connection.request("GET", f"{target.path or '/'}?{target.query}" if target.query else target.path or "/")
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise OSError(f"GET {url} answered {answer.status} {answer.reason}")
        return body
    finally:
        connection.close()


def answered(port: int, question: bytes) -> bytes:
    """The first bytes that a server on loopback answers to raw bytes. Raises OSError."""
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
        connection.sendall(question)
        return connection.recv(4096)
