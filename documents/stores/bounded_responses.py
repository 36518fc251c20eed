"""Answers of the clouds' services that end when the fetch must, and are no longer than a document may be.

The clients of the clouds limit each wait, not the whole, and read the body of an error to its end whatever its length.
Both speak through urllib3, whose connections read what they are answered through a class that can be named.
"""

from __future__ import annotations

import http.client
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from documents.stores.contract import Deadline

_SPARE_BYTES = 1 << 20
"""What an answer may hold beside the document: headers, the frames of chunks, a growth by compression."""

_here = threading.local()


@contextmanager
def bounded(deadline: Deadline, max_bytes: int) -> Iterator[None]:
    """Bound the answers that requests of this thread get inside the block, wherever they are read to the end."""
    _here.bounds = (deadline, max_bytes + _SPARE_BYTES)
    try:
        yield
    finally:
        _here.bounds = None


class BoundedResponse(http.client.HTTPResponse):
    """Reads from its socket only while the bounds of its thread allow; breaks off as a connection does."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        bounds = getattr(_here, "bounds", None)
        if bounds is not None:
            self.fp = io.BufferedReader(_BoundedReads(self.fp.detach(), *bounds))


class _BoundedReads(io.RawIOBase):
    def __init__(self, source: io.RawIOBase, deadline: Deadline, max_bytes: int) -> None:
        self._source = source
        self._deadline = deadline
        self._left = max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline.remaining <= 0:
            raise TimeoutError("the fetch has ended")
        count = self._source.readinto(buffer)
        self._left -= count or 0
        if self._left < 0:
            raise ConnectionAbortedError("the answer is longer than any document")
        return count

    def close(self) -> None:
        self._source.close()
        super().close()


class _Connection(HTTPConnection):
    response_class = BoundedResponse


class _SecureConnection(HTTPSConnection):
    response_class = BoundedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def bound_pools(manager: urllib3.PoolManager) -> None:
    """Let the connections that `manager` makes from now on give bounded answers."""
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
