"""`docbeam topics`: the Kafka topics."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import ExitCode
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from clients.topics import TopicState


@click.group()
def topics() -> None:
    """Create or check the topics for requests, results, dead letters and corrections."""


@topics.command()
@output_option()
@pass_invocation
def create(invocation: Invocation, output: Output) -> None:
    """Create the topics that are missing. Changes none that is there."""
    from clients.reaching import open_admin
    from clients.topics import create_topics

    admin = open_admin(invocation.settings.kafka)
    try:
        _show(create_topics(admin, invocation.settings.kafka), output)
    finally:
        admin.close()


@topics.command()
@output_option()
@pass_invocation
def check(invocation: Invocation, output: Output) -> None:
    """Compare the topics with the settings. Ends with 3 if one is missing or too small for results."""
    from clients.reaching import open_admin
    from clients.topics import check_topics

    admin = open_admin(invocation.settings.kafka)
    try:
        _show(check_topics(admin, invocation.settings.kafka), output)
    finally:
        admin.close()


def _show(states: list[TopicState], output: Output) -> None:
    print_rows([asdict(state) for state in states], output)
    if any(state.state == "fail" for state in states):
        raise click.exceptions.Exit(ExitCode.NOT_READY)
