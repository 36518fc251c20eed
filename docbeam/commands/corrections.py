"""`docbeam corrections`: what people said of fields."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import ExitCode, WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.option_types import Moment, UseCaseName
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from evaluation.corrected_documents import Exported
    from schemas.correction import Correction

_CACHE_BYTES = 1_000_000_000


@click.group()
def corrections() -> None:
    """Export what people said of fields."""


@corrections.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--from",
    "source",
    type=click.Choice(["bigquery", "topic"]),
    help="Where corrections are read. Default: BigQuery where it is enabled, else the corrections topic.",
)
@click.option("--since", type=Moment(), help="Leave out what was said before: 30m, 2h, 7d, or ISO 8601.")
@click.option("--use-case", type=UseCaseName(), help="Of this use case alone.")
@click.option("--form", help="Of copies of this form alone.")
@output_option()
@pass_invocation
def export(
    invocation: Invocation,
    folder: Path,
    source: str | None,
    since: datetime | None,
    use_case: str | None,
    form: str | None,
    output: Output,
) -> None:
    """Write the pages that people judged, and what they said, as evaluation sets into FOLDER.

    FOLDER/ocr, FOLDER/checkbox, FOLDER/signature are what `docbeam model evaluate` and the trainers take as --data;
    FOLDER/forms, with every kind of field of known forms, is for `docbeam form evaluate` and to fit the form reader.
    The documents are fetched again. Ends with 1 where one of them has changed or is gone: the others are exported.
    """
    found = [
        each
        for each in _read(invocation, source, since)
        if (use_case is None or each.use_case == use_case) and (form is None or each.form == form)
    ]
    if not found:
        raise WrongUse("there are no such corrections")
    done = _exported(invocation, found, folder)
    for request_id, reason in done.refused.items():
        invocation.say(f"{request_id}: left out, {reason}")
    print_rows([{"folder": str(folder), **_flat(done)}], output)
    if done.refused:
        raise click.exceptions.Exit(ExitCode.FAILED)


def _read(invocation: Invocation, source: str | None, since: datetime | None) -> list[Correction]:
    from clients.corrections import from_table, from_topic

    settings = invocation.settings
    chosen = source or ("bigquery" if settings.bigquery.enabled else "topic")
    return (from_table if chosen == "bigquery" else from_topic)(settings, since)


def _exported(invocation: Invocation, found: list[Correction], folder: Path) -> Exported:
    from documents.cache import DocumentCache
    from evaluation.corrected_documents import CorrectionExport
    from forms.registry import all_forms

    by_request = [list(said) for _, said in groupby(sorted(found, key=_request_of), key=_request_of)]
    with tempfile.TemporaryDirectory(prefix="docbeam-corrections-") as kept:
        cache = DocumentCache(Path(kept), _CACHE_BYTES)
        try:
            export = CorrectionExport(folder, invocation.settings.documents, cache, all_forms())
        except FileExistsError as error:
            raise WrongUse(str(error)) from None
        with click.progressbar(
            by_request, label="documents", file=sys.stderr, hidden=invocation.verbosity < 0
        ) as all_of_them:
            for said in all_of_them:
                export.add(said)
        return export.close()


def _request_of(correction: Correction) -> str:
    return correction.request_id


def _flat(done: Exported) -> dict[str, object]:
    said = asdict(done)
    return said | {"fields": dict(done.fields), "left_out": dict(done.left_out), "refused": len(done.refused)}
