"""`send` and `receive` by a gateway instead of Kafka."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from clients.rest.client import Client
from clients.rest.failure import NotReached, Refused, TimedOut
from docbeam.exit_codes import Failed, NotReady
from docbeam.output import Output, print_lines, print_rows
from docbeam.result_rows import SUMMARY_COLUMNS, summary_row
from schemas.result import AnalysisResult
from schemas.wire import RecordCodec

if TYPE_CHECKING:
    from clients.rest.records import RequestState
    from config.settings import Settings
    from docbeam.invocation import Invocation
    from schemas.request import AnalysisRequest

_PATIENCE_SECONDS = 5.0
"""A person at a terminal wants to know soon."""


def send_over_rest(
    invocation: Invocation, requests: Sequence[AnalysisRequest], wait_seconds: float | None, output: Output | None
) -> None:
    """Send the requests, and print their ids, where they are, or (after a wait) their results.

    Raises NotReady for a gateway that is away or tells to come later, Failed for what it refuses.
    """
    settings = invocation.settings
    with _client(settings) as client:
        for request in requests:
            try:
                client.send(
                    request.document.location,
                    request.use_case,
                    request_id=request.request_id,
                    parameters=request.parameters,
                )
            except (Refused, NotReached) as error:
                raise _ended(error, request.request_id) from None
    ids = [request.request_id for request in requests]
    if wait_seconds is not None:
        invocation.say(f"sent {len(requests)}, waiting for the results")
        show_results_of_gateway(invocation, ids, wait_seconds, output or Output.JSON)
    elif output is None:
        click.echo("\n".join(ids))
    else:
        base = settings.client.url.rstrip("/")
        rows = [
            {
                "request_id": request.request_id,
                "location": request.document.location,
                "url": f"{base}/v1/requests/{request.request_id}",
            }
            for request in requests
        ]
        print_rows(rows, output)


def show_results_of_gateway(invocation: Invocation, ids: Sequence[str], wait_seconds: float, output: Output) -> None:
    """Print the results in the order of `ids`.

    Raises Failed naming requests that the gateway ended without one, NotReady naming those that have none yet.
    """
    deadline = time.monotonic() + wait_seconds
    states: dict[str, RequestState] = {}
    unknown: list[str] = []
    with _client(invocation.settings) as client:
        for request_id in ids:
            try:
                states[request_id] = client.wait(request_id, timeout=max(0.0, deadline - time.monotonic()))
            except TimedOut:
                continue
            except Refused as error:
                if error.status not in (404, 410):
                    raise _ended(error, request_id) from None
                unknown.append(f"{request_id} ({error.code})")
            except NotReached as error:
                raise _ended(error, request_id) from None
    _print([state.result for state in states.values() if state.result is not None], output)
    failed = [
        f"{state.request_id} ({state.error.code.value}: {state.error.message})"
        for state in states.values()
        if state.result is None and state.error is not None
    ]
    if failed:
        raise Failed(f"ended without a result: {', '.join(failed)}")
    missing = [request_id for request_id in ids if request_id not in states and not _named(request_id, unknown)]
    if missing or unknown:
        raise NotReady(
            f"no result yet: {', '.join([*missing, *unknown])}. Is the job running, and are these ids right?"
        )


def _named(request_id: str, unknown: Sequence[str]) -> bool:
    return any(each.startswith(f"{request_id} (") for each in unknown)


def _print(results: Sequence[AnalysisResult], output: Output) -> None:
    if output is Output.JSON:
        codec = RecordCodec(AnalysisResult)
        print_lines([codec.to_plain(result) for result in results])
    elif results:
        print_rows([summary_row(result) for result in results], output, SUMMARY_COLUMNS)


def _client(settings: Settings) -> Client:
    key = settings.client.key
    return Client(
        settings.client.url,
        None if key is None else key.get_secret_value(),
        patience=_PATIENCE_SECONDS,
        cafile=settings.client.cafile,
    )


def _ended(error: Refused | NotReached, request_id: str) -> click.ClickException:
    if isinstance(error, NotReached):
        return NotReady(f"{error.message}. Start one with `docbeam gateway`.")
    kind = NotReady if error.retryable else Failed
    return kind(f"{request_id}: {error.message}")
