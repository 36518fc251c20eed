"""`docbeam analyze`: the same graph over files, here and now."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import Failed, WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_lines, print_rows

if TYPE_CHECKING:
    from config.settings import Settings
    from schemas.result import AnalysisResult


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--use-case", required=True, help="What is to be done with them; see `docbeam usecase list`.")
@click.option(
    "--overlay",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write a picture of each page there, with what was found drawn in.",
)
@output_option(Output.TABLE)
@pass_invocation
def analyze(
    invocation: Invocation, files: tuple[Path, ...], use_case: str, overlay: Path | None, output: Output
) -> None:
    """Analyse FILEs with the graph of the streaming job, bounded, without a broker.

    Prints a row for each page, or with --output json one result a line. Exits with 1 when a document failed.
    """
    from analysis.worker import close_workers, worker
    from docbeam.overlays import draw_overlays
    from docbeam.result_rows import COLUMNS, result_rows
    from schemas.errors import DocbeamError
    from schemas.result import AnalysisResult, ResultStatus
    from schemas.wire import RecordCodec
    from use_cases.registry import all_use_cases

    if use_case not in all_use_cases():
        raise WrongUse(f"there is no use case {use_case!r}; known: {', '.join(sorted(all_use_cases()))}")
    settings = _allowing(files, invocation.settings)
    try:
        results = _analyse(files, use_case, settings, invocation)
        if output is Output.JSON:
            print_lines([RecordCodec(AnalysisResult).to_plain(result) for result in results])
        else:
            rows = [row for file, result in zip(files, results, strict=True) for row in result_rows(result, file.name)]
            print_rows(rows, output, COLUMNS)
        if overlay is not None:
            for place, (file, result) in enumerate(zip(files, results, strict=True), 1):
                try:
                    name = f"{place:02d}-{file.stem}" if len(files) > 1 else file.stem
                    here = worker(settings.documents, settings.analysis)
                    for picture in draw_overlays(result, overlay, name, here):
                        invocation.say(f"picture: {picture}")
                except DocbeamError as error:
                    invocation.say(f"no picture of {file}: {error.message}")
    finally:
        close_workers()
    if any(result.status is ResultStatus.FAILED for result in results):
        raise Failed("some documents failed; the column `errors` says why, `docbeam errors` what to do")


def _allowing(files: Sequence[Path], settings: Settings) -> Settings:
    """Whoever names a file on the command line allows it."""
    folders = {file.resolve().parent.as_uri() + "/" for file in files}
    documents = settings.documents.model_copy(update={"allow": (*settings.documents.allow, *sorted(folders))})
    return settings.model_copy(update={"documents": documents})


def _analyse(files: Sequence[Path], use_case: str, settings: Settings, invocation: Invocation) -> list[AnalysisResult]:
    from runners.bounded import analyse_files
    from schemas.request import AnalysisRequest, DocumentReference
    from schemas.result import AnalysisResult
    from schemas.wire import RecordCodec
    from transforms.file_edges import RESULTS

    requests = RecordCodec(AnalysisRequest)
    encoded = [
        requests.to_json(
            AnalysisRequest(f"file-{place}", DocumentReference(file.resolve().as_uri()), use_case)
        ).encode()
        for place, file in enumerate(files)
    ]
    with tempfile.TemporaryDirectory(prefix="docbeam-") as folder:
        done = threading.Event()
        watcher = threading.Thread(target=_report, args=(settings, done, invocation))
        watcher.start()
        try:
            analyse_files(encoded, Path(folder), settings)
        finally:
            done.set()
            watcher.join()
        codec = RecordCodec(AnalysisResult)
        return [codec.from_json((Path(folder) / RESULTS / f"{place}.json").read_bytes()) for place in range(len(files))]


def _report(settings: Settings, done: threading.Event, invocation: Invocation) -> None:
    """Say on stderr which models have answered how often; parts of up to 8 pages each."""
    from analysis.worker import worker

    told = ""
    while not done.wait(1):
        answered = worker(settings.documents, settings.analysis).children.answered
        now = ", ".join(f"{name} {count}" for name, count in answered.items())
        if now and now != told:
            invocation.say(f"answered so far: {now}")
            told = now
