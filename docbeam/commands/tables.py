"""`docbeam tables`: the tables and views in BigQuery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import ExitCode
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from google.cloud import bigquery

    from clients.tables import TableState
    from config.settings import BigQuerySettings


@click.group()
def tables() -> None:
    """Create, check or migrate the dataset, its tables of results and corrections, and their views."""


@tables.command()
@output_option()
@pass_invocation
def create(invocation: Invocation, output: Output) -> None:
    """Create what is missing and bring the views up to date. A table itself is never changed."""
    from clients.tables import create_tables

    _show(invocation, create_tables, output)


@tables.command()
@output_option()
@pass_invocation
def check(invocation: Invocation, output: Output) -> None:
    """Compare with the schema. Ends with 3 if something is missing or rows would be refused."""
    from clients.tables import check_tables

    _show(invocation, check_tables, output)


@tables.command()
@click.option("--dry-run", is_flag=True, help="Say what would be changed, change nothing.")
@output_option()
@pass_invocation
def migrate(invocation: Invocation, dry_run: bool, output: Output) -> None:
    """Add missing columns to the tables. Refuses, changing nothing, where adding is not enough."""
    from clients.tables import migrate_tables

    _show(invocation, lambda client, settings: migrate_tables(client, settings, dry_run=dry_run), output)


def _show(
    invocation: Invocation, work: Callable[[bigquery.Client, BigQuerySettings], list[TableState]], output: Output
) -> None:
    from clients.reaching import open_warehouse, warehouse_problems

    settings = invocation.settings.bigquery
    client = open_warehouse(settings)
    try:
        with warehouse_problems(settings):
            states = work(client, settings)
    finally:
        client.close()
    print_rows([asdict(state) for state in states], output)
    if any(state.state == "fail" for state in states):
        raise click.exceptions.Exit(ExitCode.NOT_READY)
