"""The client that waits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import httpx

from clients.rest import steps
from clients.rest.connection import PATIENCE_SECONDS, arguments
from clients.rest.records import Corrections, Receipt, RequestState, Upload
from clients.rest.steps import Progress, Steps
from schemas.progress import RequestStatus

T = TypeVar("T")


class Client:
    """Sends documents to a gateway and receives what was read on them.

    `patience`: seconds for which a call is repeated while no gateway answers, or tells to come later. Every method
    raises `Refused` with a code of the catalogue, or `NotReached`.
    """

    def __init__(
        self, url: str, key: str | None = None, *, patience: float = PATIENCE_SECONDS, cafile: Path | None = None
    ) -> None:
        self._http = httpx.Client(**arguments(url, key, cafile))
        self._patience = patience

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def send(
        self,
        location: str,
        use_case: str,
        *,
        request_id: str | None = None,
        parameters: Mapping[str, str] | None = None,
        media_type: str | None = None,
        sha256: str | None = None,
        generation: str | None = None,
        callback_url: str | None = None,
    ) -> Receipt:
        """Ask for a document to be analysed. The same id with the same content is the same request."""
        return self._done(
            steps.send(
                location,
                use_case,
                request_id=request_id,
                parameters=parameters,
                media_type=media_type,
                sha256=sha256,
                generation=generation,
                callback_url=callback_url,
                patience=self._patience,
            )
        )

    def receive(self, request_id: str, *, wait: float = 0.0) -> RequestState:
        """The request as it is, or once it has ended or `wait` seconds (at most what the gateway allows) are over."""
        return self._done(steps.receive(request_id, wait=wait, patience=self._patience))

    def wait(self, request_id: str, *, timeout: float = 300.0, progress: Progress | None = None) -> RequestState:
        """The request once it has ended, however it has; `progress` is told each status on the way.

        Raises TimedOut after `timeout` seconds: then the request goes on, and can be waited for again.
        """
        return self._done(steps.wait(request_id, timeout=timeout, progress=progress, patience=self._patience))

    def requests(
        self,
        *,
        statuses: Sequence[RequestStatus] = (),
        use_case: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[RequestState]:
        """The client's requests without their results, newest first."""
        cursor: str | None = None
        while True:
            found = self._done(steps.page(statuses, use_case, (since, until), cursor=cursor, patience=self._patience))
            yield from found.requests
            cursor = found.next
            if cursor is None:
                return

    def corrections(self, request_id: str) -> Corrections:
        """What people have said of the request's fields; its result stays as it was."""
        return self._done(steps.corrections(request_id, patience=self._patience))

    def upload(self, document: Path | bytes) -> Upload:
        """Have the gateway keep a document; send its `location` then."""
        content = document if isinstance(document, bytes) else document.read_bytes()
        return self._done(steps.upload(content, patience=self._patience))

    def page(self, request_id: str, number: int, *, overlay: bool = True) -> bytes:
        """A page as PNG, with what was found drawn in or without."""
        return self._done(steps.picture(request_id, number, overlay=overlay, patience=self._patience))

    def _done(self, work: Steps[T]) -> T:
        try:
            step = next(work)
            while True:
                if isinstance(step, steps.Pause):
                    time.sleep(step.seconds)
                    step = work.send(None)
                    continue
                try:
                    response = self._http.request(
                        step.method,
                        step.path,
                        params=step.params,
                        headers=step.headers,
                        content=step.content,
                        timeout=step.timeout,
                    )
                except (httpx.TransportError, httpx.InvalidURL) as error:
                    step = work.throw(error)
                else:
                    step = work.send(response)
        except StopIteration as done:
            found: T = done.value
            return found
