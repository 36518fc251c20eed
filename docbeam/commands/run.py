"""`docbeam run`: the streaming job."""

from __future__ import annotations

from pathlib import Path

import click

from docbeam.exit_codes import NotReady
from docbeam.invocation import Invocation, pass_invocation


@click.command()
@click.option(
    "--runner",
    type=click.Choice(["local", "flink", "dataflow"]),
    help="Where it runs. Default: the setting runner.kind, which is local unless you changed it.",
)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".docbeam/run"),
    show_default=True,
    help="For the runner's log (local).",
)
@click.option("--max-restarts", type=click.IntRange(min=0), help="Give up after so many restarts (local).")
@click.option("--dry-run", is_flag=True, help="Translate the job and say what it holds, without submitting (dataflow).")
@pass_invocation
def run(invocation: Invocation, runner: str | None, state_dir: Path, max_restarts: int | None, dry_run: bool) -> None:
    """Run the streaming job until it is stopped (local), or submit it (flink, dataflow).

    Locally the job is restarted, with growing pauses, whenever it ends; a restart goes on from the consumer
    group's offsets, which never pass unfinished work. Stop it with Ctrl-C or SIGTERM; nothing is lost by kill -9.
    """
    kind = runner or invocation.settings.runner.kind
    if kind == "local":
        _run_locally(invocation, state_dir, max_restarts)
    elif kind == "flink":
        _submit_to_flink(invocation)
    else:
        _submit_to_dataflow(invocation, dry_run)


def _run_locally(invocation: Invocation, state_dir: Path, max_restarts: int | None) -> None:
    from devstack.failure import StackError
    from devstack.prism import prism_binary
    from documents.fetch import open_cache
    from runners.supervise import Supervisor

    try:
        open_cache(invocation.settings.documents).check()
    except OSError as error:
        # The job would start and answer every request with fetch_failed.
        raise NotReady(
            f"documents cannot be kept on this machine ({error}); set documents.cache_dir to a folder of your own, on "
            "a disk with room"
        ) from None
    try:
        prism = invocation.settings.runner.prism or prism_binary(invocation.say)
    except StackError as error:
        raise NotReady(error.message) from None
    level = "WARNING" if invocation.verbosity < 0 else "DEBUG" if invocation.verbosity > 1 else "INFO"
    code = Supervisor(invocation.settings, prism, state_dir, level).run(max_restarts)
    raise SystemExit(code)


def _submit_to_flink(invocation: Invocation) -> None:
    from runners.flink import RunnerNotReady, submit

    try:
        result = submit(invocation.settings)
    except RunnerNotReady as error:
        raise NotReady(str(error)) from None
    click.echo(f"submitted; the job is {result.state}")


def _submit_to_dataflow(invocation: Invocation, dry_run: bool) -> None:
    from runners.dataflow import RunnerNotReady, submit
    from runners.dataflow import dry_run as translate

    try:
        if dry_run:
            proto = translate(invocation.settings)
            click.echo(f"the job translates: {len(proto.components.transforms)} transforms")
            return
        result = submit(invocation.settings)
    except RunnerNotReady as error:
        raise NotReady(str(error)) from None
    click.echo(f"submitted; the job is {result.state}")
