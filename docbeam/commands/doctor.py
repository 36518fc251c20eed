"""`docbeam doctor`: is everything there, and what to do if not."""

from __future__ import annotations

from dataclasses import asdict

import click

from docbeam.exit_codes import ExitCode
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows


@click.command()
@click.option(
    "--runner",
    type=click.Choice(["local", "flink", "dataflow"]),
    help="As if runner.kind were this; of Flink also how the job is that runs there.",
)
@output_option()
@pass_invocation
def doctor(invocation: Invocation, output: Output, runner: str | None) -> None:
    """Check libraries, disk, models, broker, topics, registry, BigQuery, stores, gateway, runner; changes nothing.

    Prints each check as ok, warn or fail, with the cure. Ends with 3 if one fails.
    """
    from docbeam.health import Health, findings

    settings = invocation.settings
    if runner is not None:
        settings = settings.model_copy(update={"runner": settings.runner.model_copy(update={"kind": runner})})
    found = list(findings(settings))
    print_rows([asdict(finding) for finding in found], output, ("state", "check", "found", "cure"))
    failed = sum(finding.state is Health.FAIL for finding in found)
    warned = sum(finding.state is Health.WARN for finding in found)
    invocation.say(f"{len(found)} checks: {failed} failed, {warned} warnings")
    if failed:
        raise click.exceptions.Exit(ExitCode.NOT_READY)
