"""`docbeam receive`: the results of requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from docbeam.exit_codes import NotReady
from docbeam.invocation import Invocation, pass_invocation
from docbeam.option_types import Moment, Via, via_option
from docbeam.output import Output, output_option, print_lines, print_rows

DEFAULT_TIMEOUT = 300.0


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--wait", is_flag=True, help="Wait for results that are not there yet.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    help="Longest wait, in seconds.",
)
@click.option("--since", type=Moment(), help="Read from there instead of the beginning: 30m, 2h, 7d, or ISO 8601.")
@via_option()
@click.option("--from-beginning", is_flag=True, help="Read the whole topic; the default without --since.")
@output_option(Output.JSON)
@pass_invocation
def receive(
    invocation: Invocation,
    ids: tuple[str, ...],
    wait: bool,
    timeout: float,
    since: datetime | None,
    via: Via,
    from_beginning: bool,
    output: Output,
) -> None:
    """Print the newest result of each request ID: JSON, one result a line, or a table.

    Joins no consumer group, so it takes nothing away from anybody. Ends with 3 when a result is missing; those
    that are there are printed all the same.
    """
    if since is not None and from_beginning:
        raise click.UsageError("--since and --from-beginning exclude each other")
    if via is Via.REST:
        from docbeam.over_rest import show_results_of_gateway

        if since is not None or from_beginning:
            raise click.UsageError("--since and --from-beginning are for Kafka; a gateway knows requests by their ids")
        show_results_of_gateway(invocation, list(dict.fromkeys(ids)), timeout if wait else 0.0, output)
        return
    show_results(invocation, list(dict.fromkeys(ids)), since, timeout if wait else 0.0, output)


def show_results(
    invocation: Invocation, ids: Sequence[str], since: datetime | None, wait_seconds: float, output: Output
) -> None:
    """Print the results of `ids` in their order. Raises NotReady naming those that did not come."""
    from clients.receiving import receive_results
    from docbeam.result_rows import SUMMARY_COLUMNS, summary_row
    from schemas.result import AnalysisResult
    from schemas.wire import RecordCodec

    found = receive_results(ids, invocation.settings, since=since, wait_seconds=wait_seconds)
    results = [found[request_id] for request_id in ids if request_id in found]
    if output is Output.JSON:
        codec = RecordCodec(AnalysisResult)
        print_lines([codec.to_plain(result) for result in results])
    elif results:
        print_rows([summary_row(result) for result in results], output, SUMMARY_COLUMNS)
    missing = [request_id for request_id in ids if request_id not in found]
    if missing:
        waited = f" within {wait_seconds:g} s" if wait_seconds else " yet; --wait waits for it"
        raise NotReady(
            f"no result{waited}: {', '.join(missing)}. Is the job running (`docbeam run`), and are these ids right?"
        )
