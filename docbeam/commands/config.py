"""`docbeam config`: the settings."""

from __future__ import annotations

from dataclasses import asdict

import click

from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows


@click.group()
def config() -> None:
    """Show the settings."""


@config.command()
@click.argument("sections", nargs=-1, metavar="[SECTION]...")
@click.option("--changed", is_flag=True, help="Only what is not the default.")
@output_option()
@pass_invocation
def show(invocation: Invocation, sections: tuple[str, ...], changed: bool, output: Output) -> None:
    """Show every setting, or those of some sections: value, where it is from, what it means. Secrets are masked.

    In the environment kafka.bootstrap is DOCBEAM_KAFKA__BOOTSTRAP; in a file it is `bootstrap` under [kafka].
    """
    from config.settings import Settings

    unknown = sorted(set(sections) - set(Settings.model_fields))
    if unknown:
        raise click.UsageError(f"no section {', '.join(unknown)}; there are {', '.join(Settings.model_fields)}")
    values = [
        asdict(value)
        for value in invocation.loaded.values()
        if (not sections or value.name.partition(".")[0] in sections) and not (changed and value.origin == "default")
    ]
    print_rows(values, output, ("name", "value", "origin", "description"))
