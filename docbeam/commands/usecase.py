"""`docbeam usecase`: the use cases."""

from __future__ import annotations

from pathlib import Path

import click

from docbeam.exit_codes import WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows


@click.group()
def usecase() -> None:
    """List the use cases, or begin a package with one of your own."""


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


@usecase.command()
@click.argument("name", required=False)
@click.option("--form", "form", required=True, metavar="FORM", help="The registered form whose copies it reads.")
@click.option(
    "--forms",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of forms. Default: the setting analysis.forms.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where the package's folder is made. Default: here.",
)
@pass_invocation
def new(invocation: Invocation, name: str | None, form: str, folder: Path | None, into: Path) -> None:
    """Begin a plug-in package whose use case NAME reads filled copies of a known form.

    Writes INTO/docbeam-NAME: the use case, the form, a test, and a golden case, which is a copy filled in by drawing
    and what is true of it. NAME is the form's by default.
    """
    from clients.making_use_cases.package import PackageError, make_package
    from forms.form_file import FormError
    from forms.registry import all_forms
    from use_cases.registry import all_use_cases

    settings = invocation.settings
    if folder is not None:
        settings = settings.model_copy(update={"analysis": settings.analysis.model_copy(update={"forms": folder})})
    try:
        forms = all_forms(settings.analysis.forms)
    except FormError as error:
        raise WrongUse(str(error)) from error
    if form not in forms:
        raise WrongUse(f"there is no form {form!r}; known forms: {', '.join(sorted(forms)) or 'none'}")
    use_case = name or form
    if taken := all_use_cases().get(use_case):
        raise WrongUse(f"{taken.owner} has a use case {use_case!r} already; give another NAME")
    try:
        made = make_package(forms[form], use_case, into, settings)
    except PackageError as error:
        raise WrongUse(str(error)) from error
    case = made.golden
    invocation.say(f"{made.folder}: its golden case holds {case.fields} fields, {case.filled} of them filled")
    if case.misread:
        invocation.say(f"read otherwise than drawn, so not in the golden case: {', '.join(case.misread)}")
    if made.brings_form:
        own = forms[form].folder
        invocation.say(f"the package brings the form along: when you install it, take {own} out of your forms")
    click.echo(made.folder)
