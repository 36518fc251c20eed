"""`docbeam dev`: the verbs of the local stack. Answers go to stdout, progress to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from devstack import stack
from devstack.endpoints import as_toml
from devstack.failure import StackError
from devstack.fonts import font_folder
from devstack.logs import logs as read_logs
from devstack.stack import PARTS, USUAL, PartState, PartStatus

FAILED = 1
NOT_READY = 3
FLINK = "flink"

_state_dir = click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=stack.DEFAULT_STATE_DIR,
    show_default=True,
    help="Where pid files, logs, ports, generated settings and stored records are.",
)
_part_name = click.Choice(PARTS)


@click.group()
def dev() -> None:
    """Run the real parts docbeam talks to on this machine: no root, no containers, loopback only.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not ready.
    """


@dev.command()
@click.argument("parts", nargs=-1, type=_part_name)
@click.option("--flink", is_flag=True, help="A Flink cluster too, for `docbeam run --runner flink`.")
@_state_dir
def up(parts: tuple[str, ...], flink: bool, state_dir: Path) -> None:
    """Start PARTS, or those that a job needs, and wait until each answers.

    The first time fetches and builds them, which takes minutes; later starts take seconds. Parts that run are
    kept, parts that died are started again. Prints where they listen, as a docbeam settings file.
    """
    chosen = (*(parts or USUAL), FLINK) if flink else parts or None
    _or_fail(lambda: click.echo(as_toml(stack.up(chosen, state_dir, _progress()).settings()), nl=False))


@dev.command()
@click.option("--wipe", is_flag=True, help="Also remove what they stored, their logs and their ports.")
@_state_dir
def down(wipe: bool, state_dir: Path) -> None:
    """Stop every part, also after `up` itself was killed. Kafka keeps its records unless --wipe is given."""

    def work() -> None:
        ended = stack.down(state_dir, wipe=wipe)
        click.echo(f"stopped {', '.join(ended)}" if ended else "nothing was running", err=True)

    _or_fail(work)


@dev.command()
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_state_dir
def status(output: str, state_dir: Path) -> None:
    """Show each part: state, ports, process, memory, uptime and log.

    Ends with 3 where nothing was started, or something that was started is not ready.
    """
    rows = stack.status(state_dir)
    if output == "json":
        click.echo(json.dumps([asdict(row) for row in rows], default=str, indent=2))
    else:
        Console(width=None if sys.stdout.isatty() else 200).print(_table(rows))
    started = [row for row in rows if row.state is not PartState.STOPPED]
    if not started or any(row.state is not PartState.READY for row in started):
        sys.exit(NOT_READY)


@dev.command()
@click.argument("part", required=False, type=_part_name)
@click.option("-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="Of each part.")
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines until interrupted.")
@_state_dir
def logs(part: str | None, lines: int, follow: bool, state_dir: Path) -> None:
    """Print what PART, or every part, has written last."""
    try:
        for line in read_logs(part, lines, follow, state_dir):
            click.echo(line)
    except KeyboardInterrupt:
        return


@dev.command()
def fonts() -> None:
    """Print the folder of the open fonts, which only drawing needs; the first time fetches them through npm."""
    _or_fail(lambda: click.echo(font_folder(_progress())))


def _or_fail(work: Callable[[], None]) -> None:
    try:
        work()
    except (StackError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(FAILED)


def _progress() -> Callable[[str], None]:
    if not sys.stderr.isatty():
        return lambda line: click.echo(line, err=True)
    console = Console(stderr=True, highlight=False)

    def say(line: str) -> None:
        part, _, rest = line.partition(": ")
        console.print(Text.assemble((f"{part:<9} ", "bold"), rest))

    return say


def _table(rows: list[PartStatus]) -> Table:
    table = Table("part", "version", "state", "ports", "pid", "memory", "uptime", "log", box=None)
    for row in rows:
        table.add_row(
            row.part,
            row.version,
            row.state.value,
            ", ".join(f"{name} {port}" for name, port in row.ports.items()),
            str(row.pid or ""),
            f"{row.rss_bytes / 1e6:.0f} MB" if row.rss_bytes is not None else "",
            _duration(row.uptime_seconds),
            str(row.log) if row.pid or row.log.exists() else "",
        )
    return table


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
