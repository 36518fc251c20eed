"""`docbeam run`: the streaming job."""

from __future__ import annotations

from pathlib import Path

import click

from docbeam.exit_codes import NotReady
from docbeam.extras import install_line, missing_extra
from docbeam.invocation import Invocation, pass_invocation
from runners.stop_signals import StopSignals


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
    # Before anything that takes a moment: whoever starts the job may stop it at once.
    stop = StopSignals(leave_at_once=True)
    kind = runner or invocation.settings.runner.kind
    if max_restarts is not None and kind != "local":
        raise click.UsageError(f"--max-restarts is for the local runner; {kind} restarts jobs by its own rules")
    if dry_run and kind != "dataflow":
        raise click.UsageError("--dry-run is for --runner dataflow")
    if kind == "local":
        _run_locally(invocation, state_dir, max_restarts, stop)
        return
    stop.give_back()
    if kind == "flink":
        _submit_to_flink(invocation)
    else:
        _submit_to_dataflow(invocation, dry_run)


def _run_locally(invocation: Invocation, state_dir: Path, max_restarts: int | None, stop: StopSignals) -> None:
    from runners.not_ready import RunnerNotReady
    from runners.supervise import Supervisor

    settings = invocation.settings
    if not settings.documents.allow:
        invocation.say("warning: documents.allow is empty, so every document will be refused as location_forbidden")
    level = "WARNING" if invocation.verbosity < 0 else "DEBUG" if invocation.verbosity > 1 else "INFO"
    prism = settings.runner.prism or _built_prism(invocation)
    try:
        code = Supervisor(settings, prism, state_dir, level).run(stop, invocation.say, max_restarts)
    except RunnerNotReady as error:
        raise NotReady(str(error)) from None
    raise SystemExit(code)


def _built_prism(invocation: Invocation) -> Path:
    try:
        from devstack.failure import StackError
        from devstack.prism import prism_binary
    except ModuleNotFoundError as error:
        extra = missing_extra(error)
        if extra is None:
            raise
        raise NotReady(
            f"runner.prism is not set, and docbeam's extra {extra!r}, which builds Prism, is not installed; set "
            f"runner.prism to Beam's Prism, or: {install_line(extra)}"
        ) from None
    try:
        return prism_binary(invocation.say)
    except StackError as error:
        raise NotReady(error.message) from None


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
