"""The options of the program itself, taken before a command and after it with the same meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from docbeam.invocation import Invocation

HEADING = "Global options"
NAMES = ("config", "flags", "verbose", "quiet")
_POINTER = f"{HEADING}, here or before the command: --config, --set, -v, -q. `docbeam --help` explains them."


def add_global_options(command: click.Command, *, hidden: bool = False) -> None:
    """Let the command, and all commands below it, take the global options; `hidden` ones are not in its help."""
    taken = {name for parameter in command.params for name in parameter.opts}
    if "--set" in taken:
        return
    command.params.extend(_options(hidden))
    if hidden and not command.epilog:
        command.epilog = _POINTER
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_global_options(below, hidden=hidden)


def _options(hidden: bool) -> list[click.Option]:
    shared: dict[str, Any] = {"expose_value": False, "hidden": hidden}
    return [
        click.Option(
            ["--config"],
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            callback=_config,
            help="Settings as TOML. Default: $DOCBEAM_CONFIG, or docbeam.toml here.",
            **shared,
        ),
        click.Option(
            ["--set", "flags"],
            multiple=True,
            metavar="SECTION.FIELD=VALUE",
            callback=_flags,
            help="A setting; goes before the environment's and the file's. Repeatable.",
            **shared,
        ),
        click.Option(
            ["-v", "--verbose"], count=True, callback=_verbose, help="More on stderr; -vv for everything.", **shared
        ),
        click.Option(["-q", "--quiet"], is_flag=True, callback=_quiet, help="Only errors on stderr.", **shared),
    ]


def _config(context: click.Context, option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(Invocation).config = value


def _flags(context: click.Context, option: click.Parameter, value: tuple[str, ...]) -> None:
    context.ensure_object(Invocation).flags += value


def _verbose(context: click.Context, option: click.Parameter, value: int) -> None:
    invocation = context.ensure_object(Invocation)
    if value and invocation.verbosity >= 0:
        invocation.verbosity += value
    invocation.start_logging()


def _quiet(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Invocation).verbosity = -1
    context.ensure_object(Invocation).start_logging()
