"""`docbeam usecase`: the use cases."""

from __future__ import annotations

import click

from docbeam.output import Output, output_option, print_rows


@click.group()
def usecase() -> None:
    """List the use cases."""


@usecase.command(name="list")
@output_option()
def list_use_cases(output: Output) -> None:
    """List the use cases that are installed, with their steps and who brought them."""
    from use_cases.contract import Expect
    from use_cases.registry import all_use_cases

    rows = [
        {
            "name": name,
            "version": registered.use_case.version,
            "steps": [
                f"expect {step.document_type}" if isinstance(step, Expect) else step.model
                for step in registered.use_case.steps
            ],
            "owner": registered.owner,
            "summary": registered.summary,
        }
        for name, registered in sorted(all_use_cases().items())
    ]
    print_rows(rows, output, ("name", "version", "steps", "owner", "summary"))
