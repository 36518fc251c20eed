"""`docbeam schemas`: the contracts, in the package and in the registry."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import ExitCode, Failed
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from config.settings import Settings


@click.group()
def schemas() -> None:
    """List, check, register or generate the Avro schemas of requests and results."""


@schemas.command(name="list")
@output_option()
def list_schemas(output: Output) -> None:
    """List the released schemas that are in the package."""
    from schemas.avro_schema import CONTRACTS
    from schemas.released import released_schemas

    rows = [
        {"schema": name, "version": version, "fields": len(schema["fields"]), "record": schema["name"]}
        for name in CONTRACTS
        for version, schema in released_schemas(name).items()
    ]
    print_rows(rows, output)


@schemas.command()
@click.option("--registry", "with_registry", is_flag=True, help="Also compare with what the registry has.")
@output_option()
@pass_invocation
def check(invocation: Invocation, with_registry: bool, output: Output) -> None:
    """Check that everything derived from the records is up to date. Ends with 1 if not, saying what drifted.

    With --registry, also that the registry has the newest schemas; ends with 3 if not.
    """
    from docbeam.api_description import description_drifted
    from schemas.generated_files import drifted

    stale = [*drifted(), *description_drifted()]
    rows = [{"name": path, "state": "fail", "remark": "run `docbeam schemas generate`"} for path in stale]
    behind = _registered(invocation.settings) if with_registry else []
    if rows or behind:
        print_rows([*rows, *behind], output)
    if rows:
        raise click.exceptions.Exit(ExitCode.FAILED)
    if any(row["state"] != "ok" for row in behind):
        raise click.exceptions.Exit(ExitCode.NOT_READY)
    invocation.say("schemas and the files derived from them are up to date")


@schemas.command()
@output_option()
@pass_invocation
def register(invocation: Invocation, output: Output) -> None:
    """Register the newest schemas, with BACKWARD_TRANSITIVE compatibility. Idempotent; ends with 1 if refused."""
    from clients.registered_schemas import register_schemas

    print_rows([asdict(registered) for registered in register_schemas(invocation.settings)], output)


@schemas.command()
@output_option()
@pass_invocation
def generate(invocation: Invocation, output: Output) -> None:
    """Write what is derived from the records: released Avro schemas, JSON Schemas, OpenAPI, and pages of the docs.

    Works in a checkout. A changed record becomes a new version; released versions are never edited.
    """
    from docbeam.api_description import write_description
    from schemas.generated_files import ROOT, write_generated

    if not (ROOT / "pyproject.toml").is_file():
        raise Failed("these files are part of docbeam's repository; run this in a checkout of it")
    written = [*write_generated(), *write_description()]
    if written:
        print_rows([{"written": path} for path in written], output)
    else:
        invocation.say("everything is up to date")


def _registered(settings: Settings) -> list[dict[str, str]]:
    from clients.registered_schemas import registry_states

    return [
        {"name": found.subject, "state": found.state, "remark": found.remark} for found in registry_states(settings)
    ]
