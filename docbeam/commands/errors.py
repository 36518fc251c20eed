"""`docbeam errors`: the catalogue."""

from __future__ import annotations

import click

from docbeam.output import Output, output_option, print_rows


@click.command()
@output_option()
def errors(output: Output) -> None:
    """List every error code: who has to act, whether sending the same again may help, and what it means."""
    from schemas.generated_files import error_rows

    print_rows(error_rows(), output)
