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
@click.argument("sections", nargs=-1, metavar="[SECTION[.FIELD]]...")
@click.option("--changed", is_flag=True, help="Only what is not the default.")
@output_option()
@pass_invocation
def show(invocation: Invocation, sections: tuple[str, ...], changed: bool, output: Output) -> None:
    """Show every setting, or those of a SECTION or one SECTION.FIELD: value, where it is from, what it means.

    Secrets are masked.

    In the environment kafka.bootstrap is DOCBEAM_KAFKA__BOOTSTRAP; in a file it is `bootstrap` under [kafka].
    """
    from config.settings import Settings

    values = invocation.loaded.values()
    known = {*Settings.model_fields, *(value.name for value in values)}
    unknown = [section for section in sections if section not in known]
    if unknown:
        raise click.UsageError(
            f"no section {', '.join(unknown)}; there are {', '.join(Settings.model_fields)}, each with settings such "
            "as kafka.bootstrap"
        )
    shown = [
        asdict(value)
        for value in values
        if (not sections or {value.name, value.name.partition(".")[0]} & set(sections))
        and not (changed and value.origin == "default")
    ]
    print_rows(shown, output, ("name", "value", "origin", "description"))
