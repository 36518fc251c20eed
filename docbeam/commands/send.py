"""`docbeam send`: ask for documents to be analysed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.commands.receive import DEFAULT_TIMEOUT, show_results
from docbeam.exit_codes import WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.option_types import Via, pairs, use_case_option, via_option
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from schemas.request import AnalysisRequest

_CLOCKS_DIFFER = timedelta(minutes=5)


@click.command()
@click.argument("locations", nargs=-1, required=True, metavar="LOCATION...")
@use_case_option()
@click.option("--id", "request_id", help="The request's id; for a single location.")
@click.option("--id-prefix", help="Ids are PREFIX-1, PREFIX-2, ... Default: random ids.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="For the use case. Repeatable.")
@click.option("--client-id", default="", help="Who asks; goes into the result. Over REST the key says it.")
@via_option()
@click.option("--wait", is_flag=True, help="Wait for the results and print them instead of the ids.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    help="Longest --wait, in seconds.",
)
@output_option(None)
@pass_invocation
def send(
    invocation: Invocation,
    locations: tuple[str, ...],
    use_case: str,
    request_id: str | None,
    id_prefix: str | None,
    parameters: tuple[str, ...],
    client_id: str,
    via: Via,
    wait: bool,
    timeout: float,
    output: Output | None,
) -> None:
    """Send one request for each LOCATION: a gs://, s3://, https:// or file:// URL, or a local path.

    Prints the request ids, one a line, ready for `docbeam receive`; with --output, also where each went.
    """
    from schemas.request import AnalysisRequest, DocumentReference, check_request, now

    if via is Via.REST and client_id:
        raise click.UsageError("--client-id is for Kafka; over REST the client is whose client.key is")
    settings = invocation.settings
    free = pairs(parameters, "--parameter")
    started = now()
    requests = [
        check_request(
            AnalysisRequest(
                request_id=each_id,
                document=DocumentReference(_as_url(location)),
                use_case=use_case,
                parameters=free,
                client_id=client_id,
                submitted_at=started,
            )
        )
        for each_id, location in zip(_ids(len(locations), request_id, id_prefix), locations, strict=True)
    ]
    if via is Via.REST:
        from docbeam.over_rest import send_over_rest

        send_over_rest(invocation, requests, timeout if wait else None, output)
        return
    _warn(invocation, requests)
    # The clients take a moment to import: only once the request is known to be sound.
    from clients.sending import send_requests

    stored = send_requests(requests, settings)
    if wait:
        invocation.say(f"sent {len(requests)}, waiting for the results")
        ids = [request.request_id for request in requests]
        show_results(invocation, ids, started - _CLOCKS_DIFFER, timeout, output or Output.JSON)
        return
    if output is None:
        click.echo("\n".join(request.request_id for request in requests))
        return
    rows = [
        {
            "request_id": request.request_id,
            "location": request.document.location,
            "topic": settings.kafka.requests_topic,
            "partition": place.partition,
            "offset": place.offset,
        }
        for request, place in zip(requests, stored, strict=True)
    ]
    print_rows(rows, output)


def _as_url(location: str) -> str:
    """A URL as it is; a path as the file:// URL of an existing file."""
    if "://" in location:
        return location
    path = Path(location).expanduser()
    if not path.is_file():
        raise WrongUse(f"{location}: there is no such file; URLs start with gs://, s3://, https:// or file://")
    return path.resolve().as_uri()


def _ids(count: int, request_id: str | None, prefix: str | None) -> list[str]:
    if request_id is not None and prefix is not None:
        raise click.UsageError("--id and --id-prefix exclude each other")
    if request_id is not None:
        if count > 1:
            raise click.UsageError("--id is for one location; use --id-prefix for several")
        return [request_id]
    if prefix is not None:
        return [f"{prefix}-{number}" for number in range(1, count + 1)]
    return [str(uuid.uuid4()) for _ in range(count)]


def _warn(invocation: Invocation, requests: Sequence[AnalysisRequest]) -> None:
    """Say what the job would refuse by the settings and plug-ins that are here; the job's own may differ."""
    from documents.allow_list import check_allowed
    from documents.location import parse_location
    from schemas.errors import DocbeamError
    from use_cases.registry import all_use_cases

    use_case = requests[0].use_case
    if use_case not in all_use_cases():
        known = ", ".join(sorted(all_use_cases())) or "none"
        invocation.say(f"warning: no use case {use_case!r} is installed here; the job must have it. Here: {known}")
    documents = invocation.settings.documents
    for request in requests:
        try:
            check_allowed(parse_location(request.document.location), documents.allow, documents.private_hosts)
        except DocbeamError as error:
            invocation.say(
                f"warning: {request.request_id}: {error}. The job will refuse it, unless its documents.allow "
                "differs from the one here."
            )
        except ValueError as error:
            raise WrongUse(str(error)) from error
