"""`docbeam analyze`: the job's work on files, here and now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from docbeam.exit_codes import Failed, NotReady, WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.option_types import pairs, use_case_option
from docbeam.output import Output, output_option, print_lines, print_rows

if TYPE_CHECKING:
    from analysis.worker import Worker
    from config.settings import Settings
    from schemas.request import AnalysisRequest
    from schemas.result import AnalysisResult, ResultStatus

Show = Callable[[int, "AnalysisResult"], None]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@use_case_option()
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="For the use case. Repeatable.")
@click.option(
    "--overlay",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write a picture of each page there, with what was found drawn in.",
)
@click.option("--fields", is_flag=True, help="Print the fields of the use case, one a row, instead of pages.")
@output_option(Output.TABLE, csv=True)
@pass_invocation
def analyze(
    invocation: Invocation,
    files: tuple[Path, ...],
    use_case: str,
    parameters: tuple[str, ...],
    overlay: Path | None,
    fields: bool,
    output: Output,
) -> None:
    """Analyse FILEs as the streaming job does, without broker or runner.

    Prints a row for each page, with --fields one for each field, or with --output json one result a line as soon as
    it is there, in the order of the FILEs. Ctrl-C prints what is finished. Exits with 1 when a document failed, or not
    all were analysed.
    """
    from runners.preflight import document_problems
    from schemas.request import AnalysisRequest, DocumentReference
    from schemas.result import ResultStatus

    _check(files, use_case)
    free = pairs(parameters, "--parameter")
    requests = (
        AnalysisRequest(f"file-{place}", DocumentReference(file.resolve().as_uri()), use_case, free)
        for place, file in enumerate(files)
    )
    settings = _allowing(files, invocation.settings)
    found = document_problems(settings.documents)
    if found:
        raise NotReady("\n".join(found))
    shown = _Shown(files, output, fields=fields)
    try:
        _analyse(files, requests, settings, invocation, overlay, shown.add)
    finally:
        shown.finish()
    if len(shown.statuses) < len(files):
        raise Failed(f"stopped by Ctrl-C: {len(shown.statuses)} of {len(files)} files were analysed")
    if ResultStatus.FAILED in shown.statuses:
        raise Failed("some documents failed; the column `errors` says why, `docbeam errors` what to do")


class _Shown:
    """What was printed, or will be: the columns of a table are as wide as their widest cell."""

    def __init__(self, files: Sequence[Path], output: Output, *, fields: bool) -> None:
        from schemas.result import AnalysisResult
        from schemas.wire import RecordCodec

        self._files = files
        self._output = output
        self._fields = fields
        self._codec = RecordCodec(AnalysisResult)
        self._rows: list[dict[str, object]] = []
        self._remarks: list[str] = []
        self.statuses: list[ResultStatus] = []

    def add(self, place: int, result: AnalysisResult) -> None:
        from docbeam.result_rows import copy_remarks, field_rows, result_rows

        self.statuses.append(result.status)
        if self._output is Output.JSON:
            print_lines([self._codec.to_plain(result)])
        else:
            rows = field_rows if self._fields else result_rows
            self._rows.extend(rows(result, self._files[place].name))
            self._remarks.extend(copy_remarks(result, self._files[place].name))

    def finish(self) -> None:
        from docbeam.result_rows import COLUMNS, FIELD_COLUMNS

        if self._rows:
            print_rows(self._rows, self._output, FIELD_COLUMNS if self._fields else COLUMNS)
        for remark in self._remarks:
            click.echo(remark, err=True)


def _check(files: Sequence[Path], use_case: str) -> None:
    """Raise WrongUse for what cannot come to anything, before a model is loaded."""
    from use_cases.registry import all_use_cases

    if use_case not in all_use_cases():
        near = get_close_matches(use_case, all_use_cases(), n=1)
        meant = f"Did you mean {near[0]!r}? " if near else ""
        raise WrongUse(f"there is no use case {use_case!r}. {meant}Installed are {', '.join(sorted(all_use_cases()))}")
    for file in files:
        if file.is_dir():
            raise WrongUse(f"{file} is a folder; name the files in it, for example {file}/*.pdf")
        if not file.exists():
            url = (
                " It looks like a URL: those go to the streaming job, with `docbeam send`." if ":/" in str(file) else ""
            )
            raise WrongUse(f"{file}: there is no such file.{url}")


def _allowing(files: Sequence[Path], settings: Settings) -> Settings:
    """Whoever names a file on the command line allows it."""
    folders = {file.resolve().parent.as_uri() + "/" for file in files}
    documents = settings.documents.model_copy(update={"allow": (*settings.documents.allow, *sorted(folders))})
    return settings.model_copy(update={"documents": documents})


def _analyse(
    files: Sequence[Path],
    requests: Iterator[AnalysisRequest],
    settings: Settings,
    invocation: Invocation,
    overlay: Path | None,
    show: Show,
) -> None:
    """Show each file's result, in order; after Ctrl-C those that are there."""
    from analysis.engine import Engine
    from analysis.worker import close_workers, worker

    try:
        here = worker(settings.documents, settings.analysis)
        with _progress(invocation, len(files)), Engine(here) as engine:
            try:
                for place, result in enumerate(engine.answer(requests)):
                    show(place, result)
                    if overlay is not None:
                        _draw(result, files, place, overlay, here, invocation)
            except KeyboardInterrupt:
                for result in engine.finished():
                    show(int(result.request_id.removeprefix("file-")), result)
    finally:
        close_workers()


def _draw(
    result: AnalysisResult, files: Sequence[Path], place: int, folder: Path, here: Worker, invocation: Invocation
) -> None:
    from analysis.draw_overlays import draw_overlays
    from schemas.errors import DocbeamError

    file = files[place]
    name = f"{place + 1:02d}-{file.stem}" if len(files) > 1 else file.stem
    try:
        for picture in draw_overlays(result, folder, name, here):
            invocation.say(f"picture: {picture}")
    except DocbeamError as error:
        invocation.say(f"no picture of {file}: {error.message}")


@contextmanager
def _progress(invocation: Invocation, files: int) -> Iterator[None]:
    """Say on stderr, once a second at most, how many pages each model has answered."""
    from analysis.observe import forget, observe
    from analysis.tally import Tally

    tally, done = Tally(), threading.Event()

    def report() -> None:
        told = ""
        while not done.wait(1):
            pages = ", ".join(f"{model} {count}" for model, count in tally.total.pages.copy().items())
            finished = f"{tally.total.results.total()} of {files} files; " if files > 1 else ""
            if pages and finished + pages != told:
                told = finished + pages
                invocation.say(f"answered so far: {told}")

    watcher = threading.Thread(target=report)
    observe(tally)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        forget(tally)
