"""`docbeam model type`: the document types, and registering new ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import ExitCode, WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.type_registration import Registration
    from models.blank_pages.registered_blanks import RegisteredBlanks
    from models.catalog.document_type.types_registry import RegisteredType

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_TYPES = click.option(
    "--types",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of types. Default: the setting analysis.document_types.",
)
_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE..."
)


@click.group(name="type")
def model_type() -> None:
    """Register, list or check document types: forms that a use case can expect."""


@model_type.command()
@click.argument("name")
@_FILES
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of types. Default: the setting analysis.document_types.",
)
@click.option("--version", default="1", show_default=True, help="Edition of the form.")
@click.option("--title", default="", help="One line for people. Default: the name.")
@click.option(
    "--false-accept-rate",
    "rate",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.005,
    show_default=True,
    help="Of pages of other kinds, how many may pass.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Folder of pages that are not this form, to measure the threshold on. Repeatable.",
)
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Set it by hand.")
@output_option()
@pass_invocation
def add(
    invocation: Invocation,
    name: str,
    files: tuple[Path, ...],
    into: Path | None,
    version: str,
    title: str,
    rate: float,
    against: tuple[Path, ...],
    threshold: float | None,
    output: Output,
) -> None:
    """Register the document type NAME from one blank form, or from filled copies of it (their first pages).

    From several copies what was written is taken out. Nothing is trained. Writes INTO/NAME, prints the score of each
    example with the runner-up, and draws a picture of how they agree; ends with 1 if an example would be refused.
    """
    from evaluation.type_registration import Registrar, Wish, files_in

    folder = into or invocation.settings.analysis.document_types
    if folder is None:
        raise WrongUse(
            "where do types live? Name a folder with --into, or in the setting analysis.document_types "
            "(DOCBEAM_ANALYSIS__DOCUMENT_TYPES), where jobs look for them too"
        )
    folder.mkdir(parents=True, exist_ok=True)
    known = _types(invocation, folder)
    _check_name(name, known, _forms(invocation), folder)
    _check_files(files)
    counter = [path for each in against for path in files_in(each)]
    wish = Wish(name, version, title or name, rate, threshold)
    _report(invocation, Registrar(list(known.values())).register(wish, files, counter, folder), output)


@model_type.command(name="list")
@_TYPES
@output_option()
@pass_invocation
def list_types(invocation: Invocation, folder: Path | None, output: Output) -> None:
    """List the document types, with their thresholds and who brought them; registered forms are types too."""
    rows: list[dict[str, object]] = [
        {
            "name": name,
            "version": registered.description.version,
            "title": registered.description.summary,
            "threshold": registered.description.threshold,
            "owner": registered.owner,
            "folder": str(registered.folder),
            "measured": registered.description.measured and registered.description.measured.model_dump(),
        }
        for name, registered in sorted(_types(invocation, folder).items())
    ]
    rows += [
        {
            "name": name,
            "version": each.form.version,
            "title": each.form.title or "a form",
            "threshold": None,
            "owner": each.owner,
            "folder": str(each.folder),
            "measured": None,
        }
        for name, each in sorted(_forms(invocation).forms.items())
    ]
    print_rows(rows, output, ("name", "version", "title", "threshold", "owner"))


@model_type.command()
@_FILES
@click.option("--expected", help="The type hoped for; its score is then shown even if others fit better.")
@_TYPES
@output_option()
@pass_invocation
def check(
    invocation: Invocation, files: tuple[Path, ...], expected: str | None, folder: Path | None, output: Output
) -> None:
    """Say of which type the first page of each FILE is: score, threshold and runner-up.

    Ends with 1 if a page is of no registered type, or not of the expected one.
    """
    from evaluation.type_registration import Registrar
    from models.catalog.document_type.adapter import DocumentType
    from models.contract import PageImage

    _check_files(files)
    model = DocumentType()
    model.use_types(_types(invocation, folder), _forms(invocation))
    registrar = Registrar([])
    options = {} if expected is None else {"expected": expected}
    rows = []
    for path in files:
        (found,) = model.predict([PageImage(1, registrar.open(path), options=options)])
        scores = sorted(found.types, key=lambda score: score.document_type != expected)
        first = scores[0] if scores else None
        second = next((score for score in found.types if score is not first), None)
        rows.append(
            {
                "file": str(path),
                "type": first and first.document_type,
                "score": first and first.score,
                "threshold": first and first.threshold,
                "accepted": bool(first and first.accepted),
                "runner_up": second and second.document_type,
                "runner_up_score": second and second.score,
            }
        )
    print_rows(rows, output)
    if not all(row["accepted"] for row in rows):
        raise click.exceptions.Exit(ExitCode.FAILED)


def _types(invocation: Invocation, folder: Path | None) -> Mapping[str, RegisteredType]:
    from models.catalog.document_type.types_registry import DocumentTypeError, all_types

    own = folder or invocation.settings.analysis.document_types
    try:
        return all_types(folder=own if own is not None and own.is_dir() else None)
    except DocumentTypeError as error:
        raise WrongUse(str(error)) from error


def _forms(invocation: Invocation) -> RegisteredBlanks:
    from forms.form_file import FormError
    from models.blank_pages.registered_blanks import registered_blanks

    try:
        return registered_blanks(invocation.settings.analysis.forms)
    except FormError as error:
        raise WrongUse(str(error)) from error


def _check_name(name: str, known: Mapping[str, RegisteredType], forms: RegisteredBlanks, folder: Path) -> None:
    if not _NAME.fullmatch(name):
        raise WrongUse(f"{name!r} is no name for a type: lower-case letters, digits and dashes, at most 63")
    if name in known:
        owner = known[name]
        raise WrongUse(f"the type {name!r} is taken by {owner.owner} ({owner.folder}); pick another name or remove it")
    if name in forms.forms:
        raise WrongUse(f"{name!r} is a registered form ({forms.forms[name].folder}), which is a type already")
    if (folder / name).exists():
        raise WrongUse(f"{folder / name} is there already; remove it or pick another name")


def _check_files(files: tuple[Path, ...]) -> None:
    for path in files:
        if not path.is_file():
            raise WrongUse(f"{path}: no such file")


def _report(invocation: Invocation, made: Registration, output: Output) -> None:
    description, chosen = made.description, made.chosen
    refused = [each for each in made.scored if each.role == "example" and each.score < description.threshold]
    rows = [
        {
            "page": each.page,
            "role": each.role,
            "score": round(each.score, 4),
            "accepted": each.score >= description.threshold,
            "runner_up": each.runner_up,
            "runner_up_score": round(each.runner_up_score, 4) if each.runner_up else None,
        }
        for each in sorted(made.scored, key=lambda each: (each.role != "example", each.role, -each.score))
    ]
    if output is Output.TABLE:
        rows = [row for row in rows if row["role"] != "counter page"] + [
            row for row in rows if row["role"] == "counter page"
        ][:5]
    print_rows(rows, output)
    measured = description.measured
    assert measured is not None
    invocation.say(
        f"{made.folder}: threshold {description.threshold} for {measured.false_accept_rate:.2%} false accepts; "
        f"least of the examples and their copies {measured.lowest_example:.3f}, highest of {measured.counter_pages} "
        f"counter pages {measured.highest_counter:.3f}"
    )
    if chosen.supported_rate > measured.false_accept_rate:
        invocation.say(
            f"{measured.counter_pages} counter pages by themselves bear out no rate below {chosen.supported_rate:.1%}; "
            "the rest is extrapolated, or the default. Give more with --against, above all other editions of the form"
        )
    if made.erased:
        invocation.say(f"the print is that of {made.base}; {made.erased:.1%} of its ink was on it alone and taken out")
    elif measured.examples == 1:
        invocation.say("registered from one page as it is: if it is filled in, give two or more copies instead")
    invocation.say(f"look at {made.picture}; it shows what is written on the examples, so treat it as you treat them")
    for each in refused:
        invocation.say(
            f"{each.page} scores {each.score:.3f} and would be refused: is it the same edition, and legible?"
        )
    if refused:
        raise click.exceptions.Exit(ExitCode.FAILED)
