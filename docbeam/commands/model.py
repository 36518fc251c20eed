"""`docbeam model`: the models."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.commands.model_type import model_type
from docbeam.exit_codes import ExitCode, WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.option_types import pairs
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from evaluation import Evaluation


@click.group()
def model() -> None:
    """List, evaluate or verify the models."""


model.add_command(model_type)


@model.command(name="list")
@output_option()
def list_models(output: Output) -> None:
    """List the models that are installed, from their cards; loads none."""
    from models.registry import all_models

    rows = [
        {
            "name": name,
            "version": registered.card.version,
            "output": registered.card.output,
            "sha256": registered.card.sha256,
            "licence": registered.card.licence,
            "owner": registered.owner,
            "summary": registered.card.summary,
        }
        for name, registered in sorted(all_models().items())
    ]
    columns = ("name", "version", "output", "licence", "owner", "summary")
    print_rows(rows, output, columns)


@model.command()
@click.argument("name")
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of pages with known truth.",
)
@click.option("--subset", help="Only this subset of the folder.")
@click.option("--limit", type=click.IntRange(min=1), help="Take so many pages, spread over the folder.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="For the model. Repeatable.")
@click.option("--deskew/--no-deskew", default=True, show_default=True, help="Straighten pages first.")
@click.option("--skew", type=float, default=0.0, metavar="DEGREES", help="Turn each page by so much before all else.")
@click.option("--earlier", multiple=True, metavar="NAME", help="A model to apply before, such as ocr. Repeatable.")
@click.option("--peer", "peers", multiple=True, metavar="NAME", help="Other software on the same pages. Repeatable.")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Draw errors and reliability there.")
@click.option("--write-card", is_flag=True, help="Put the numbers into the model's card, for this set of data.")
@output_option()
@pass_invocation
def evaluate(
    invocation: Invocation,
    name: str,
    data: Path,
    subset: str | None,
    limit: int | None,
    options: tuple[str, ...],
    deskew: bool,
    skew: float,
    earlier: tuple[str, ...],
    peers: tuple[str, ...],
    plots: Path | None,
    write_card: bool,
    output: Output,
) -> None:
    """Measure the model NAME on pages with known truth: metrics with counts and 95 % intervals, by subset.

    Plots show pages of the data: treat them as confidentially as the data itself.
    """
    import evaluation

    chosen = pairs(options, "--option")
    if write_card and (limit or subset):
        raise WrongUse("--write-card takes the whole folder; leave out --limit and --subset")
    try:
        card = evaluation.card_to_write(name) if write_card else None
        measured = evaluation.evaluate(
            name,
            data,
            options=chosen,
            limit=limit,
            deskew=deskew,
            skew=skew,
            earlier=earlier,
            peers=peers,
            progress=_progress(invocation),
        )
        if card is not None:
            evaluation.write_card(card, measured)
            invocation.say(f"wrote {card}")
    except (evaluation.FolderError, evaluation.CardError) as error:
        raise WrongUse(str(error)) from error
    if subset is not None:
        measured = _only(measured, subset)
    if plots is not None:
        for path in evaluation.plots(measured, plots):
            invocation.say(f"wrote {path}")
    if output is Output.JSON:
        click.echo(json.dumps(measured.as_json(), indent=2))
    else:
        click.echo(evaluation.table(measured))


@model.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="Only compare hashes; load nothing.")
@output_option()
def verify(names: tuple[str, ...], quick: bool, output: Output) -> None:
    """Check artifacts against their sha256, then load each model and let it read a blank page.

    Ends with 1 if a model fails.
    """
    from models.checks import check_model
    from models.registry import all_models, find_model

    chosen = [find_model(name) for name in names] or [entry for _, entry in sorted(all_models().items())]
    states = [check_model(registered, quick=quick) for registered in chosen]
    print_rows([asdict(state) for state in states], output)
    if any(state.state != "ok" for state in states):
        raise click.exceptions.Exit(ExitCode.FAILED)


def _only(measured: Evaluation, subset: str) -> Evaluation:
    """The evaluation of one subset. Raises WrongUse if there is none of that name."""
    if subset not in measured.subsets:
        raise WrongUse(f"there is no subset {subset!r}; there are {', '.join(measured.subsets) or 'none'}")
    return measured.only(subset)


def _progress(invocation: Invocation) -> Callable[[int, int], None] | None:
    if invocation.verbosity < 0 or not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        click.echo(f"\r{done} of {total} pages", nl=done == total, err=True)

    return show
