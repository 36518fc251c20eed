"""`docbeam form`: known forms, made from their blanks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import ExitCode, WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from forms.form import FormField
    from forms.registry import RegisteredForm

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_FORMS = click.option(
    "--forms",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of forms. Default: the setting analysis.forms.",
)


@click.group()
def form() -> None:
    """Make, show or check known forms: a blank PDF says where the fields of every filled copy are."""


@form.command()
@click.argument("blank", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="BLANK")
@click.option("--name", help="Lower-case letters, digits and dashes. Default: from the file's name.")
@click.option("--version", default="1", show_default=True, help="Edition of the form.")
@click.option("--title", default="", help="One line for people.")
@click.option("--family", default="", help="What editions of one form have in common.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of forms. Default: the setting analysis.forms.",
)
@pass_invocation
def new(
    invocation: Invocation, blank: Path, name: str | None, version: str, title: str, family: str, into: Path | None
) -> None:
    """Make a form from its blank: a fillable PDF, or one without fields, or a scan (PDF, PNG, JPEG, TIFF).

    Writes INTO/NAME: the blank pages, form.toml with every field and its places (meant to be edited), and a picture
    of each page with its fields. Without fillable fields, boxes, combs, cells and lines that are seen on the pages are
    proposed as fields.
    """
    from clients.making_forms import Wish, make_form, name_from
    from forms.form_file import FORM_FILE, FormError
    from forms.looking_over import remarks
    from schemas.errors import DocbeamError

    folder = into or invocation.settings.analysis.forms
    if folder is None:
        raise WrongUse(
            "where do forms live? Name a folder with --into, or in the setting analysis.forms "
            "(DOCBEAM_ANALYSIS__FORMS), where jobs look for them too"
        )
    wish = Wish(name or name_from(blank), version, title, family)
    if not _NAME.fullmatch(wish.name):
        raise WrongUse(f"{wish.name!r} is no name for a form: lower-case letters, digits and dashes, at most 63")
    try:
        made = make_form(blank, wish, folder)
    except (FormError, DocbeamError) as error:
        raise WrongUse(str(error)) from error
    pages = len(made.form.pages)
    invocation.say(f"{made.folder}: {_in_words(made.form.fields)} on {pages} page{'s' if pages > 1 else ''}")
    for remark in remarks(made.form):
        invocation.say(f"look at this: {remark}")
    if any(field.proposed for field in made.form.fields):
        invocation.say(
            f"the blank says nothing of its fields; hold the pictures against {made.folder / FORM_FILE}, correct "
            "kinds, places and names there, take `proposed` away, then: docbeam form check"
        )
    for picture in made.pictures:
        click.echo(picture)


@form.command(name="list")
@_FORMS
@output_option()
@pass_invocation
def list_forms(invocation: Invocation, folder: Path | None, output: Output) -> None:
    """List the forms, with their pages and fields, and who brought them."""
    rows = [
        {
            "name": name,
            "version": each.form.version,
            "family": each.form.family,
            "title": each.form.title,
            "pages": len(each.form.pages),
            "fields": len(each.form.fields),
            "proposed": sum(field.proposed for field in each.form.fields),
            "owner": each.owner,
            "folder": str(each.folder),
        }
        for name, each in sorted(_forms(invocation, folder).items())
    ]
    print_rows(rows, output, ("name", "version", "family", "title", "pages", "fields", "proposed", "owner"))


@form.command()
@click.argument("name")
@_FORMS
@output_option()
@pass_invocation
def show(invocation: Invocation, name: str, folder: Path | None, output: Output) -> None:
    """Show the fields of the form NAME: kind, pages, and what limits their values."""
    found = _find(_forms(invocation, folder), name)
    rows = [field.model_dump(mode="json") | {"limits": _limits(field)} for field in found.form.fields]
    for row in rows:
        row["pages"] = sorted({place["page"] for place in row["places"]})
    print_rows(rows, output, ("name", "kind", "label", "pages", "required", "limits", "proposed"))


@form.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@_FORMS
@output_option()
@pass_invocation
def check(invocation: Invocation, names: tuple[str, ...], folder: Path | None, output: Output) -> None:
    """Check forms after an edit, all or some: whether they are whole, and what to look at. Draws their pictures anew.

    Ends with 1 where a form cannot be used; with 0 where there are only remarks.
    """
    from clients.making_forms import draw_fields
    from forms.looking_over import remarks

    forms = _forms(invocation, folder)
    rows = []
    for each in [_find(forms, name) for name in names] or [forms[name] for name in sorted(forms)]:
        if each.owner == str(each.folder.parent):
            draw_fields(each.form, each.folder)
        told = list(remarks(each.form))
        rows.append(
            {
                "form": each.form.name,
                "state": "warn" if told else "ok",
                "fields": _in_words(each.form.fields),
                "remarks": told,
            }
        )
    print_rows(
        [row | {"remarks": "; ".join(row["remarks"])} for row in rows] if output is Output.TABLE else rows, output
    )


def _forms(invocation: Invocation, folder: Path | None) -> Mapping[str, RegisteredForm]:
    from forms.form_file import FormError
    from forms.registry import all_forms

    own = folder or invocation.settings.analysis.forms
    try:
        return all_forms(own)
    except FormError as error:
        click.echo(f"Error: {error}", err=True)
        raise click.exceptions.Exit(ExitCode.FAILED) from error


def _find(forms: Mapping[str, RegisteredForm], name: str) -> RegisteredForm:
    if name not in forms:
        raise WrongUse(f"there is no form {name!r}; known forms: {', '.join(sorted(forms)) or 'none'}")
    return forms[name]


def _limits(field: FormField) -> str:
    told = [
        f"{field.cells} cells" if field.cells else "",
        f"at most {field.max_length} characters" if field.max_length and not field.cells else "",
        "several lines" if field.multiline else "",
        f"one of {', '.join(field.choices)}" if field.choices else "",
        f"one of {', '.join(place.value for place in field.places)}" if field.kind == "radio" else "",
        f"matches {field.pattern}" if field.pattern else "",
        f"checked as {field.checked_as}" if field.checked_as else "",
    ]
    return "; ".join(part for part in told if part)


def _in_words(fields: Iterable[FormField]) -> str:
    """`12 fields (10 text, 2 checkbox)`."""
    counted = Counter(field.kind.value for field in fields)
    total = counted.total()
    kinds = ", ".join(f"{count} {kind}" for kind, count in counted.most_common())
    return f"{total} field{'s' if total != 1 else ''} ({kinds})"


@form.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of filled forms with truth, and their blanks.",
)
@click.option("--subset", help="Only this subset of the folder.")
@click.option("--limit", type=click.IntRange(min=1), help="Take so many files, spread over the folder.")
@click.option("--dpi", type=click.FloatRange(min=72, max=600), help="Draw pages of PDFs so. Default: as a job does.")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Draw errors and reliability there.")
@output_option()
@pass_invocation
def evaluate(
    invocation: Invocation,
    data: Path,
    subset: str | None,
    limit: int | None,
    dpi: float | None,
    plots: Path | None,
    output: Output,
) -> None:
    """Measure the reading of filled forms against their truth, by subset and kind, with counts and 95 % intervals.

    Registers the blanks of the folder for this run alone. Plots show fields of the data, the surest wrong ones of each
    kind first: treat them as confidentially as the data itself. The format is described in docs/known-forms.md.
    """
    from evaluation.filled_forms.measure import evaluate_filled_forms
    from evaluation.folder import FolderError
    from evaluation.plots import plots as draw
    from evaluation.result import table
    from forms.form_file import FormError

    def progress(done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            invocation.say(f"{done} of {total} files")

    try:
        measured = evaluate_filled_forms(data, subset=subset, limit=limit, dpi=dpi, progress=progress)
    except (FolderError, FormError) as error:
        raise WrongUse(str(error)) from error
    if plots is not None:
        for path in draw(measured, plots):
            invocation.say(f"wrote {path}")
    click.echo(json.dumps(measured.as_json(), indent=2) if output is Output.JSON else table(measured))
